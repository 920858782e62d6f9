// Log sources of Sigma rules: which of our events each one means, the fields it has, or why no record answers it.
import type { BoundExpression } from '../../compile/bound-tree.js'
import { auditd } from './audit/audit-source.js'
import { dnsLookups } from './dns.js'
import { fileAccess, fileDelete, fileEvent, fileRename } from './file-categories.js'
import { networkConnection } from './network-connection.js'
import { processCreation } from './process-creation.js'
import type { RecordShape } from './record-shape.js'
import type { SigmaFields } from './sigma-fields.js'

/** `logsource` of a rule; null for what it leaves open. */
export interface LogSourceNames {
  readonly product: string | null
  readonly category: string | null
  readonly service: string | null
}

/** A log source that records answer. */
export interface AnsweredSource {
  readonly isAnswered: true
  /** What an event must be before a rule is asked. */
  readonly scope: BoundExpression
  readonly fields: SigmaFields
  /** Records as which one event is shown, each judged by itself; none where an event is one record. */
  readonly shapes: readonly RecordShape[]
  /** Why none of the shapes can fulfil a condition, in sentences. */
  readonly whyNever?: (condition: BoundExpression) => readonly string[]
}

/** What a log source is here. */
export type LogSource = AnsweredSource | { readonly isAnswered: false; readonly reason: string }

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

/** `product linux, category process_creation`: the source of a rule as lists show it. */
export function logSourceText({ product, category, service }: LogSourceNames): string {
  const parts = [
    ['product', product],
    ['category', category],
    ['service', service],
  ]
  return parts.flatMap(([name, value]) => (value === null ? [] : [`${String(name)} ${String(value)}`])).join(', ')
}
