// Connects a function with the policy of run-batch.ts: passes it its context, encodes what it emits, counts, and ends its waits on stop.
import { messageOf } from '../../infra/process/errors.js'
import type { Logger } from '../../infra/process/logger.js'
import type { Counter, Gauge, Histogram, Metrics } from '../../infra/process/metrics.js'
import type {
  AssignedPartition,
  BatchResult,
  DamagedBatch,
  DeferredCommits,
  OffsetRange,
  OutputRecord,
  RecordBatch,
  TopicLog,
} from '../../infra/topic-log/topic-log.js'
import { selectRecords } from '../../infra/topic-log/selected-batch.js'
import type { TopicKey } from '../../infra/topic-log/topics.js'
import type { BackoffOptions } from '../../infra/waiting/backoff.js'
import type { Clock } from '../../infra/waiting/clock.js'
import { linkedSignal } from '../../infra/waiting/signals.js'
import type { Codec } from '../../schemas/codec.js'
import { RecordForeignError } from '../../schemas/record-errors.js'
import type { DeferredContext, FunctionContext, FunctionDefinition } from '../function.js'
import type { Membership } from '../membership/membership.js'
import { Attempt, type AttemptOutcome, DEFAULT_OUTPUT_BOUNDS, type OutputBounds } from './attempt.js'
import { type BatchRange, RangeEventBatch } from './batch-range.js'
import { damagedLetterOf, type DeadLetterContext, deadLetterOf, type RecordFailure } from './dead-letter.js'
import { runBatch, type BatchRun, type PartLength } from './run-batch.js'
import { SchemaLearner } from './schema-learner.js'

/** How a function runs. */
export interface FunctionConfig {
  /** Consumer group; default `eunomia.` and the name of the function. */
  readonly group?: string
  /** Where a group that never committed begins; default `earliest`, so that nothing is skipped. */
  readonly from?: 'earliest' | 'latest'
  /** Most bytes of one fetch per partition; default that of the log. */
  readonly maxBatchBytes?: number
  /** Default 50 ms to 2 s: well below the time that pending events wait for what is written after an outage. */
  readonly backoff?: Partial<BackoffOptions>
  readonly outputs?: OutputBounds
}

/** What a running function needs. */
export interface FunctionDependencies {
  readonly topicLog: TopicLog
  readonly codec: Codec
  readonly membership: Membership
  readonly log: Logger
  readonly metrics: Metrics
  /** Default: the clock of this machine. */
  readonly clock?: Clock
}

/** What a runner needs: it gets its batches from whoever has them. */
export type RunnerDependencies = Omit<FunctionDependencies, 'topicLog' | 'clock'> & { readonly clock: Clock }

const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10]
/** Up to the time limit of a transaction and the interval in which a broker ends those beyond it. */
const WAIT_SECONDS = [0.01, 0.1, 0.5, 1, 2.5, 5, 10, 20, 60]

/** Counters of a function for one of its topics. */
export interface TopicMetrics {
  /** Records finished, dead ones included. */
  readonly records: Counter
  /** Records that went to the dead letters. */
  readonly deadLetters: Counter
  /** Those of them that name another host than their key. */
  readonly foreign: Counter
  /** Retries after a retryable error. */
  readonly retries: Counter
  /** Calls of the function that threw. */
  readonly failures: Counter
  /** Batches that the log delivered again, because their outputs could not be committed. */
  readonly redeliveries: Counter
  /** Records that were removed from the log before they were read. */
  readonly missed: Counter
  /** Times the reading of a partition paused, because too many of its records were not confirmed. */
  readonly pauses: Counter
  /** Age of the oldest record of the latest batch: how far the function lags. */
  readonly behindSeconds: Gauge
  /** From the call of the function to its outputs, waits included. */
  readonly batchSeconds: Histogram
}

/** Creates the counters of a function. */
export function functionMetrics(metrics: Metrics, functionName: string): (topic: TopicKey) => TopicMetrics {
  const labels = ['function', 'topic'] as const
  const records = metrics.counter('eunomia_function_records_total', 'Records that a function finished', ...labels)
  const deadLetters = metrics.counter('eunomia_function_dead_letters_total', 'Records that a function could not process', ...labels)
  const foreign = metrics.counter('eunomia_function_foreign_records_total', 'Records that name another host than their key', ...labels)
  const retries = metrics.counter('eunomia_function_retries_total', 'Retries after a retryable error', ...labels)
  const failures = metrics.counter('eunomia_function_failures_total', 'Calls of a function that threw', ...labels)
  const redeliveries = metrics.counter('eunomia_function_redeliveries_total', 'Batches that the topic log delivered again', ...labels)
  const missed = metrics.counter('eunomia_function_missed_records_total', 'Records removed before the function read them', ...labels)
  const pauses = metrics.counter('eunomia_function_pauses_total', 'Pauses of a partition with too many unconfirmed records', ...labels)
  const behindSeconds = metrics.gauge('eunomia_function_behind_seconds', 'Age of the oldest record of the latest batch', ...labels)
  const batchSeconds = metrics.histogram('eunomia_function_batch_seconds', 'Time to handle one batch', SECONDS, ...labels)
  return (topic) => ({
    records: records.with(functionName, topic),
    deadLetters: deadLetters.with(functionName, topic),
    foreign: foreign.with(functionName, topic),
    retries: retries.with(functionName, topic),
    failures: failures.with(functionName, topic),
    redeliveries: redeliveries.with(functionName, topic),
    missed: missed.with(functionName, topic),
    pauses: pauses.with(functionName, topic),
    behindSeconds: behindSeconds.with(functionName, topic),
    batchSeconds: batchSeconds.with(functionName, topic),
  })
}

/** A batch that is handled. */
interface HandleCall {
  readonly signal: AbortSignal
  readonly assigned: AssignedPartition | undefined
  /** Offsets of records that went to the dead letters. */
  readonly dead: OffsetRange[]
}

/** Most calls for one attempt while each adds schemas to the codec: more schemas than it holds would never end. */
const MAX_ROUNDS = 8

/** A function over the batches of a log. */
export class FunctionRunner {
  readonly #definition: FunctionDefinition
  readonly #deps: RunnerDependencies
  readonly #config: FunctionConfig
  readonly #bounds: { readonly maxRecordBytes: number; readonly maxBatchBytes: number }
  readonly #learner: SchemaLearner
  readonly #metricsOf: (topic: TopicKey) => TopicMetrics
  /** By topic and partition. */
  readonly #parts = new Map<string, PartLength>()
  readonly #stopping = new AbortController()

  constructor(definition: FunctionDefinition, deps: RunnerDependencies, config: FunctionConfig) {
    this.#definition = definition
    this.#deps = deps
    this.#config = config
    this.#bounds = { ...DEFAULT_OUTPUT_BOUNDS, ...config.outputs }
    this.#learner = new SchemaLearner(deps.codec, deps.metrics)
    this.#metricsOf = functionMetrics(deps.metrics, definition.name)
  }

  /** Handles one fetched batch. @param assigned its partition, if commits are deferred */
  async handle(batch: RecordBatch, logSignal: AbortSignal, assigned?: AssignedPartition): Promise<BatchResult> {
    const startedMs = performance.now()
    const metrics = this.#metricsOf(batch.topic)
    if (batch.next()) metrics.behindSeconds.set(Math.max(0, this.#deps.clock.nowUs() / 1e6 - batch.timestampMs / 1e3))
    const { signal, release } = linkedSignal(logSignal, this.#stopping.signal)
    try {
      const dead: OffsetRange[] = []
      const result = await runBatch(batch, this.#runOf(batch, metrics, { signal, assigned, dead }), signal)
      metrics.records.add(recordsBelow(batch, result.nextOffset))
      return assigned === undefined ? result : { ...result, confirmed: dead }
    } finally {
      release()
      metrics.batchSeconds.observe((performance.now() - startedMs) / 1000)
    }
  }

  /**
   * Handles all of a batch, for a log that ends: what `handle` leaves, because the outputs had reached their bound, is handled after it.
   * @returns the outputs of all
   */
  async handleWhole(batch: RecordBatch, signal: AbortSignal): Promise<OutputRecord[]> {
    const outputs: OutputRecord[] = []
    for (let rest: RecordBatch | null = batch; rest !== null;) {
      const { nextOffset, outputs: some } = await this.handle(rest, signal)
      for (const output of some) outputs.push(output)
      signal.throwIfAborted()
      batch.rewind()
      rest = nextOffset > batch.lastOffset ? null : selectRecords(batch, ({ offset }) => offset >= nextOffset)
    }
    return outputs
  }

  /** What the log needs of a function with deferred commits. */
  get deferred(): DeferredCommits | undefined {
    const definition = this.#definition
    if (definition.commit !== 'deferred') return undefined
    return {
      ...(definition.maxUnconfirmed !== undefined && { maxUnconfirmed: definition.maxUnconfirmed }),
      assigned: async (partition) => {
        try {
          await definition.assigned(partition)
        } catch (error) {
          const facts = { function: definition.name, topic: partition.topic, partition: partition.partition, error: messageOf(error) }
          this.#deps.log.error(facts, 'the function failed at the start of a partition, it is tried again')
          throw error
        }
      },
      ended: async (partition, isLost) => {
        try {
          await definition.ended(partition, isLost)
        } catch (error) {
          const facts = { function: definition.name, topic: partition.topic, partition: partition.partition, error: messageOf(error) }
          this.#deps.log.error(facts, 'the function failed at the end of a partition')
        }
      },
      metadata: (partition, nextOffset) => {
        try {
          return definition.metadata?.(partition, nextOffset) ?? ''
        } catch (error) {
          // Without it, more is repeated than need be.
          this.#deps.log.error({ function: definition.name, error: messageOf(error) }, 'a commit is without the metadata of the function')
          return ''
        }
      },
      skipped: (partition, offsets, reason) => definition.skipped?.(partition, offsets, reason),
      onPaused: (topic) => this.#metricsOf(topic).pauses.add(),
    }
  }

  /** The log delivers a batch again, because its outputs could not be committed. */
  redelivered(error: unknown, topic: TopicKey, partition: number, attempt: number): void {
    this.#metricsOf(topic).redeliveries.add()
    this.#deps.log.warn({ function: this.#definition.name, topic, partition, attempt, error: messageOf(error) }, 'batch is delivered again')
  }

  /** Records can't be read: one dead letter for all of them. The log has logged it. */
  damaged(damaged: DamagedBatch): OutputRecord {
    this.#metricsOf(damaged.topic).deadLetters.add()
    return damagedLetterOf(damaged, this.#letterContext, (letter) => this.#deps.codec.encode('deadletter', letter))
  }

  /** How far the function is behind on a partition. */
  lags(topic: TopicKey, partition: number, records: number, seconds: number | null): void {
    const { metrics } = this.#deps
    const labels = ['function', 'topic', 'partition'] as const
    const series = [this.#definition.name, topic, String(partition)] as const
    metrics
      .gauge('eunomia_function_lag_records', 'Records of a partition that a function has not finished', ...labels)
      .with(...series)
      .set(records)
    if (seconds === null) return
    metrics
      .gauge('eunomia_function_lag_seconds', 'Age of the first of these records', ...labels)
      .with(...series)
      .set(seconds)
  }

  /** How long the function waited for what the former owner of a partition left open. */
  ownerWaited(seconds: number): void {
    const help = 'Waits of a new owner of a partition for open transactions of the former one'
    this.#deps.metrics
      .histogram('eunomia_function_owner_wait_seconds', help, WAIT_SECONDS, 'function')
      .with(this.#definition.name)
      .observe(seconds)
  }

  /** How late the event loop was at a heartbeat of the function's group. */
  late(seconds: number): void {
    const help = 'How late the event loop was at the heartbeats of the group'
    this.#deps.metrics
      .histogram('eunomia_function_event_loop_delay_seconds', help, SECONDS, 'function')
      .with(this.#definition.name)
      .observe(seconds)
  }

  /** Records were removed from the log before the function read them; the log has logged it. */
  missed(topic: TopicKey, records: number): void {
    this.#metricsOf(topic).missed.add(records)
  }

  /** Ends waits, so that the batches under way finish. */
  async drain(ended: Promise<void>): Promise<void> {
    this.#stopping.abort()
    await ended
  }

  #runOf(batch: RecordBatch, metrics: TopicMetrics, call: HandleCall): BatchRun {
    const { clock, log, codec } = this.#deps
    const where = { function: this.#definition.name, topic: batch.topic, partition: batch.partition }
    return {
      clock,
      backoff: { firstMs: 50, maxMs: 2_000, ...this.#config.backoff },
      maxBatchBytes: this.#bounds.maxBatchBytes,
      parts: this.#partsOf(batch),
      attempt: (range) => this.#attempt(range, metrics, call),
      deadLetter: (failure) => {
        metrics.deadLetters.add()
        call.dead.push([batch.offset, batch.offset + 1])
        if (failure.code === RecordForeignError.code) metrics.foreign.add()
        this.#logDeadLetter(where, batch.offset, failure)
        return deadLetterOf(batch, failure, this.#letterContext, (letter) => codec.encode('deadletter', letter))
      },
      onRetry: (error, attempt, waitMs) => {
        metrics.retries.add()
        log.warn({ ...where, attempt, waitMs: Math.round(waitMs), error: messageOf(error) }, 'batch is retried')
      },
    }
  }

  #partsOf({ partition, topic }: RecordBatch): PartLength {
    const key = `${topic}/${String(partition)}`
    const parts = this.#parts.get(key) ?? { records: Infinity }
    this.#parts.set(key, parts)
    return parts
  }

  get #letterContext(): DeadLetterContext {
    return { functionName: this.#definition.name, nowUs: this.#deps.clock.nowUs(), maxRecordBytes: this.#bounds.maxRecordBytes }
  }

  #logDeadLetter(where: Readonly<Record<string, unknown>>, offset: number, failure: RecordFailure): void {
    this.#deps.log.warn({ ...where, offset, ...failure }, 'record goes to the dead letters')
  }

  async #attempt(range: BatchRange, metrics: TopicMetrics, call: HandleCall): Promise<AttemptOutcome> {
    for (let round = 1; ; round++) {
      const attempt = new Attempt(range, this.#bounds)
      const batch = new RangeEventBatch(range)
      const outcome = await attempt.run(() => this.#call(batch, this.#contextOf(attempt, batch, call.signal), call.assigned))
      if (outcome.kind === 'threw') metrics.failures.add()
      try {
        if (round === MAX_ROUNDS) return outcome
        const final = await this.#learner.learnFor(outcome, range.batch)
        if (final !== null) return final
      } catch (error) {
        return { kind: 'threw', error }
      }
    }
  }

  async #call(batch: RangeEventBatch, context: FunctionContext, assigned: AssignedPartition | undefined): Promise<void> {
    const definition = this.#definition
    if (definition.commit !== 'deferred') return await definition.handle(batch, context)
    if (assigned === undefined) throw new TypeError(`${definition.name} has deferred commits, which this log does not offer`)
    const deferred: DeferredContext = { ...context, partition: assigned }
    await definition.handle(batch, deferred)
  }

  #contextOf(attempt: Attempt, batch: RangeEventBatch, signal: AbortSignal): FunctionContext {
    const { membership, log, metrics, clock, codec } = this.#deps
    return {
      membership,
      log,
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

/** Number of records of the batch before this offset. */
function recordsBelow(batch: RecordBatch, offset: number): number {
  if (offset > batch.lastOffset) return batch.length
  batch.rewind()
  let count = 0
  while (batch.next() && batch.offset < offset) count++
  return count
}
