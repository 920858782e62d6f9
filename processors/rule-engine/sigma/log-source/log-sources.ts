// The log sources that records answer, by the names that rules give them, and why all others are not answered.
import { auditd } from './audit/audit-source.js'
import { dnsLookups } from './dns.js'
import { fileAccess, fileDelete, fileEvent, fileRename } from './file-categories.js'
import type { AnsweredSource, LogSource, LogSourceNames } from './log-source.js'
import { networkConnection } from './network-connection.js'
import { processCreation } from './process-creation.js'

const NOT_COLLECTED: Readonly<Record<string, string>> = {
  file_change: 'changes of the times of files are not collected',
  process_access: 'accesses to other processes are told by records of the kernel, without the fields of this category',
  create_remote_thread: 'Linux has no threads that are made in other processes',
  driver_load: 'loads of kernel modules have no fields of this category: hashes, signatures',
  image_load: 'libraries that are loaded are not collected',
  process_termination: 'ends of processes are not shown as this category yet',
}

const CATEGORIES: Readonly<Record<string, () => AnsweredSource>> = {
  process_creation: processCreation,
  file_event: fileEvent,
  file_rename: fileRename,
  file_delete: fileDelete,
  file_access: fileAccess,
  network_connection: networkConnection,
  dns_query: dnsLookups,
  dns: dnsLookups,
}

/** The log sources; each is made once per load, when a rule asks for it. */
export class LogSources {
  readonly #made = new Map<string, AnsweredSource>()

  find({ product, category, service }: LogSourceNames): LogSource {
    if (product !== null && product !== 'linux') return { isAnswered: false, reason: `events of ${product} are not collected` }
    if (service === 'auditd') return this.#once('service auditd', auditd)
    if (service !== null) return { isAnswered: false, reason: `the log of ${service} is not read` }
    if (category === null) return { isAnswered: false, reason: 'logs of any service are not read' }
    const make = Object.hasOwn(CATEGORIES, category) ? CATEGORIES[category] : undefined
    if (make !== undefined) return this.#once(category, make)
    const known = Object.hasOwn(NOT_COLLECTED, category) ? NOT_COLLECTED[category] : undefined
    return { isAnswered: false, reason: known ?? `events of category ${category} are not collected` }
  }

  /** The same object each time: evaluators keep the verdict on a scope from rule to rule. */
  #once(name: string, make: () => AnsweredSource): AnsweredSource {
    const made = this.#made.get(name) ?? make()
    this.#made.set(name, made)
    return made
  }
}

/** Every category and service that records answer, with its fields: for documentation. */
export function answeredSources(): readonly (readonly [name: string, source: AnsweredSource])[] {
  const categories = Object.entries(CATEGORIES).map(([name, make]) => [`category ${name}`, make()] as const)
  return [...categories, ['service auditd', auditd()] as const]
}
