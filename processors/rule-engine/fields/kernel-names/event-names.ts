// Names of events: what `evt.type` may be compared with. A name that no kernel and no Falco has is a mistake in the rule.
// Knows nothing of which of them are collected; that is analysis/event-types.ts.
import { callNames } from '../../../../schemas/calls.js'

/** Names that Falco has for system calls of other architectures, or for operations of socketcall. */
const FALCO_CALLS = 'fstatat llseek recv send sync_file_range2'
/** Events that are no system calls, by Falco's names. */
const OTHER_NAMES =
  'procexit procinfo switch sysdigevent signaldeliver drop cpu_hotplug page_fault_user page_fault_kernel page_fault syscall container ' +
  'infra notification k8s mesos tracer pluginevent asyncevent group_added user_added group_deleted user_deleted container_removed ' +
  'NA1 NA2 NA3 generic syscalldescr unknown'
/** Events that only our records have. */
const OWN_NAMES = 'dns io_uring oom_kill'

const EVENT_NAMES: ReadonlySet<string> = new Set([...callNames(), ...`${FALCO_CALLS} ${OTHER_NAMES} ${OWN_NAMES}`.split(' ')])

/** May `evt.type` be compared with it? */
export function isEventName(name: string): boolean {
  return EVENT_NAMES.has(name)
}

/** All of them. */
export function eventNames(): Iterable<string> {
  return EVENT_NAMES
}
