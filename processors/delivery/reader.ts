// The reader of one sink: a function with deferred commits over the alerts topic. It leaves out what is routed elsewhere or silenced, and makes
// jobs of the rest. It sends nothing itself.
import { EunomiaError, isRetryable, messageOf } from '../../infra/process/errors.js'
import type { Logger } from '../../infra/process/logger.js'
import { OutageLog } from '../../infra/process/outage-log.js'
import { timedSignal } from '../../infra/waiting/signals.js'
import type { AssignedPartition, OffsetRange } from '../../infra/topic-log/topic-log.js'
import type { Codec } from '../../schemas/codec.js'
import type { Alert } from '../../schemas/generated/types.js'
import { type DeferredContext, type DeferredFunction, defineFunction, type EventBatch } from '../function.js'
import type { SinkMetrics } from './delivery-metrics.js'
import { PartitionOwner, SettlementLostError } from './partition-owner.js'
import type { GroupOutlet } from './group-outlet.js'
import type { DeliveryQueue, JobAlert } from './queue/delivery-queue.js'
import type { SettlementStore } from './settlement/settlement-store.js'
import type { TopicAlert } from './sink.js'

/** What the reader of a sink does with an alert. */
export type Verdict = 'send' | 'elsewhere' | 'silenced'

/** How a sink reads. */
export interface ReaderConfig {
  readonly sink: string
  /** One job at a time per partition; most alerts and bytes of a job. Undefined for a sink that takes messages. */
  readonly jobs?: { readonly isOrdered: boolean; readonly alerts: number; readonly bytes: number }
  /** Alerts of a partition that may be read and not settled. */
  readonly maxLag: number
}

/** What it needs. */
export interface ReaderDeps {
  readonly codec: Codec
  readonly queue: DeliveryQueue
  readonly store: SettlementStore
  readonly metrics: SinkMetrics
  readonly log: Logger
  readonly judge: (alert: Alert) => Verdict
  /** Of a sink that takes messages. */
  readonly groups?: GroupOutlet
  /** See {@link OwnerDeps.doubtMs}. */
  readonly doubtMs?: number
}

/** Redis refused a command of ours. No alert is to blame: all of them wait until that is repaired. */
export class SettlementRefusedError extends EunomiaError {
  static override readonly code = 'EUNOMIA_REDIS_REFUSED'
  static override readonly isRetryable = true
}

/** How often it asks what other processes have settled, milliseconds. */
const LOOK_MS = 200
/** The same while nothing is to be settled: it only notices that the store was emptied. */
const IDLE_LOOKS = 10
/** Bytes of alerts of a partition in the queue above which no more are added: what Redis holds for a receiver that is away. */
const QUEUED_BYTES = 16 * 1024 * 1024
/** Metadata of a commit at which groups are sent early, bytes; Kafka takes 4,096. */
const FLUSH_LENGTH = 3_000

/** How long a job that is not full waits at most while another one of its partition is sent, milliseconds. */
const LINGER_MS = 100

/** From so many alerts in a batch on, a partition rests before its next one, so that the next is larger: each job costs steps in Redis, Kafka and the receiver. */
const GATHER_FROM = 4
/** How long, milliseconds. Adds to the latency of alerts that come in numbers; one that comes alone is sent at once. */
const GATHER_MS = 100

/** Name of the function of a sink; its group is `eunomia.` and this. */
export function readerNameOf(sink: string): string {
  return `deliver.${sink}`
}

/** The reading side of one sink. */
export class SinkReader {
  readonly #config: ReaderConfig
  readonly #deps: ReaderDeps
  readonly #owners = new Map<number, PartitionOwner>()
  /** Also those that are given up: their last commit follows. */
  readonly #byAssignment = new WeakMap<AssignedPartition, PartitionOwner>()
  readonly #timer: NodeJS.Timeout
  readonly #refusals: OutageLog
  #looks = 0

  constructor(config: ReaderConfig, deps: ReaderDeps) {
    this.#config = config
    this.#deps = deps
    this.#timer = setInterval(() => this.#look(), LOOK_MS)
    this.#refusals = new OutageLog(
      deps.log,
      { sink: config.sink },
      'Redis refuses what the sink needs: its alerts wait',
      'Redis does again what the sink needs',
    )
  }

  /** The function for `startFunction`. */
  get definition(): DeferredFunction {
    return defineFunction({
      name: readerNameOf(this.#config.sink),
      inputs: ['alerts'],
      outputs: [],
      commit: 'deferred',
      maxUnconfirmed: this.#config.maxLag,
      assigned: async (partition) => {
        const owner = new PartitionOwner(partition, { ...this.#deps, sink: this.#config.sink })
        await owner.open()
        this.#owners.set(partition.partition, owner)
        this.#byAssignment.set(partition, owner)
      },
      ended: (partition) => {
        const owner = this.#owners.get(partition.partition)
        if (owner?.assigned !== partition) return
        owner.close()
        this.#owners.delete(partition.partition)
      },
      metadata: (partition, nextOffset) => {
        const owner = this.#byAssignment.get(partition)
        if (owner !== undefined) return this.#metadataOf(owner, nextOffset)
        // Not taken over yet: what is stored is still true, and only for that offset.
        return nextOffset === partition.nextOffset ? partition.metadata : ''
      },
      handle: async (batch, context) => await this.#handle(batch, context),
    })
  }

  /** A worker of this process has settled these. @param epoch of the job; null for a message */
  poke(partition: number, epoch: string | null, ranges: readonly OffsetRange[]): void {
    this.#owners.get(partition)?.poke(epoch, ranges)
  }

  close(): void {
    clearInterval(this.#timer)
    this.#deps.groups?.close()
  }

  #metadataOf(owner: PartitionOwner, nextOffset: number): string {
    const metadata = owner.metadata(nextOffset)
    // Groups hold single alerts back for minutes: before the metadata are too long for Kafka, they are sent.
    if (metadata.length > FLUSH_LENGTH) this.#deps.groups?.flush()
    return metadata
  }

  #look(): void {
    const isAll = this.#looks++ % IDLE_LOOKS === 0
    for (const owner of this.#owners.values()) {
      if (!isAll && owner.assigned.unconfirmed === 0) continue
      owner.look().catch((error: unknown) => {
        const facts = { sink: this.#config.sink, error: messageOf(error) }
        this.#deps.log[isRetryable(error) ? 'debug' : 'error'](facts, 'what is settled could not be read')
      })
    }
  }

  async #handle(batch: EventBatch, context: DeferredContext): Promise<void> {
    const owner = this.#owners.get(batch.partition)
    if (owner?.assigned !== context.partition) throw new SettlementLostError('the partition is given up')
    const { round } = owner
    const alerts = this.#alertsOf(batch, context, owner)
    if (alerts.length === 0) return
    try {
      await this.#queue(alerts, owner, round, context)
      this.#refusals.succeeded()
    } catch (error) {
      // Anything else is a mistake of ours with one of the alerts, and is found by halves.
      if (isRetryable(error) || !(error instanceof EunomiaError)) throw error
      this.#refusals.failed(error)
      throw new SettlementRefusedError(messageOf(error), { cause: error })
    }
  }

  async #queue(alerts: readonly TopicAlert[], owner: PartitionOwner, round: number, context: DeferredContext): Promise<void> {
    const { jobs } = this.#config
    if (jobs === undefined) return context.rest((await this.#deps.groups?.add(alerts, owner)) ?? 0)
    if (alerts.length >= GATHER_FROM && alerts.length < jobs.alerts) context.rest(GATHER_MS)
    const batches = batchesOf(alerts, jobs)
    for (const some of jobs.isOrdered ? batches.map((one) => [one]) : [batches]) {
      await owner.room(jobs.isOrdered ? 0 : QUEUED_BYTES, context.signal)
      if (!jobs.isOrdered && alerts.length < jobs.alerts) await linger(owner, context.signal)
      if (context.signal.aborted) throw new SettlementLostError('the reader stops before the alerts are in the queue')
      if (owner.round !== round) return context.defer(1)
      await owner.enqueue(some)
    }
  }

  /** The alerts that are to be sent, as views of the batch; the others are settled. */
  #alertsOf(batch: EventBatch, context: DeferredContext, owner: PartitionOwner): TopicAlert[] {
    const { codec, judge, metrics } = this.#deps
    const alerts: TopicAlert[] = []
    const settled: number[] = []
    while (batch.next()) {
      const { offset, partition, bytes } = batch
      if (!owner.isNew(offset)) continue
      try {
        const alert = batch.value((value, start, end) => codec.view('alerts', value, start, end))
        const verdict = judge(alert)
        if (verdict === 'send') alerts.push({ alert, bytes, partition, offset })
        else {
          metrics[verdict].add()
          settled.push(offset)
        }
      } catch (error) {
        context.fail(error)
      }
    }
    owner.settle(settled)
    return alerts
  }
}

/** A receiver that is busy with the partition gets fewer and larger batches: meanwhile more alerts come. */
async function linger(owner: PartitionOwner, signal: AbortSignal): Promise<void> {
  const timed = timedSignal(LINGER_MS, signal)
  try {
    await owner.room(0, timed.signal)
  } finally {
    timed.release()
  }
}

/** Jobs within the bounds; an alert beyond the bytes is a job of its own. */
function batchesOf(alerts: readonly TopicAlert[], most: NonNullable<ReaderConfig['jobs']>): JobAlert[][] {
  const batches: JobAlert[][] = []
  let bytes = Infinity
  for (const { offset, bytes: value } of alerts) {
    const last = batches.at(-1)
    if (last === undefined || last.length >= most.alerts || bytes + value.length > most.bytes) {
      batches.push([])
      bytes = 0
    }
    batches.at(-1)?.push({ offset, bytes: Buffer.from(value) })
    bytes += value.length
  }
  return batches
}
