// The port between the pipeline and the hashing of executables: SHA-256 by file identity. The implementation decides whether and when to compute one.
import type { ProcessImage } from '../processes/process-entry.js'
import type { TaskFacts } from '../ring-events/task-facts.js'

/** Hashes of executables. */
export interface ExecutableHashes {
  /** Changes when a hash becomes known after it was requested. */
  readonly generation: number
  /** SHA-256 of the executable, 64 hex digits; null while unknown. */
  of(facts: TaskFacts): string | null
  /** The process has just executed this file: now it can be read. */
  executed(image: ProcessImage): void
  /** The process already runs this file: it is read in the background. */
  running(image: ProcessImage): void
  /** A new batch of records starts. */
  beginBatch(): void
}

/** Computes no hashes. */
export const NO_HASHES: ExecutableHashes = {
  generation: 0,
  of: () => null,
  executed: () => undefined,
  running: () => undefined,
  beginBatch: () => undefined,
}

/** Identity of the executable, from the exec record. */
export function executableKey({ exeDevice, exeInodeHigh, exeInodeLow, exeCtimeUs }: TaskFacts): string {
  return `${String(exeDevice)}:${String(exeInodeHigh)}:${String(exeInodeLow)}:${String(exeCtimeUs)}`
}
