// Hunts as flows of BullMQ: a job for each slice, and one that ends the hunt when all of them have ended. What a job works on is not in Redis: it names a hunt
// of eunomia.state.v1 and the number of a slice, so an emptied Redis loses nothing that can't be added again.
import { DelayedError, FlowProducer, getNextMillis, type Job, Queue, Worker } from 'bullmq'
import { messageOf } from '../../../infra/process/errors.js'
import type { Logger } from '../../../infra/process/logger.js'
import { QueueCalls } from '../../../infra/redis/queue-calls.js'
import type { QueueConnections } from '../../../infra/redis/redis.js'
import { within } from '../../../infra/waiting/clock.js'

/** A slice of a hunt. */
export interface SliceJob {
  readonly huntId: string
  /** Its number in the plan. */
  readonly slice: number
}

/** What a slice was, for the progress. */
export interface SliceFigures {
  /** Records that were read. */
  readonly records: number
  readonly rows: number
}

/** What a worker does. */
export interface HuntHandlers {
  /** Runs a slice. `later`: it can't be run now, as that of a paused hunt; the job comes again. After a rejection too, up to a bound. */
  slice(job: SliceJob): Promise<SliceFigures | 'later'>
  /** All slices have ended. @param failures why those failed that did, by their number */
  finish(huntId: string, failures: ReadonlyMap<number, string>): Promise<void>
  /** It is time for a run of a saved hunt. @param atMs the time of its schedule */
  scheduled(name: string, atMs: number): Promise<void>
}

/** How far a hunt is. */
export interface HuntProgress extends SliceFigures {
  readonly slices: number
  readonly ended: number
  readonly failed: number
  /** When its first slice was added, Unix milliseconds. */
  readonly addedMs: number
}

interface HuntData {
  readonly huntId: string
  readonly slices: number
}

const HUNTS = 'hunts'
const SLICES = 'slices'
const SCHEDULED = 'scheduled'
/** A job whose worker has not renewed its lock for so long is given to another one, milliseconds. */
const LOCK_MS = 15_000
const STALLED_EVERY_MS = 5_000
const ATTEMPTS = 4
const BACKOFF_MS = 500
/** How soon a paused slice is looked at again, milliseconds. */
const PAUSED_MS = 2_000
const CLOSE_MS = 10_000
/** Scheduled runs and ended hunts that Redis remembers. */
const KEPT = 100
/** The end of a hunt is tried until it is written. */
const NEVER = 1_000_000_000
/** Workers that may die with a slice. */
const MOST_STALLS = 5

/** What is wrong with a crontab pattern; null if it is good. */
export function scheduleMistake(pattern: string): string | null {
  try {
    return getNextMillis(Date.now(), { pattern, tz: 'UTC' }) === undefined ? 'it never comes' : null
  } catch (error) {
    return messageOf(error)
  }
}

/** Hunts in Redis. */
export class HuntQueue {
  readonly #flows: FlowProducer
  readonly #hunts: Queue<HuntData>
  readonly #slices: Queue<SliceJob>
  readonly #connections: QueueConnections
  readonly #prefix: string
  readonly #calls: QueueCalls

  /** @param prefix of all keys, with a hash tag */
  constructor(connections: QueueConnections, prefix: string, log: Logger) {
    this.#connections = connections
    this.#prefix = prefix
    this.#calls = new QueueCalls('the queue of hunts', prefix, log)
    const options = { connection: connections.commands, prefix }
    this.#flows = new FlowProducer(options)
    this.#hunts = new Queue<HuntData>(HUNTS, options)
    this.#slices = new Queue<SliceJob>(SLICES, options)
    this.#flows.on('error', this.#calls.failed)
    this.#hunts.on('error', this.#calls.failed)
    this.#slices.on('error', this.#calls.failed)
  }

  /** Adds a hunt, unless it is there. @param slices numbers of the slices to run; @param total of its plan */
  async add(huntId: string, slices: readonly number[], total: number): Promise<void> {
    if ((await this.#calls.of(this.#hunts.getJob(huntId))) !== undefined) return
    await this.#calls.of(
      this.#flows.add({
        name: HUNTS,
        queueName: HUNTS,
        data: { huntId, slices: total },
        opts: { jobId: huntId, removeOnComplete: { count: KEPT }, removeOnFail: { count: KEPT }, attempts: NEVER, backoff: BACKOFF },
        children: slices.map((slice) => ({
          name: SLICES,
          queueName: SLICES,
          data: { huntId, slice },
          opts: {
            jobId: `${huntId}-${String(slice)}`,
            attempts: ATTEMPTS,
            backoff: BACKOFF,
            // What failed for good is named in the account; the hunt ends.
            ignoreDependencyOnFailure: true,
            removeOnComplete: true,
            removeOnFail: { count: KEPT },
          },
        })),
      }),
    )
  }

  /** How far a hunt is; null for one that Redis does not know. */
  async progress(huntId: string): Promise<HuntProgress | null> {
    const job = await this.#calls.of(this.#hunts.getJob(huntId))
    if (job === undefined) return null
    const values = Object.values(await this.#calls.of(job.getChildrenValues<SliceFigures>()))
    const failed = Object.keys(await this.#calls.of(job.getIgnoredChildrenFailures())).length
    const sum = (of: (figures: SliceFigures) => number): number => values.reduce((total, figures) => total + of(figures), 0)
    return {
      slices: job.data.slices,
      ended: values.length + failed,
      failed,
      records: sum(({ records }) => records),
      rows: sum(({ rows }) => rows),
      addedMs: job.timestamp,
    }
  }

  /** Starts runs of a saved hunt at each time of a crontab pattern, UTC; the same again changes it. */
  async schedule(name: string, pattern: string): Promise<void> {
    await this.#calls.of(
      this.#hunts.upsertJobScheduler(
        schedulerOf(name),
        { pattern, tz: 'UTC' },
        { name: SCHEDULED, data: { huntId: name, slices: 0 }, opts: SCHEDULED_OPTIONS },
      ),
    )
  }

  /** Names of the saved hunts that have a schedule, with their patterns. */
  async schedules(): Promise<ReadonlyMap<string, string>> {
    const schedulers = await this.#calls.of(this.#hunts.getJobSchedulers())
    return new Map(schedulers.map(({ key, pattern }) => [key.slice(schedulerOf('').length), pattern ?? '']))
  }

  async unschedule(name: string): Promise<void> {
    await this.#calls.of(this.#hunts.removeJobScheduler(schedulerOf(name)))
  }

  /** Takes jobs. @param concurrency slices at a time */
  work(handlers: HuntHandlers, concurrency: number): { close(): Promise<void> } {
    const options = {
      connection: this.#connections.blocking,
      prefix: this.#prefix,
      lockDuration: LOCK_MS,
      stalledInterval: STALLED_EVERY_MS,
    }
    const workers = [
      new Worker<SliceJob>(SLICES, async (job, token) => await this.#slice(job, token, handlers), {
        ...options,
        concurrency,
        maxStalledCount: MOST_STALLS,
      }),
      new Worker<HuntData>(HUNTS, async (job) => await this.#hunt(job, handlers), { ...options, maxStalledCount: NEVER }),
    ]
    for (const worker of workers) {
      worker.on('error', this.#calls.failed)
      worker.on('active', this.#calls.succeeded)
    }
    const end = async (worker: Worker): Promise<void> => {
      if (!(await within(CLOSE_MS, worker.close()))) await within(CLOSE_MS, worker.close(true))
    }
    return { close: async () => void (await Promise.all(workers.map(end))) }
  }

  async close(): Promise<void> {
    await within(CLOSE_MS, Promise.all([this.#flows.close(), this.#hunts.close(), this.#slices.close()])).catch(() => false)
  }

  async #slice(job: Job<SliceJob>, token: string | undefined, handlers: HuntHandlers): Promise<SliceFigures> {
    const figures = await handlers.slice(job.data)
    if (figures !== 'later') return figures
    await job.moveToDelayed(Date.now() + PAUSED_MS, token)
    throw new DelayedError()
  }

  async #hunt(job: Job<HuntData>, handlers: HuntHandlers): Promise<void> {
    const { huntId } = job.data
    if (job.name === SCHEDULED) return await handlers.scheduled(huntId, job.opts.prevMillis ?? job.timestamp)
    const failures = Object.entries(await job.getIgnoredChildrenFailures())
    await handlers.finish(huntId, new Map(failures.map(([key, reason]) => [Number(key.slice(key.lastIndexOf('-') + 1)), reason])))
  }
}

const BACKOFF = { type: 'exponential', delay: BACKOFF_MS } as const
const SCHEDULED_OPTIONS = { removeOnComplete: { count: KEPT }, removeOnFail: { count: KEPT }, attempts: ATTEMPTS, backoff: BACKOFF }

function schedulerOf(name: string): string {
  return `saved/${name}`
}
