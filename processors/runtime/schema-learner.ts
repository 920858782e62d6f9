// Looks up the schemas that the records of a batch name and the codec does not know. Bounded: whoever writes to a topic can name any id,
// so that an id that nobody knew is not asked for again for a while.
import { isRetryable } from '../../infra/process/errors.js'
import { SchemaUnknownError } from '../../schemas/record-errors.js'
import type { AttemptOutcome } from './attempt.js'

/** Most ids that are remembered as unknown. */
const MAX_HOPELESS = 1_000
/** How long an id is taken as unknown, milliseconds: someone may register it. */
const HOPELESS_MS = 30_000

/** What is asked; the codec. */
export interface SchemaTeacher {
  /** @throws SchemaUnknownError when nobody knows it, or a retryable error */
  learn(schemaId: number): Promise<void>
}

/** Learns schemas for one function. */
export class SchemaLearner {
  readonly #teacher: SchemaTeacher
  readonly #hopelessUntilMs = new Map<number, number>()

  constructor(teacher: SchemaTeacher) {
    this.#teacher = teacher
  }

  /**
   * Looks up the schemas for want of which records failed.
   * @returns true when one was learned: the attempt is worth another one
   * @throws what is retryable: the registry is away
   */
  async learnFor(outcome: AttemptOutcome): Promise<boolean> {
    const errors = outcome.kind === 'threw' ? [outcome.error] : [...outcome.failures.values()]
    const ids = new Set(errors.flatMap((error) => (error instanceof SchemaUnknownError ? [error.schemaId] : [])))
    let isWiser = false
    for (const id of ids) isWiser = (await this.#learn(id)) || isWiser
    return isWiser
  }

  async #learn(id: number): Promise<boolean> {
    if ((this.#hopelessUntilMs.get(id) ?? 0) > performance.now()) return false
    this.#hopelessUntilMs.delete(id)
    try {
      await this.#teacher.learn(id)
      return true
    } catch (error) {
      if (isRetryable(error)) throw error
      this.#remember(id)
      return false
    }
  }

  #remember(id: number): void {
    this.#hopelessUntilMs.set(id, performance.now() + HOPELESS_MS)
    if (this.#hopelessUntilMs.size <= MAX_HOPELESS) return
    for (const oldest of this.#hopelessUntilMs.keys()) {
      this.#hopelessUntilMs.delete(oldest)
      return
    }
  }
}
