// The thread behind an event: the one that made the call, or the first of the process when no thread is told.
import type { RuleRecord } from '../../judged-event.js'

/** What {@link threadId} reads. */
export const THREAD_SOURCE = 'ProcessEvent.threadId FileEvent.threadId NetworkEvent.threadId KernelEvent.threadId Process.pid'

export function threadId(event: RuleRecord): number {
  return event.record.threadId ?? event.record.process.pid
}
