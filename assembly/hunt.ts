// Runs a hunt on this machine: its slices in threads of this process, each with connections and rules of its own.
import { Worker } from 'node:worker_threads'
import type { Config } from '../infra/config/config-schema.js'
import { EunomiaError, messageOf } from '../infra/process/errors.js'
import type { Logger } from '../infra/process/logger.js'
import { within } from '../infra/waiting/clock.js'
import { deferred, type Deferred } from '../infra/waiting/waiters.js'
import { loadHuntRules } from '../processors/forensics/hunt/hunt-rules.js'
import type { HuntPlan } from '../processors/forensics/hunt/hunt-plan.js'
import { HuntMerge, type HuntResult } from '../processors/forensics/hunt/merge-results.js'
import { runPlan, type RunPlanOptions, type SliceWorker } from '../processors/forensics/hunt/run-plan.js'
import { type SliceResult, SliceRunner } from '../processors/forensics/hunt/run-slice.js'
import type { Codec } from '../schemas/codec.js'
import { readingCodec } from './codec.js'
import { openHistory } from './history.js'

/** What a thread needs. */
export interface HuntThreadData {
  readonly config: Config
  readonly plan: HuntPlan
}

/** What a thread answers: the result of a slice, or why there is none; or that its connections and files are closed. */
export type HuntThreadAnswer = 'closed' | { readonly result: SliceResult } | { readonly failure: string; readonly isRetryable: boolean }

/** A hunt on this machine. */
export interface LocalHunt extends Pick<RunPlanOptions, 'signal' | 'onProgress'> {
  readonly workers: number
  readonly codec: Codec
  /** Gets each row in order: an alert in wire format. */
  readonly onRow: (alert: Uint8Array) => void
}

/** How long a thread may take to close what it opened. */
const CLOSE_MS = 3_000

/** A slice failed in a thread. */
class SliceFailedError extends EunomiaError {
  static override readonly code = 'EUNOMIA_HUNT_FAILED'
}

/** The same, and the next attempt may succeed. */
class SliceInterruptedError extends SliceFailedError {
  static override readonly isRetryable = true
}

/** Runs all slices of a plan. */
export async function runHuntHere(plan: HuntPlan, config: Config, hunt: LocalHunt, log: Logger): Promise<HuntResult> {
  const { codec, onRow, signal, onProgress } = hunt
  const merge = new HuntMerge(plan, { ruleSet: loadHuntRules(plan.rules).ruleSet, codec, onRow })
  const count = Math.max(1, Math.min(hunt.workers, plan.slices.length))
  const workers = count === 1 ? [ownWorker(plan, config, log)] : Array.from({ length: count }, () => new HuntThread({ config, plan }))
  return await runPlan(plan, { workers, merge, signal, ...(onProgress && { onProgress }) })
}

/** Runs slices in this thread. */
function ownWorker(plan: HuntPlan, config: Config, log: Logger): SliceWorker {
  const history = openHistory(config, log)
  const runner = new SliceRunner(plan, { history, codec: readingCodec(config.schemas) })
  return {
    run: async (index, signal) => {
      const slice = plan.slices[index]
      if (slice === undefined) throw new RangeError(`there is no slice ${String(index)}`)
      return await runner.run(slice, signal)
    },
    close: () => history.close(),
  }
}

/** Runs slices in a thread. One that ends early, out of memory perhaps, takes its slice with it; the next slice has a new one. */
class HuntThread implements SliceWorker {
  readonly #workerData: HuntThreadData
  #worker: Worker | undefined
  #answer: Deferred<SliceResult> | undefined

  constructor(workerData: HuntThreadData) {
    this.#workerData = workerData
  }

  async run(index: number, signal: AbortSignal): Promise<SliceResult> {
    const answer = deferred<SliceResult>()
    this.#answer = answer
    const abort = (): void => answer.reject(signal.reason)
    signal.addEventListener('abort', abort, { once: true })
    this.#worker ??= this.#start()
    this.#worker.postMessage(index)
    try {
      return await answer.promise
    } finally {
      signal.removeEventListener('abort', abort)
    }
  }

  async close(): Promise<void> {
    const worker = this.#worker
    this.#worker = undefined
    if (worker === undefined) return
    const closed = new Promise<void>((resolve) => {
      worker.on('message', (answer: HuntThreadAnswer) => {
        if (answer === 'closed') resolve()
      })
      worker.once('exit', () => resolve())
    })
    worker.postMessage(null)
    await within(CLOSE_MS, closed)
    await worker.terminate()
  }

  #start(): Worker {
    const worker = new Worker(new URL('./hunt-thread.js', import.meta.url), { workerData: this.#workerData })
    const end = (reason: string): void => {
      if (this.#worker !== worker) return
      this.#worker = undefined
      this.#answer?.reject(new SliceFailedError(reason))
    }
    worker.on('message', (answer: HuntThreadAnswer) => {
      if (answer === 'closed') return
      if ('result' in answer) this.#answer?.resolve(answer.result)
      else this.#answer?.reject(new (answer.isRetryable ? SliceInterruptedError : SliceFailedError)(answer.failure))
    })
    worker.on('error', (error) => end(`its thread ended: ${messageOf(error)}`))
    worker.on('exit', () => end('its thread ended'))
    return worker
  }
}
