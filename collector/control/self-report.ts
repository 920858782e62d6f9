// What a running collector says about its own process, to whoever may ask it (`eunomia doctor`).
import { capabilitiesText } from '../../infra/process/capability-names.js'
import { heldPrivileges } from '../../native/held-privileges.js'

/** The answer to GET /self. */
export interface SelfReport {
  readonly pid: number
  readonly userId: number
  readonly threads: number
  /** Capabilities that any of its threads has, by name. */
  readonly capabilities: readonly string[]
  /** Programs that it may start get no more than it has. */
  readonly noNewPrivileges: boolean
  /** Counters `own.*` of the heartbeat (limits/own-use.ts); null while it starts or ends. */
  readonly use: Readonly<Record<string, number>> | null
}

const USE = 'own.'

/** Looks at this process. @param counters of the heartbeat */
export function selfReport(counters: Readonly<Record<string, number>> | null): SelfReport {
  const use =
    counters === null
      ? null
      : Object.fromEntries(
          Object.entries(counters).flatMap(([name, count]) => (name.startsWith(USE) ? [[name.slice(USE.length), count]] : [])),
        )
  const { threads, permitted, noNewPrivileges } = heldPrivileges()
  const capabilities = permitted === 0 ? [] : capabilitiesText(permitted).split(' ')
  return { pid: process.pid, userId: process.geteuid?.() ?? 0, threads, capabilities, noNewPrivileges, use }
}
