// The type of an event as rules name it (`evt.type`): the system call, or Falco's name for what is none.
import type { RecordHead } from '../../judged-event.js'

/** null for events that no kernel call made (a snapshot): no rule is asked about them. */
export function eventTypeOf(event: RecordHead): string | null {
  if (event.topic === 'file') return event.record.syscall === 'UNKNOWN' ? null : event.record.syscall
  const { type, syscall } = event.record
  if (type === 'exit') return 'procexit'
  if (type === 'snapshot' || type === 'UNKNOWN') return null
  if (syscall !== 'UNKNOWN') return syscall
  return type === 'exec' ? 'execve' : 'clone'
}

/** Event types that the records of a topic may have. */
export const COLLECTED_TYPES_OF: Readonly<Record<RecordHead['topic'], readonly string[]>> = {
  process: ['execve', 'execveat', 'clone', 'clone3', 'fork', 'vfork', 'procexit'],
  file: ['open', 'openat', 'openat2', 'creat'],
}

/** Event types that records exist for. A rule about none of them can't fire yet. */
export const COLLECTED_EVENT_TYPES: readonly string[] = [...COLLECTED_TYPES_OF.process, ...COLLECTED_TYPES_OF.file]
