// A worker of hunts: takes slices from the queue, runs them over the past, writes their rows, and ends hunts. Any number of processes do the same; what they
// share is the queue, and the topics of the state and of rows, which alone are enough to add every job again.
import { randomBytes } from 'node:crypto'
import { isRetryable, messageOf } from '../../../infra/process/errors.js'
import type { Logger } from '../../../infra/process/logger.js'
import type { Metrics } from '../../../infra/process/metrics.js'
import { OutageLog } from '../../../infra/process/outage-log.js'
import type { RangeReader } from '../../../infra/topic-log/range-reader.js'
import type { Codec } from '../../../schemas/codec.js'
import type { History } from '../history/history.js'
import type { HuntPlan } from '../hunt/hunt-plan.js'
import { loadHuntRules } from '../hunt/hunt-rules.js'
import { HuntMerge, type HuntResult } from '../hunt/merge-results.js'
import { SliceRunner } from '../hunt/run-slice.js'
import type { HuntQueue, SliceFigures, SliceJob } from './hunt-queue.js'
import { readSlices, type RowAppender, writeSlice } from './hunt-rows.js'
import type { HuntState, KnownHunt } from './hunt-state.js'
import { planOf, savedHuntOf } from './packed.js'
import { nextRun } from './saved-hunt.js'

/** What a hunt has in the state when it has ended. */
export interface HuntAccount extends HuntResult {
  /** Numbers of slices that failed for good: rows of them do not count. */
  readonly failedSlices: readonly number[]
}

/** What a worker needs. */
export interface HuntWorkerDeps {
  readonly queue: HuntQueue
  readonly state: HuntState
  readonly history: History
  readonly ranges: RangeReader
  readonly codec: Codec
  /** Of the rows. */
  readonly appender: RowAppender
  /** Sets the status of a hunt. @param account of one that has ended */
  readonly end: (hunt: KnownHunt, account: HuntAccount) => Promise<void>
  /** Starts a run of a saved hunt, unless it was started. */
  readonly start: (saved: KnownHunt, run: ReturnType<typeof nextRun>) => Promise<void>
  /** Removes hunts from the state for good. */
  readonly forget: (ids: readonly string[]) => Promise<void>
  readonly log: Logger
  readonly metrics: Metrics
  /** How often it looks whether a hunt or a schedule is missing in the queue, milliseconds. Default 10,000. */
  readonly lookMs?: number
}

const LOOK_MS = 10_000
/** Plans whose rules and containers are in memory. */
const MOST_RUNNERS = 2
/** Rows of a hunt are in their topic for a week; what is left of it after this time is removed from the state, microseconds. */
const FORGET_US = 30 * 86_400_000_000

/** A worker. */
export class HuntWorker {
  readonly #deps: HuntWorkerDeps
  readonly #jobs: { close(): Promise<void> }
  readonly #runners = new Map<string, RunningPlan>()
  readonly #outage: OutageLog
  readonly #end = new AbortController()
  readonly #timer: NodeJS.Timeout
  readonly #slices
  #looking: Promise<void> | undefined

  constructor(deps: HuntWorkerDeps) {
    this.#deps = deps
    this.#outage = new OutageLog(deps.log, {}, 'slices of hunts can not be read, trying again', 'slices of hunts can be read again')
    this.#slices = deps.metrics.counter('eunomia_hunt_slices_total', 'Slices of hunts that were run, by what they gave', 'result')
    this.#timer = setInterval(() => this.look(), deps.lookMs ?? LOOK_MS)
    const handlers = {
      slice: async (job: SliceJob) => await this.#slice(job),
      finish: async (huntId: string, failures: ReadonlyMap<number, string>) => await this.#finish(huntId, failures),
      scheduled: async (name: string, atMs: number) => await this.#scheduled(name, atMs),
    }
    // Slices of one process are run one after the other: more cores need more processes.
    this.#jobs = deps.queue.work(handlers, 1)
    this.look()
  }

  /** Adds what the state has and the queue has not: after an emptied Redis, or for a hunt that somebody started. */
  look(): void {
    this.#looking ??= this.#addMissing()
      .catch((error: unknown) => this.#deps.log.warn({ error: messageOf(error) }, 'hunts could not be added to the queue, trying again'))
      .finally(() => (this.#looking = undefined))
  }

  /** Finishes nothing: the slice under way is given to another worker. */
  async stop(): Promise<void> {
    clearInterval(this.#timer)
    this.#end.abort(new Error('the worker stops'))
    await this.#looking
    await this.#jobs.close()
  }

  async #addMissing(): Promise<void> {
    const { queue, state } = this.#deps
    for (const hunt of state.hunts.values()) {
      if (this.#end.signal.aborted) return
      if (hunt.status !== 'running' || (await queue.progress(hunt.id)) !== null) continue
      const { slices } = planOf(hunt)
      const ended = new Set<number>()
      for await (const { slice } of this.#rowsOf(hunt)) ended.add(slice)
      const open = slices.flatMap((_, index) => (ended.has(index) ? [] : [index]))
      await queue.add(hunt.id, open, slices.length)
    }
    const oldest = Date.now() * 1_000 - FORGET_US
    const old = [...state.hunts.values()].filter(
      ({ status, startedUs }) => (status === 'ended' || status === 'cancelled') && startedUs < oldest,
    )
    if (old.length > 0) await this.#deps.forget(old.map(({ id }) => id))
    const schedules = await queue.schedules()
    for (const { id, schedule } of state.saved.values())
      if (schedule !== null && schedules.get(id) !== schedule) await queue.schedule(id, schedule)
    for (const name of schedules.keys()) if ((state.saved.get(name)?.schedule ?? null) === null) await queue.unschedule(name)
  }

  async #slice(job: SliceJob): Promise<SliceFigures | 'later'> {
    const hunt = this.#deps.state.hunts.get(job.huntId)
    // A hunt that is not known is on its way here.
    if (hunt === undefined || hunt.status === 'paused') return 'later'
    const { plan, runner } = this.#planOf(hunt)
    const slice = plan.slices[job.slice]
    if (hunt.status !== 'running' || slice === undefined) return NOTHING
    try {
      const result = await runner.run(slice, this.#end.signal)
      await writeSlice(job, randomBytes(6).toString('hex'), result, this.#deps)
      this.#outage.succeeded()
      this.#slices.with('rows').add()
      return { records: result.account.records, rows: result.alerts.length }
    } catch (error) {
      if (this.#end.signal.aborted) return 'later'
      if (isRetryable(error)) {
        this.#outage.failed(error)
        return 'later'
      }
      this.#slices.with('failure').add()
      this.#deps.log.warn({ hunt: job.huntId, slice: job.slice, error: messageOf(error) }, 'a slice of a hunt failed')
      throw error
    }
  }

  #planOf(hunt: KnownHunt): RunningPlan {
    let running = this.#runners.get(hunt.id)
    if (running === undefined) {
      const plan = planOf(hunt)
      running = { plan, runner: new SliceRunner(plan, this.#deps) }
    }
    this.#runners.delete(hunt.id)
    this.#runners.set(hunt.id, running)
    for (const oldest of this.#runners.keys()) {
      if (this.#runners.size <= MOST_RUNNERS) break
      this.#runners.delete(oldest)
    }
    return running
  }

  async #finish(huntId: string, failures: ReadonlyMap<number, string>): Promise<void> {
    const { state, codec, end, log } = this.#deps
    const hunt = state.hunts.get(huntId)
    if (hunt === undefined) throw new Error(`the state does not have the hunt ${huntId} yet`)
    if (hunt.status === 'ended' || hunt.status === 'cancelled') return
    const plan = planOf(hunt)
    const merge = new HuntMerge(plan, { ruleSet: loadHuntRules(plan.rules).ruleSet, codec, onRow: () => undefined })
    for (const [slice, reason] of failures) merge.fail(slice, reason)
    for await (const { slice, ...result } of this.#rowsOf(hunt)) if (!failures.has(slice)) merge.add(slice, result)
    const result = merge.finish()
    await end(hunt, { ...result, failedSlices: [...failures.keys()] })
    log.info({ hunt: huntId, rows: result.rows, records: result.records, sha256: result.sha256 }, 'a hunt has ended')
  }

  async #scheduled(name: string, atMs: number): Promise<void> {
    const { state, start } = this.#deps
    const saved = state.saved.get(name)
    if (saved === undefined) return
    await start(saved, nextRun(name, savedHuntOf(saved), atMs, state.rangeEndsOf(name)))
    this.look()
  }

  #rowsOf({ id, startedUs }: KnownHunt): ReturnType<typeof readSlices> {
    const { ranges, codec } = this.#deps
    return readSlices(id, startedUs / 1000, { ranges, codec, signal: this.#end.signal })
  }
}

/** A plan, and what runs its slices. */
interface RunningPlan {
  readonly plan: HuntPlan
  readonly runner: SliceRunner
}

const NOTHING: SliceFigures = { records: 0, rows: 0 }
