// The origin of a process: its ancestors, the arguments of its parent, and the leaders of its session and process group, as of its
// fork or last exec. Computed once per image of the parent and shared by all its children.
import type { EncodedFields } from './encoded-process.js'

/** One ancestor at one moment. */
export interface Ancestor {
  readonly pid: number
  readonly startUs: number
  readonly name: Uint8Array
  /** First argument, bounded; empty if unknown. */
  readonly exe: Uint8Array
  readonly exePath: Uint8Array | null
  /** @see TaskFacts */
  readonly exeFlags: number
  /** @see ProcessTexts */
  readonly program: Uint8Array | null
}

/** Ancestors, parent first, and the parent's arguments, each NUL-terminated, both within the bounds of the process table. */
export class Lineage {
  readonly ancestors: readonly Ancestor[]
  readonly parentArgs: Uint8Array
  /** Secrets that were replaced in the arguments of the parent. */
  readonly parentArgsRedacted: number
  /** The fields `ancestors` and `parentArgs`, stored here by the encoder. */
  encoded: EncodedFields | null = null

  constructor(ancestors: readonly Ancestor[], parentArgs: Uint8Array, parentArgsRedacted = 0) {
    this.ancestors = ancestors
    this.parentArgs = parentArgs
    this.parentArgsRedacted = parentArgsRedacted
  }
}

/** Leaders that are neither the process nor one of its ancestors; null for other and unknown leaders. */
export interface Leaders {
  readonly session: Ancestor | null
  readonly group: Ancestor | null
}

/** No leader to report. */
export const NO_LEADERS: Leaders = { session: null, group: null }

/** The process whose leaders are resolved. */
interface LedProcess {
  readonly pid: number
  readonly sessionId: number
  readonly processGroupId: number
  readonly lineage: Lineage
}

/**
 * The leaders to report. A pid is not reused while it names a session or a group, so its owner is the leader.
 * @param processOf returns the owner of a pid at a time; null when it has ended or is not known
 */
export function leadersOf(led: LedProcess, processOf: (pid: number, bootUs: number) => Ancestor | null, bootUs: number): Leaders {
  const { sessionId, processGroupId } = led
  const isSessionIncluded = isIncluded(led, sessionId)
  const isGroupIncluded = processGroupId === sessionId ? isSessionIncluded : isIncluded(led, processGroupId)
  if (isSessionIncluded && isGroupIncluded) return NO_LEADERS
  const session = isSessionIncluded ? null : processOf(sessionId, bootUs)
  if (isGroupIncluded) return session === null ? NO_LEADERS : { session, group: null }
  return { session, group: processGroupId === sessionId ? session : processOf(processGroupId, bootUs) }
}

/** The leader is none, the process itself, or one of its ancestors. */
function isIncluded({ pid, lineage }: LedProcess, leader: number): boolean {
  if (leader === 0 || leader === pid) return true
  for (const ancestor of lineage.ancestors) if (ancestor.pid === leader) return true
  return false
}
