// What the pipeline asks about executables: their SHA-256, by the file's identity. Whether and when it is computed is not its matter.
import type { ProcessImage } from '../processes/process-entry.js'
import type { TaskFacts } from '../ring-events/task-facts.js'

/** Hashes of executables. */
export interface ExecutableHashes {
  /** Changes whenever a hash became known after it was asked for. */
  readonly generation: number
  /** SHA-256 of the executable, 64 hex digits; null while it is not known. */
  of(facts: TaskFacts): string | null
  /** The process has just begun this executable: now it can be read. */
  executed(image: ProcessImage): void
  /** The process runs it already: it is read when there is time. */
  running(image: ProcessImage): void
  /** A batch of records is handled from here on. */
  beginBatch(): void
}

/** Hashes of nothing: costs nothing. */
export const NO_HASHES: ExecutableHashes = {
  generation: 0,
  of: () => null,
  executed: () => undefined,
  running: () => undefined,
  beginBatch: () => undefined,
}

/** Identity of the file of a process, as the record of its exec tells it. */
export function executableKey({ exeDevice, exeInodeHigh, exeInodeLow, exeCtimeUs }: TaskFacts): string {
  return `${String(exeDevice)}:${String(exeInodeHigh)}:${String(exeInodeLow)}:${String(exeCtimeUs)}`
}
