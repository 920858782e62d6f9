// Joins a function with the policy of run-batch.ts: gives it its context, encodes what it emits, counts, and ends its waits on stop.
import { messageOf } from '../../infra/process/errors.js'
import type { BatchResult, OutputRecord, RecordBatch } from '../../infra/topic-log/topic-log.js'
import type { TopicKey } from '../../infra/topic-log/topics.js'
import type { Clock } from '../../infra/waiting/clock.js'
import { linkedSignal } from '../../infra/waiting/signals.js'
import type { FunctionContext, FunctionDefinition } from '../function.js'
import { Attempt, type AttemptOutcome } from './attempt.js'
import type { BatchRange } from './batch-range.js'
import { deadLetterOf } from './dead-letter.js'
import { RangeEventBatch } from './event-batch.js'
import type { FunctionConfig, FunctionDependencies } from './function-config.js'
import { functionMetrics, type TopicMetrics } from './function-metrics.js'
import { DEFAULT_OUTPUT_BOUNDS } from './outputs.js'
import type { RecordFailure } from './record-failure.js'
import { runBatch, type BatchRun } from './run-batch.js'
import { SchemaLearner } from './schema-learner.js'

/** Calls for one attempt while each teaches the codec schemas: more of them than it holds would never come to an end. */
const MAX_ROUNDS = 8

/** A function over the batches that a log gives. */
export class FunctionRunner {
  readonly #definition: FunctionDefinition
  readonly #deps: FunctionDependencies & { readonly clock: Clock }
  readonly #config: FunctionConfig
  readonly #bounds: { readonly maxRecordBytes: number; readonly maxBatchBytes: number }
  readonly #learner: SchemaLearner
  readonly #metricsOf: (topic: TopicKey) => TopicMetrics
  readonly #stopping = new AbortController()

  constructor(definition: FunctionDefinition, deps: FunctionDependencies & { readonly clock: Clock }, config: FunctionConfig) {
    this.#definition = definition
    this.#deps = deps
    this.#config = config
    this.#bounds = { ...DEFAULT_OUTPUT_BOUNDS, ...config.outputs }
    this.#learner = new SchemaLearner(deps.codec, deps.metrics)
    this.#metricsOf = functionMetrics(deps.metrics, definition.name)
  }

  /** Handles one fetched batch. */
  async handle(batch: RecordBatch, logSignal: AbortSignal): Promise<BatchResult> {
    const startedMs = performance.now()
    const metrics = this.#metricsOf(batch.topic)
    if (batch.next()) metrics.behindSeconds.set(Math.max(0, this.#deps.clock.nowUs() / 1e6 - batch.timestampMs / 1e3))
    const { signal, release } = linkedSignal(logSignal, this.#stopping.signal)
    try {
      const result = await runBatch(batch, this.#runOf(batch, metrics, signal), signal)
      metrics.records.add(recordsBelow(batch, result.nextOffset))
      return result
    } finally {
      release()
      metrics.batchSeconds.observe((performance.now() - startedMs) / 1000)
    }
  }

  /** The log gives a batch again: what it gave could not be committed. */
  redelivered(error: unknown, topic: TopicKey, partition: number, attempt: number): void {
    this.#metricsOf(topic).redeliveries.add()
    this.#deps.logger.warn({ function: this.#definition.name, topic, partition, attempt, error: messageOf(error) }, 'batch is given again')
  }

  /** Records were removed from the log before the function read them; the log has said so. */
  missed(topic: TopicKey, records: number): void {
    this.#metricsOf(topic).missed.add(records)
  }

  /** Ends waits, so that the batches under way come to their end. */
  async drain(ended: Promise<void>): Promise<void> {
    this.#stopping.abort()
    await ended
  }

  #runOf(batch: RecordBatch, metrics: TopicMetrics, signal: AbortSignal): BatchRun {
    const { clock, logger, codec } = this.#deps
    const where = { function: this.#definition.name, topic: batch.topic, partition: batch.partition }
    return {
      clock,
      backoff: { firstMs: 50, maxMs: 2_000, ...this.#config.backoff },
      maxBatchBytes: this.#bounds.maxBatchBytes,
      attempt: (range) => this.#attempt(range, metrics, signal),
      deadLetter: (failure) => {
        metrics.deadLetters.add()
        this.#logDeadLetter(where, batch.offset, failure)
        const context = { functionName: this.#definition.name, nowUs: clock.nowUs(), maxRecordBytes: this.#bounds.maxRecordBytes }
        return deadLetterOf(batch, failure, context, (letter) => codec.encode('deadletter', letter))
      },
      onRetry: (error, attempt, waitMs) => {
        metrics.retries.add()
        logger.warn({ ...where, attempt, waitMs: Math.round(waitMs), error: messageOf(error) }, 'batch is tried again')
      },
    }
  }

  #logDeadLetter(where: Readonly<Record<string, unknown>>, offset: number, failure: RecordFailure): void {
    this.#deps.logger.warn({ ...where, offset, ...failure }, 'record goes to the dead letters')
  }

  async #attempt(range: BatchRange, metrics: TopicMetrics, signal: AbortSignal): Promise<AttemptOutcome> {
    for (let round = 1; ; round++) {
      const attempt = new Attempt(range, this.#bounds)
      const batch = new RangeEventBatch(range)
      const outcome = await attempt.run(() => this.#definition.handle(batch, this.#contextOf(attempt, batch, signal)))
      if (outcome.kind === 'threw') metrics.failures.add()
      try {
        if (round === MAX_ROUNDS) return outcome
        const final = await this.#learner.learnFor(outcome)
        if (final !== null) return final
      } catch (error) {
        return { kind: 'threw', error }
      }
    }
  }

  #contextOf(attempt: Attempt, batch: RangeEventBatch, signal: AbortSignal): FunctionContext {
    const { membership, logger, metrics, clock, codec } = this.#deps
    return {
      membership,
      log: logger,
      metrics,
      clock,
      signal,
      emit: (topic, key, record, timestampMs = batch.timestampMs) => {
        const output: OutputRecord = { topic, key: Buffer.from(key), value: codec.encode(topic, record), timestampMs }
        attempt.emit(output)
      },
      fail: (error) => attempt.fail(error),
      rest: (ms) => attempt.rest(ms),
      defer: (ms) => attempt.defer(ms),
    }
  }
}

/** How many records of the batch stand in front of this offset. */
function recordsBelow(batch: RecordBatch, offset: number): number {
  if (offset > batch.lastOffset) return batch.length
  batch.rewind()
  let count = 0
  while (batch.next() && batch.offset < offset) count++
  return count
}
