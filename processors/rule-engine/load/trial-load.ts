// A trial load of changed rule files, in a thread of its own with bounds of time and memory: a file that would hold up the load for ever, or
// exhaust the memory, is refused there, and detection goes on with the rules in force.
import { Worker } from 'node:worker_threads'
import type { RuleFile } from '../read/rule-file.js'

/** What the thread loads. */
export interface TrialLoad {
  readonly files: readonly RuleFile[]
  readonly pipelines: readonly RuleFile[]
  readonly placeholders: Readonly<Record<string, readonly string[]>>
  /** One number: how many of `files` were begun. */
  readonly begun: Int32Array<SharedArrayBuffer>
}

/** Bounds of a trial. */
export interface TrialBounds {
  /** Milliseconds. */
  readonly deadlineMs: number
  /** Of the thread's heap. */
  readonly maxMib: number
}

/** All Falco and Sigma rules together load within two seconds and 150 MiB. */
export const TRIAL_BOUNDS: TrialBounds = { deadlineMs: 60_000, maxMib: 1_024 }

/** Loads the files in a thread, and forgets the result. @throws Error when that takes too long or too much memory, with the file that it had come to */
export async function tryToLoad(
  files: readonly RuleFile[],
  pipelines: readonly RuleFile[],
  placeholders: Readonly<Record<string, readonly string[]>>,
  { deadlineMs, maxMib }: TrialBounds = TRIAL_BOUNDS,
): Promise<void> {
  const begun = new Int32Array(new SharedArrayBuffer(4))
  const workerData: TrialLoad = { files, pipelines, placeholders, begun }
  const worker = new Worker(new URL('./trial-worker.js', import.meta.url), {
    workerData,
    resourceLimits: { maxOldGenerationSizeMb: maxMib },
  })
  let timer: NodeJS.Timeout | undefined
  try {
    await new Promise<void>((done, failed) => {
      const fail = (what: string): void => failed(new Error(`${what}${placeOf(files, Atomics.load(begun, 0))}`))
      timer = setTimeout(() => fail(`loading takes longer than ${String(deadlineMs / 1000)} s`), deadlineMs)
      worker.once('error', (error: NodeJS.ErrnoException) => {
        if (error.code === 'ERR_WORKER_OUT_OF_MEMORY') fail(`loading takes more than ${String(maxMib)} MiB`)
        else failed(error)
      })
      worker.once('exit', (code) => (code === 0 ? done() : fail('the trial load ended early')))
    })
  } finally {
    clearTimeout(timer)
    await worker.terminate()
  }
}

function placeOf(files: readonly RuleFile[], begun: number): string {
  const file = files[begun - 1]
  return file === undefined ? '' : `, in or after ${file.name}`
}
