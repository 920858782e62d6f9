// Effective user and group names of a process, and the thread of an event. Records hold the names of the real user and group. The
// effective ones are known if both are the same, and for root.
import type { RuleRecord } from '../rule-event.js'
import { recordText } from '../record/record-text.js'

/** What {@link effectiveUserName} reads. */
export const USER_NAME_SOURCE = 'Process.uid Process.euid Process.user'
/** What {@link effectiveGroupName} reads. */
export const GROUP_NAME_SOURCE = 'Process.gid Process.egid Process.group'

/** undefined if it is not known. */
export function effectiveUserName(event: RuleRecord): string | undefined {
  const { process } = event.record
  if (process.euid === process.uid) return recordText(event, 'process.user', process.user)
  return process.euid === 0 ? 'root' : undefined
}

/** undefined if it is not known. */
export function effectiveGroupName(event: RuleRecord): string | undefined {
  const { process } = event.record
  if (process.egid === process.gid) return recordText(event, 'process.group', process.group)
  return process.egid === 0 ? 'root' : undefined
}

/** What {@link threadId} reads of an event with a descriptor. */
export const DESCRIPTOR_THREAD_SOURCE = 'FileEvent.threadId NetworkEvent.threadId KernelEvent.threadId Process.pid'
/** What {@link threadId} reads. */
export const THREAD_SOURCE = `ProcessEvent.threadId ${DESCRIPTOR_THREAD_SOURCE}`

/** Thread id in the host namespace. */
export function threadId(event: RuleRecord): number {
  return event.record.threadId ?? event.record.process.pid
}
