// The leaders of the session and of the process group that a process is in, as they were when it was made or executed a file.
// Most processes lead themselves or are led by an ancestor, which an event carries already; only other leaders are told.
import type { Ancestor, Lineage } from './lineage.js'

/** Leaders that are neither the process nor one of its ancestors; null for the others, and for those that are not known. */
export interface Leaders {
  readonly session: Ancestor | null
  readonly group: Ancestor | null
}

/** No leader to tell of. */
export const NO_LEADERS: Leaders = { session: null, group: null }

/** What is asked about. */
export interface LedProcess {
  readonly pid: number
  readonly sessionId: number
  readonly processGroupId: number
  readonly lineage: Lineage
}

/**
 * The leaders to tell of. A pid is not given anew while it names a session or a group, so who has it is the leader.
 * @param processOf who has a pid; null when it has ended or is not known
 */
export function leadersOf({ pid, sessionId, processGroupId, lineage }: LedProcess, processOf: (pid: number) => Ancestor | null): Leaders {
  const isTold = (leader: number): boolean => leader === 0 || leader === pid || isAncestor(lineage, leader)
  const isSessionTold = isTold(sessionId)
  const isGroupTold = processGroupId === sessionId ? isSessionTold : isTold(processGroupId)
  if (isSessionTold && isGroupTold) return NO_LEADERS
  const session = isSessionTold ? null : processOf(sessionId)
  if (isGroupTold) return session === null ? NO_LEADERS : { session, group: null }
  return { session, group: processGroupId === sessionId ? session : processOf(processGroupId) }
}

function isAncestor({ ancestors }: Lineage, pid: number): boolean {
  for (const ancestor of ancestors) if (ancestor.pid === pid) return true
  return false
}
