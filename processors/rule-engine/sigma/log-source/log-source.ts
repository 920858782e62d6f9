// Log sources of Sigma rules: which of our events each one means, the fields it has, or why no record answers it.
import { compileCondition } from '../../compile/compile-condition.js'
import type { BoundExpression } from '../../compile/bound-tree.js'
import { parseCondition } from '../../language/parser.js'
import { fileEventFields, processCreationFields } from './field-names.js'
import type { SigmaFields } from './field-names.js'

/** `logsource` of a rule; null for what it leaves open. */
export interface LogSourceNames {
  readonly product: string | null
  readonly category: string | null
  readonly service: string | null
}

/** What a log source is here. */
export type LogSource =
  | { readonly isAnswered: true; readonly scope: BoundExpression; readonly fields: SigmaFields }
  | { readonly isAnswered: false; readonly reason: string }

/** A program that has been started: the exec itself, and not one that was refused. */
const STARTED = 'evt.type in (execve, execveat) and evt.rawres >= 0'
/** A file that has been created, or opened to be written: what Sysmon calls created or overwritten, and appended to besides. */
const WRITTEN =
  'evt.type in (open, openat, openat2, creat) and fd.num >= 0 and (evt.is_open_create = true or evt.is_open_write = true) and fd.typechar = f'

const NOT_COLLECTED: Readonly<Record<string, string>> = {
  network_connection: 'connections are not collected yet',
  dns_query: 'names that are looked up are not collected yet',
  dns: 'names that are looked up are not collected yet',
  file_delete: 'deletions of files are not collected yet',
  file_rename: 'renames of files are not collected yet',
  file_change: 'changes of times and owners of files are not collected yet',
  file_access: 'which opens count as an access is not settled yet',
  process_access: 'accesses to other processes are not collected yet',
  create_remote_thread: 'accesses to other processes are not collected yet',
  driver_load: 'kernel modules that are loaded are not collected yet',
}

/** The log sources; made once per load. */
export class LogSources {
  readonly #answered: ReadonlyMap<string, LogSource>

  constructor() {
    this.#answered = new Map<string, LogSource>([
      ['process_creation', { isAnswered: true, scope: compiled(STARTED), fields: processCreationFields() }],
      ['file_event', { isAnswered: true, scope: compiled(WRITTEN), fields: fileEventFields() }],
    ])
  }

  find({ product, category, service }: LogSourceNames): LogSource {
    if (product !== null && product !== 'linux') return { isAnswered: false, reason: `events of ${product} are not collected` }
    if (service === 'auditd') return { isAnswered: false, reason: 'events are not shown as records of auditd yet' }
    if (service !== null) return { isAnswered: false, reason: `the log of ${service} is not read` }
    if (category === null) return { isAnswered: false, reason: 'logs of any service are not read' }
    const known = this.#answered.get(category)
    if (known !== undefined) return known
    return { isAnswered: false, reason: NOT_COLLECTED[category] ?? `events of category ${category} are not collected` }
  }
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

function compiled(condition: string): BoundExpression {
  const { expression, errors } = compileCondition(parseCondition(condition))
  if (expression === null) throw new TypeError(`${condition}: ${errors.map(({ message }) => message).join('; ')}`)
  return expression
}
