// Hashes of executables that are put off while the collector is above a limit of its own. What is known already is still told; a file that was put off is
// hashed at its next exec.
import type { ExecutableHashes } from '../executables/executable-hashes.js'
import type { ProcessImage } from '../processes/process-entry.js'
import type { TaskFacts } from '../ring-events/task-facts.js'
import type { OwnUse } from './own-use.js'

/** @see ExecutableHashes */
export class LimitedHashes implements ExecutableHashes {
  readonly #hashes: ExecutableHashes
  readonly #ownUse: Pick<OwnUse, 'may'>

  constructor(hashes: ExecutableHashes, ownUse: Pick<OwnUse, 'may'>) {
    this.#hashes = hashes
    this.#ownUse = ownUse
  }

  get generation(): number {
    return this.#hashes.generation
  }

  of(facts: TaskFacts): string | null {
    return this.#hashes.of(facts)
  }

  executed(image: ProcessImage): void {
    if (this.#hashes.of(image.facts) !== null || this.#ownUse.may('hashes')) this.#hashes.executed(image)
  }

  running(image: ProcessImage): void {
    if (this.#hashes.of(image.facts) !== null || this.#ownUse.may('hashes')) this.#hashes.running(image)
  }

  beginBatch(): void {
    this.#hashes.beginBatch()
  }
}
