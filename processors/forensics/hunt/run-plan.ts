// Runs the slices of a plan with some workers, and merges their results. A slice that fails is tried again; one that fails for good is named in the result,
// and the others go on.
import { isRetryable, messageOf } from '../../../infra/process/errors.js'
import { Backoff } from '../../../infra/waiting/backoff.js'
import { Waiters } from '../../../infra/waiting/waiters.js'
import type { HuntPlan } from './hunt-plan.js'
import type { HuntMerge, HuntResult } from './merge-results.js'
import type { SliceResult } from './run-slice.js'

/** Runs slices, one at a time: a runner of this process, or a thread. */
export interface SliceWorker {
  /** @param index of the slice in the plan */
  run(index: number, signal: AbortSignal): Promise<SliceResult>
  close(): Promise<void>
}

/** How far a hunt is. */
export interface HuntProgress {
  readonly slices: number
  readonly slicesEnded: number
  /** Records of the slices that have ended, with those that were skipped in them. */
  readonly records: number
  /** Records of all slices, at most. */
  readonly recordsOfAll: number
  readonly alerts: number
  readonly elapsedMs: number
}

/** How a plan is run. */
export interface RunPlanOptions {
  readonly workers: readonly SliceWorker[]
  readonly merge: HuntMerge
  /** Ends the run early: what is done by then is in the result. */
  readonly signal: AbortSignal
  readonly onProgress?: (progress: HuntProgress) => void
}

const MOST_ATTEMPTS = 4
/** Slices of each worker that may be done before an earlier one: their rows are in memory. */
const AHEAD = 2

/** Runs all slices. Closes the workers. */
export async function runPlan(plan: HuntPlan, options: RunPlanOptions): Promise<HuntResult> {
  const run = new PlanRun(plan, options)
  try {
    await Promise.all(options.workers.map((worker) => run.work(worker)))
    return options.merge.finish()
  } finally {
    await Promise.all(options.workers.map((worker) => worker.close()))
  }
}

class PlanRun {
  readonly #plan: HuntPlan
  readonly #options: RunPlanOptions
  readonly #ended = new Waiters()
  readonly #startedMs = performance.now()
  readonly #recordsOfAll: number
  #next = 0
  #slicesEnded = 0
  #records = 0
  #alerts = 0

  constructor(plan: HuntPlan, options: RunPlanOptions) {
    this.#plan = plan
    this.#options = options
    this.#recordsOfAll = plan.slices.reduce((sum, { records, from, to }) => sum + (records ?? to - from), 0)
  }

  async work(worker: SliceWorker): Promise<void> {
    const { merge, signal, workers } = this.#options
    while (!signal.aborted && this.#next < this.#plan.slices.length) {
      if (this.#next >= merge.next + AHEAD * workers.length) {
        await this.#ended.next()
        continue
      }
      await this.#slice(this.#next++, worker)
      this.#ended.wake()
    }
    this.#ended.wake()
  }

  async #slice(index: number, worker: SliceWorker): Promise<void> {
    const { merge, signal, onProgress } = this.#options
    const backoff = new Backoff(100, 5_000)
    for (;;) {
      try {
        const result = await worker.run(index, signal)
        merge.add(index, result)
        this.#alerts += result.account.alerts
        break
      } catch (error) {
        if (signal.aborted) return
        if (isRetryable(error) && backoff.attempts + 1 < MOST_ATTEMPTS && (await backoff.wait(signal))) continue
        if (signal.aborted) return
        merge.fail(index, messageOf(error))
        break
      }
    }
    const slice = this.#plan.slices[index]
    this.#slicesEnded++
    this.#records += slice === undefined ? 0 : (slice.records ?? slice.to - slice.from)
    onProgress?.({
      slices: this.#plan.slices.length,
      slicesEnded: this.#slicesEnded,
      records: this.#records,
      recordsOfAll: this.#recordsOfAll,
      alerts: this.#alerts,
      elapsedMs: performance.now() - this.#startedMs,
    })
  }
}
