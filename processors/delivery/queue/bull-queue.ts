// The queue over BullMQ, the only file that imports it. One job is one batch. Retries are counted by nobody: a job comes again until it is
// delivered or refused, also when its worker died; a refused one is kept as a failed job.
import { DelayedError, type Job, Queue, UnrecoverableError, Worker } from 'bullmq'
import { messageOf } from '../../../infra/process/errors.js'
import type { Logger } from '../../../infra/process/logger.js'
import { QueueCalls } from '../../../infra/redis/queue-calls.js'
import { RedisUnreachableError, type QueueConnections } from '../../../infra/redis/redis.js'
import { within } from '../../../infra/waiting/clock.js'
import type {
  DeadJob,
  DeliveryJob,
  DeliveryQueue,
  JobContent,
  JobMessage,
  JobEnd,
  JobHandler,
  QueueCounts,
  QueueWorker,
} from './delivery-queue.js'

/** What Redis keeps of a job. */
interface JobData {
  readonly partition: number
  readonly epoch: string
  readonly offsets: readonly number[]
  /** The records, base64. */
  readonly records: readonly string[]
  /** Those that the sink refused. */
  readonly refused?: readonly number[]
  readonly refusal?: string
  /** It refused all of them. */
  readonly isDead?: true
  readonly message?: JobMessage
}

/** Settings of a queue. */
export interface BullQueueConfig {
  /** Of all keys, with a hash tag. */
  readonly prefix: string
  /** Dead jobs that are kept; older ones are removed. */
  readonly maxDead: number
  /** A dead job was removed at that bound. */
  readonly onDropped: () => void
}

const QUEUE_NAME = 'jobs'
/** A job whose worker has not renewed its lock for so long is given to another one, milliseconds. */
const LOCK_MS = 15_000
const STALLED_EVERY_MS = 5_000
/** A job is tried, and its worker may die, as often as need be. */
const NEVER = 1_000_000_000
/** Longest wait for an answer of Redis when something is closed, milliseconds. */
const CLOSE_MS = 10_000
const RETRY_MS = 1_000

/** The jobs of one sink in Redis. */
export class BullQueue implements DeliveryQueue {
  readonly #queue: Queue<JobData>
  readonly #config: BullQueueConfig
  readonly #connections: QueueConnections
  readonly #log: Logger
  readonly #calls: QueueCalls

  constructor(connections: QueueConnections, config: BullQueueConfig, log: Logger) {
    this.#connections = connections
    this.#config = config
    this.#log = log
    this.#calls = new QueueCalls('the queue of the sink', config.prefix, log)
    this.#queue = new Queue<JobData>(QUEUE_NAME, {
      connection: connections.commands,
      prefix: config.prefix,
      defaultJobOptions: {
        removeOnComplete: true,
        removeOnFail: { count: config.maxDead },
        // Only a refusal fails a job; after a failure of ours, as one of Redis, it comes again.
        attempts: NEVER,
        backoff: { type: 'fixed', delay: RETRY_MS },
        stackTraceLimit: 1,
        keepLogs: 0,
      },
      streams: { events: { maxLen: 100 } },
    })
    this.#queue.on('error', this.#calls.failed)
  }

  /** Resolves when it can be used. @throws RedisUnreachableError after `timeoutMs` */
  async ready(timeoutMs: number): Promise<void> {
    if (await within(timeoutMs, this.#calls.of(this.#queue.waitUntilReady()))) return
    throw new RedisUnreachableError(`the Redis of the queues does not answer within ${String(timeoutMs)} ms`)
  }

  async add(jobs: readonly JobContent[]): Promise<void> {
    const bulk = jobs.map((job) => ({ name: QUEUE_NAME, data: dataOf(job), opts: { jobId: job.id, delay: job.delayMs ?? 0 } }))
    const added = await this.#calls.of(this.#queue.addBulk(bulk))
    // A job that exists is not added again: one of a message may have to be sent earlier than it was to.
    const urgent = added.filter((_, index) => jobs[index]?.message !== undefined && jobs[index].delayMs === undefined)
    await this.#calls.of(
      Promise.all(urgent.map(async (job) => ((await job.isDelayed()) ? await job.promote().catch(ignoreTaken) : undefined))),
    )
  }

  async existing(ids: readonly string[]): Promise<ReadonlySet<string>> {
    const states = await this.#calls.of(Promise.all(ids.map(async (id) => await this.#queue.getJobState(id))))
    return new Set(ids.filter((_, index) => !['unknown', 'failed', 'completed'].includes(states[index] ?? 'unknown')))
  }

  work(handler: JobHandler, concurrency: number): QueueWorker {
    const worker = new Worker<JobData>(QUEUE_NAME, async (job, token) => await this.#process(job, token, handler), {
      connection: this.#connections.blocking,
      prefix: this.#config.prefix,
      concurrency,
      lockDuration: LOCK_MS,
      stalledInterval: STALLED_EVERY_MS,
      maxStalledCount: NEVER,
    })
    worker.on('error', this.#calls.failed)
    worker.on('active', this.#calls.succeeded)
    return {
      close: async () => {
        if (!(await within(CLOSE_MS, worker.close()))) await within(CLOSE_MS, worker.close(true))
      },
    }
  }

  async counts(): Promise<QueueCounts> {
    const counts = await this.#calls.of(this.#queue.getJobCounts('wait', 'active', 'delayed', 'failed'))
    const { wait: waiting = 0, active = 0, delayed = 0, failed: dead = 0 } = counts
    return { waiting, active, delayed, dead }
  }

  async dead(limit: number): Promise<DeadJob[]> {
    const jobs = await this.#calls.of(this.#queue.getFailed(0, limit - 1))
    return jobs.map((job) => ({ ...contentOf(job as Job<JobData>), reason: job.failedReason, refusedAtMs: job.finishedOn ?? 0 }))
  }

  async deadIds(): Promise<string[]> {
    return await this.#calls.of(this.#queue.getRanges(['failed'], 0, -1))
  }

  async redrive(id: string): Promise<boolean> {
    const job = await this.#calls.of(this.#queue.getJob(id))
    if (job === undefined || !(await this.#calls.of(job.isFailed()))) return false
    await this.#calls.of(job.retry('failed'))
    return true
  }

  async close(): Promise<void> {
    await within(CLOSE_MS, this.#queue.close()).catch(() => false)
  }

  async #process(job: Job<JobData>, token: string | undefined, handler: JobHandler): Promise<void> {
    const { refused = [], refusal = '', isDead = false } = job.data
    const delivery: DeliveryJob = { ...contentOf(job), starts: job.attemptsStarted - 1, isRedriven: isDead, refused, refusal }
    const end = await handler(delivery).catch((): JobEnd => ({ kind: 'again', afterMs: RETRY_MS }))
    if (end.kind === 'again') {
      if (end.refused !== undefined && end.refused.length > refused.length) {
        await job.updateData({ ...job.data, refused: end.refused, refusal: end.refusal ?? refusal })
      }
      await job.moveToDelayed(Date.now() + end.afterMs, token).catch((error: unknown) => {
        // It is gone, or another worker's: its lock ran out. One that stays here is found as stalled.
        this.#log.debug({ job: job.id, error: messageOf(error) }, 'a job could not be put back')
      })
      throw new DelayedError()
    }
    if (end.kind === 'done') return
    const dead = new Set(end.offsets)
    const alerts = delivery.alerts.filter(({ offset }) => dead.has(offset))
    await job.updateData({ ...dataOf({ ...delivery, alerts, ...end.content }), isDead: true })
    if ((await this.#queue.getFailedCount()) >= this.#config.maxDead) this.#config.onDropped()
    throw new UnrecoverableError(end.reason)
  }
}

/** Of a job that is not delayed any more. */
function ignoreTaken(): void {
  return undefined
}

function dataOf({ partition, epoch, alerts, message }: JobContent): JobData {
  return {
    ...(message === undefined ? {} : { message }),
    partition,
    epoch,
    offsets: alerts.map(({ offset }) => offset),
    records: alerts.map(({ bytes }) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64')),
  }
}

function contentOf({ id, data }: Job<JobData>): JobContent {
  const { partition, epoch, offsets, records, message } = data
  const alerts = offsets.map((offset, index) => ({ offset, bytes: Buffer.from(records[index] ?? '', 'base64') }))
  return { id: id ?? '', partition, epoch, alerts, ...(message === undefined ? {} : { message }) }
}
