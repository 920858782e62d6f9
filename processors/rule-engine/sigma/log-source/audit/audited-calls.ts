// System calls that events are shown for as records of auditd, with their numbers on x86-64.
import { CALL_NUMBERS } from '../../../../../schemas/generated/calls.js'
import { COLLECTED_TYPES_OF } from '../../../fields/record/event-type.js'

/** Calls that start a program. */
export const EXECS: readonly string[] = ['execve', 'execveat']

/** Types of events that are no system calls. */
const NO_CALLS: readonly string[] = ['procexit', 'dns', 'io_uring', 'signaldeliver', 'oom_kill']

/** Every system call that records exist for. */
export const CALLS: readonly string[] = Object.values(COLLECTED_TYPES_OF)
  .flat()
  .filter((type) => !NO_CALLS.includes(type))

/** The number of a system call on x86-64, decimal; null for one that it does not have. */
export function callNumber(name: string): string | null {
  return name in CALL_NUMBERS ? String(CALL_NUMBERS[name as keyof typeof CALL_NUMBERS]) : null
}
