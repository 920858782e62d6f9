// The thread behind an event: the one that made the call, or the first of the process when no thread is told.
import type { RuleRecord } from '../judged-event.js'

/** What {@link threadId} reads of an event with a descriptor. */
export const DESCRIPTOR_THREAD_SOURCE = 'FileEvent.threadId NetworkEvent.threadId KernelEvent.threadId Process.pid'
/** What {@link threadId} reads. */
export const THREAD_SOURCE = `ProcessEvent.threadId ${DESCRIPTOR_THREAD_SOURCE}`

/** Thread id in the host namespace. */
export function threadId(event: RuleRecord): number {
  return event.record.threadId ?? event.record.process.pid
}
