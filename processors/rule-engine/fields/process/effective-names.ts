// Names of the effective user and group of a process. Records hold the names of the real ones; of the effective ones they are known where both
// are the same, and of root.
import type { RuleRecord } from '../judged-event.js'
import { recordText } from '../record/record-text.js'

/** What {@link effectiveUserName} reads. */
export const USER_NAME_SOURCE = 'Process.uid Process.euid Process.user'
/** What {@link effectiveGroupName} reads. */
export const GROUP_NAME_SOURCE = 'Process.gid Process.egid Process.group'

/** undefined when it is not known. */
export function effectiveUserName(event: RuleRecord): string | undefined {
  const { process } = event.record
  if (process.euid === process.uid) return recordText(event, 'process.user', process.user)
  return process.euid === 0 ? 'root' : undefined
}

/** undefined when it is not known. */
export function effectiveGroupName(event: RuleRecord): string | undefined {
  const { process } = event.record
  if (process.egid === process.gid) return recordText(event, 'process.group', process.group)
  return process.egid === 0 ? 'root' : undefined
}
