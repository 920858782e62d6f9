// The texts of a process: arguments, executable, working directory. Made by an exec, shared by the processes that it forks.
import { copyBytes } from '../ring-events/copy-bytes.js'
import type { ExecRecord } from '../ring-events/exec-record.js'
import { TEXT } from '../ring-events/text-flags.js'
import { pathOfWalked } from '../ring-events/walked-path.js'

const NO_BYTES = new Uint8Array(0)

/** Immutable; bytes as the kernel has them. */
export interface ProcessTexts {
  /** Arguments, each NUL-terminated, the last one maybe cut. */
  readonly args: Uint8Array
  /** Length of all arguments with their terminators before they were cut. */
  readonly argsTotal: number
  readonly isArgsTruncated: boolean
  /** Null for kernel threads, and when it is not known. */
  readonly exePath: Uint8Array | null
  /** Null when it is not known. */
  readonly cwd: Uint8Array | null
}

/** Texts of a process of which nothing is known. */
export const UNKNOWN_TEXTS: ProcessTexts = { args: NO_BYTES, argsTotal: 0, isArgsTruncated: false, exePath: null, cwd: null }

/** Copies the texts of an exec out of the ring. */
export function textsOfExec(bytes: Uint8Array, record: ExecRecord, hasExecutable: boolean): ProcessTexts {
  const { argsStart, argsEnd, argsTotal, exePathEnd, cwdEnd, textFlags } = record
  return {
    args: copyBytes(bytes, argsStart, argsEnd),
    argsTotal,
    isArgsTruncated: argsTotal > argsEnd - argsStart || (textFlags & TEXT.argsTruncated) !== 0,
    exePath: hasExecutable ? pathOfWalked(bytes, argsEnd, exePathEnd, (textFlags & TEXT.exePathTruncated) !== 0) : null,
    cwd: pathOfWalked(bytes, exePathEnd, cwdEnd, (textFlags & TEXT.cwdTruncated) !== 0),
  }
}

/** The first argument, at most `maxBytes` of it; empty when there is none. */
export function firstArgument(texts: ProcessTexts, maxBytes: number): Uint8Array {
  const end = texts.args.indexOf(0)
  const length = Math.min(end < 0 ? texts.args.length : end, maxBytes)
  return copyBytes(texts.args, 0, length)
}
