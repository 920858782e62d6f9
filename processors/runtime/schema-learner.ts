// Looks up the schemas that the records of a batch name and the codec does not know. Any writer of a topic can name any id. The ids that are
// registered for the topic come in one list, whatever a flood of others names. Lookups of ids that are not in it are bounded: an id that the
// registry does not have is not requested again for a while, and the ids requested per second are limited.
import { isRetryable } from '../../infra/process/errors.js'
import type { Counter, Metrics } from '../../infra/process/metrics.js'
import type { TopicKey } from '../../infra/topic-log/topics.js'
import { pause } from '../../infra/waiting/clock.js'
import { SchemaUnknownError } from '../../schemas/record-errors.js'
import type { AttemptOutcome } from './attempt.js'

/** Most ids remembered as unknown. */
const MAX_UNKNOWN = 1_000
/** How long an id counts as unknown, milliseconds: it may be registered meanwhile. */
const UNKNOWN_MS = 30_000
/** Largest burst of lookups of a partition, as after an upgrade of many writers, and lookups per second after that. */
const BURST = 100
const PER_SECOND = 10
/** Time between two lists of a topic, milliseconds. A batch waits for the next one, so a flood costs its topic this much per batch. */
const LIST_EVERY_MS = 100

/** Where schemas are looked up: the codec. */
export interface SchemaTeacher {
  /** @throws SchemaUnknownError for an unknown one, or a retryable error */
  learn(schemaId: number): Promise<void>
  /** The ids that are registered for a topic; null when they can't be listed. @throws a retryable error */
  listIds(topic: TopicKey): Promise<ReadonlySet<number> | null>
}

/** Where a batch comes from. */
interface BatchPlace {
  readonly topic: TopicKey
  readonly partition: number
}

type Lookup = 'learned' | 'unknown' | 'remembered' | 'limited'

/** Looks up schemas for one function. */
export class SchemaLearner {
  readonly #teacher: SchemaTeacher
  readonly #nowMs: () => number
  readonly #lists: IdLists
  readonly #unknownUntilMs = new Map<number, number>()
  /** By topic and partition: a flood in one takes no lookup from another. */
  readonly #allowances = new Map<string, Allowance>()
  readonly #lookups: (outcome: Lookup) => Counter

  /** @param nowMs milliseconds, never going back; default performance.now */
  constructor(teacher: SchemaTeacher, metrics: Metrics, nowMs: () => number = () => performance.now()) {
    this.#teacher = teacher
    this.#nowMs = nowMs
    this.#lists = new IdLists(teacher)
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
  async learnFor(outcome: AttemptOutcome, place: BatchPlace): Promise<AttemptOutcome | null> {
    if (outcome.kind === 'deferred' || outcome.kind === 'full') return outcome
    const errors = outcome.kind === 'threw' ? [outcome.error] : [...outcome.failures.values()]
    const ids = new Set(errors.flatMap((error) => (error instanceof SchemaUnknownError ? [error.schemaId] : [])))
    if (ids.size === 0) return outcome
    const registered = await this.#lists.next(place.topic)
    const allowance = this.#allowanceOf(place)
    const limited = new Set<number>()
    let hasLearned = false
    for (const id of ids) {
      const found = await this.#learn(id, registered.has(id) ? null : allowance)
      this.#lookups(found).add()
      if (found === 'learned') hasLearned = true
      if (found === 'limited') limited.add(id)
    }
    if (hasLearned) return null
    return limited.size === 0 ? outcome : withReason(outcome, limited)
  }

  /** @param allowance null for an id that is registered for the topic: it is always looked up */
  async #learn(id: number, allowance: Allowance | null): Promise<Lookup> {
    if (allowance !== null && (this.#unknownUntilMs.get(id) ?? 0) > this.#nowMs()) return 'remembered'
    this.#unknownUntilMs.delete(id)
    if (allowance?.take(this.#nowMs()) === false) return 'limited'
    try {
      await this.#teacher.learn(id)
      return 'learned'
    } catch (error) {
      // An unavailable registry must not use up the lookups: the batch is retried.
      if (isRetryable(error)) allowance?.giveBack()
      if (isRetryable(error)) throw error
      this.#remember(id)
      return 'unknown'
    }
  }

  #allowanceOf({ topic, partition }: BatchPlace): Allowance {
    const key = `${topic}/${String(partition)}`
    let allowance = this.#allowances.get(key)
    if (allowance === undefined) {
      allowance = new Allowance(this.#nowMs())
      this.#allowances.set(key, allowance)
    }
    return allowance
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

/** Lookups that a partition may make now. */
class Allowance {
  #tokens = BURST
  #refilledMs: number

  constructor(nowMs: number) {
    this.#refilledMs = nowMs
  }

  /** Takes one; false when none is left. */
  take(nowMs: number): boolean {
    this.#tokens = Math.min(BURST, this.#tokens + ((nowMs - this.#refilledMs) / 1000) * PER_SECOND)
    this.#refilledMs = nowMs
    if (this.#tokens < 1) return false
    this.#tokens--
    return true
  }

  giveBack(): void {
    this.#tokens++
  }
}

/**
 * The ids that are registered for topics. Each answer is of a list that was requested after the batch was read: a writer registers its schema
 * before it writes, so its id is in it. Batches that wait for the next list of a topic share it.
 */
class IdLists {
  readonly #teacher: SchemaTeacher
  /** Requested. */
  readonly #latest = new Map<TopicKey, Promise<unknown>>()
  /** To be requested. */
  readonly #next = new Map<TopicKey, Promise<ReadonlySet<number>>>()

  constructor(teacher: SchemaTeacher) {
    this.#teacher = teacher
  }

  /** @throws a retryable error when the registry does not answer */
  async next(topic: TopicKey): Promise<ReadonlySet<number>> {
    let next = this.#next.get(topic)
    if (next === undefined) {
      next = this.#listAfter(this.#latest.get(topic), topic)
      this.#next.set(topic, next)
    }
    return await next
  }

  async #listAfter(latest: Promise<unknown> | undefined, topic: TopicKey): Promise<ReadonlySet<number>> {
    await latest
    this.#next.delete(topic)
    const list = this.#list(topic)
    // Where there is no list, nothing is requested, and nothing has to wait.
    const rest = list.then(
      (ids) => (ids === null ? undefined : pause(LIST_EVERY_MS)),
      () => pause(LIST_EVERY_MS),
    )
    this.#latest.set(topic, rest)
    return (await list) ?? new Set()
  }

  async #list(topic: TopicKey): Promise<ReadonlySet<number> | null> {
    try {
      return await this.#teacher.listIds(topic)
    } catch (error) {
      if (isRetryable(error)) throw error
      // A registry that refuses lists may still answer for ids.
      return new Set()
    }
  }
}

/** The outcome, whose errors about these ids say why they were not looked up. */
function withReason(outcome: Exclude<AttemptOutcome, { kind: 'deferred' | 'full' }>, ids: ReadonlySet<number>): AttemptOutcome {
  const reasonOf = (error: unknown): unknown =>
    error instanceof SchemaUnknownError && ids.has(error.schemaId)
      ? new SchemaUnknownError(
          error.schemaId,
          `it was not looked up: it is not registered for the topic, and the partition has more than ${String(PER_SECOND)} such ids per second; redrive it later`,
        )
      : error
  if (outcome.kind === 'threw') return { kind: 'threw', error: reasonOf(outcome.error) }
  return { ...outcome, failures: new Map([...outcome.failures].map(([index, error]) => [index, reasonOf(error)])) }
}
