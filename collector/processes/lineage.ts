// The origin of a process: its ancestors, the arguments of its parent, and the leaders of its session and process group, as they were at its
// fork or last exec. Computed once per image of the parent and shared by all its children.
import type { EncodedFields } from './encoded-process.js'

/** One ancestor at one moment. */
export interface Ancestor {
  readonly pid: number
  readonly startUs: number
  readonly name: Uint8Array
  /** First argument, bounded; empty when it is not known. */
  readonly exe: Uint8Array
  readonly exePath: Uint8Array | null
}

/** Ancestors, parent first, and the parent's arguments, each NUL-terminated, both within the bounds of the process table. */
export class Lineage {
  readonly ancestors: readonly Ancestor[]
  readonly parentArgs: Uint8Array
  /** The fields `ancestors` and `parentArgs`, stored here by the encoder. */
  encoded: EncodedFields | null = null

  constructor(ancestors: readonly Ancestor[], parentArgs: Uint8Array) {
    this.ancestors = ancestors
    this.parentArgs = parentArgs
  }
}

/** Leaders that are neither the process nor one of its ancestors; null for the others, and for those that are not known. */
export interface Leaders {
  readonly session: Ancestor | null
  readonly group: Ancestor | null
}

/** No leader to tell of. */
export const NO_LEADERS: Leaders = { session: null, group: null }

/** What is asked about. */
interface LedProcess {
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
