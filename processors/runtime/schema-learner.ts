// Looks up the schemas that the records of a batch name and the codec does not know. Any writer of a topic can name any id, so lookups are
// bounded: an id that the registry does not have is not requested again for a while, and the ids requested per second are limited.
import { isRetryable } from '../../infra/process/errors.js'
import type { Counter, Metrics } from '../../infra/process/metrics.js'
import { SchemaUnknownError } from '../../schemas/record-errors.js'
import type { AttemptOutcome } from './attempt.js'

/** Most ids remembered as unknown. */
const MAX_UNKNOWN = 1_000
/** How long an id counts as unknown, milliseconds: it may be registered meanwhile. */
const UNKNOWN_MS = 30_000
/** Largest burst of lookups, as after an upgrade of many writers, and lookups per second after that. */
const BURST = 100
const PER_SECOND = 10

/** Where schemas are looked up: the codec. */
export interface SchemaTeacher {
  /** @throws SchemaUnknownError for an unknown one, or a retryable error */
  learn(schemaId: number): Promise<void>
}

/** Looks up schemas for one function. */
export class SchemaLearner {
  readonly #teacher: SchemaTeacher
  readonly #nowMs: () => number
  readonly #unknownUntilMs = new Map<number, number>()
  readonly #lookups: (outcome: 'learned' | 'unknown' | 'remembered' | 'limited') => Counter
  #tokens = BURST
  #refilledMs: number

  /** @param nowMs milliseconds, never going back; default performance.now */
  constructor(teacher: SchemaTeacher, metrics: Metrics, nowMs: () => number = () => performance.now()) {
    this.#teacher = teacher
    this.#nowMs = nowMs
    this.#refilledMs = nowMs()
    const lookups = metrics.counter(
      'eunomia_schema_lookups_total',
      'Schema ids that the codec did not know, by result of the lookup',
      'outcome',
    )
    this.#lookups = (outcome) => lookups.with(outcome)
  }

  /**
   * Looks up the schemas whose absence made records fail.
   * @returns null when one was learned, so that another attempt makes sense; otherwise the outcome, which says of ids over the limit that they were
   * not looked up
   * @throws a retryable error when the registry does not answer
   */
  async learnFor(outcome: AttemptOutcome): Promise<AttemptOutcome | null> {
    if (outcome.kind === 'deferred') return outcome
    const errors = outcome.kind === 'threw' ? [outcome.error] : [...outcome.failures.values()]
    const ids = new Set(errors.flatMap((error) => (error instanceof SchemaUnknownError ? [error.schemaId] : [])))
    const limited = new Set<number>()
    let hasLearned = false
    for (const id of ids) {
      const found = await this.#learn(id)
      this.#lookups(found).add()
      if (found === 'learned') hasLearned = true
      if (found === 'limited') limited.add(id)
    }
    if (hasLearned) return null
    return limited.size === 0 ? outcome : withReason(outcome, limited)
  }

  async #learn(id: number): Promise<'learned' | 'unknown' | 'remembered' | 'limited'> {
    if ((this.#unknownUntilMs.get(id) ?? 0) > this.#nowMs()) return 'remembered'
    this.#unknownUntilMs.delete(id)
    if (!this.#takeToken()) return 'limited'
    try {
      await this.#teacher.learn(id)
      return 'learned'
    } catch (error) {
      // An unavailable registry must not use up the lookups: the batch is retried.
      if (isRetryable(error)) this.#tokens++
      if (isRetryable(error)) throw error
      this.#remember(id)
      return 'unknown'
    }
  }

  #takeToken(): boolean {
    const nowMs = this.#nowMs()
    this.#tokens = Math.min(BURST, this.#tokens + ((nowMs - this.#refilledMs) / 1000) * PER_SECOND)
    this.#refilledMs = nowMs
    if (this.#tokens < 1) return false
    this.#tokens--
    return true
  }

  #remember(id: number): void {
    this.#unknownUntilMs.set(id, this.#nowMs() + UNKNOWN_MS)
    if (this.#unknownUntilMs.size <= MAX_UNKNOWN) return
    for (const oldest of this.#unknownUntilMs.keys()) {
      this.#unknownUntilMs.delete(oldest)
      return
    }
  }
}

/** The outcome, whose errors about these ids say why they were not looked up. */
function withReason(outcome: Exclude<AttemptOutcome, { kind: 'deferred' }>, ids: ReadonlySet<number>): AttemptOutcome {
  const reasonOf = (error: unknown): unknown =>
    error instanceof SchemaUnknownError && ids.has(error.schemaId)
      ? new SchemaUnknownError(
          error.schemaId,
          `it was not looked up: more than ${String(PER_SECOND)} unknown ids per second, redrive it later`,
        )
      : error
  if (outcome.kind === 'threw') return { kind: 'threw', error: reasonOf(outcome.error) }
  return { ...outcome, failures: new Map([...outcome.failures].map(([index, error]) => [index, reasonOf(error)])) }
}
