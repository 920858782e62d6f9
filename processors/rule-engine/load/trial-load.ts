// A trial load of rule files, in a thread of its own with bounds of time and memory: a file that would hold up the load for ever, or exhaust
// the memory, is left out like one with a mistake, and the others load.
import { readFileSync, realpathSync } from 'node:fs'
import { join, sep } from 'node:path'
import { getHeapStatistics } from 'node:v8'
import { Worker } from 'node:worker_threads'
import { packageRoot } from '../../../infra/process/package-root.js'
import type { LoadError } from '../read/diagnostics.js'
import type { RuleFile } from '../read/rule-file.js'

/** What the thread loads. */
export interface TrialLoad {
  readonly files: readonly RuleFile[]
  readonly pipelines: readonly RuleFile[]
  readonly placeholders: Readonly<Record<string, readonly string[]>>
  /** Two numbers: how many of `files` were begun, and one more when all were read; the kernel's number of the thread. */
  readonly begun: Int32Array<SharedArrayBuffer>
}

/** Bounds of a trial. Times are of the thread's processor time, so that a busy machine refuses nothing. */
export interface TrialBounds {
  /** For all attempts together, milliseconds. */
  readonly deadlineMs: number
  /** For a set of files. What passes is loaded again by the main thread, which does nothing else meanwhile. Milliseconds. */
  readonly setMs: number
  /** For reading one file, and for all that is done with one file alone, milliseconds. */
  readonly fileMs: number
  /** Of the thread's heap. */
  readonly maxMib: number
}

/** The rules that we ship take a second, all of Sigma's one more, and both 150 MiB: sets ten times as large, and slow machines, need several times as long. */
export const TRIAL_BOUNDS: TrialBounds = {
  deadlineMs: 60_000,
  setMs: 20_000,
  fileMs: 3_000,
  // The program loads the same after the trial, and has more to hold.
  maxMib: Math.min(1_024, Math.floor((getHeapStatistics().heap_size_limit / 1_048_576) * 0.75)),
}

/** Files and what was left out of them. */
export interface TriedFiles {
  readonly files: readonly RuleFile[]
  readonly errors: readonly LoadError[]
}

/**
 * Loads the files in a thread, and forgets the result. Whichever file it fails at is left out, and the rest is tried again while there is time;
 * after that, this file and those after it are left out. Where it fails at the rules of all files together, files are tried alone.
 * @throws Error when it fails, and at no file: at the field mappings, or at the rules of all files together
 */
export async function tryFiles(
  given: readonly RuleFile[],
  pipelines: readonly RuleFile[],
  placeholders: Readonly<Record<string, readonly string[]>>,
  bounds: TrialBounds = TRIAL_BOUNDS,
): Promise<TriedFiles> {
  const attempts = new Attempts(pipelines, placeholders, bounds)
  const errors: LoadError[] = []
  let files = given
  for (;;) {
    const failure = await attempts.failureOf(files)
    if (failure === null) return { files, errors }
    const file = files[failure.index]
    if (failure.index >= 0 && (failure.isOfSet || file === undefined)) {
      const blamed = await blamedFor(files, attempts)
      if (blamed.size === 0) throw new Error(failure.message)
      for (const [{ name }, message] of blamed) errors.push(leftOut(name, message))
      files = files.filter((each) => !blamed.has(each))
      continue
    }
    if (file === undefined) throw new Error(failure.message)
    const isLast = attempts.isTimeOver
    const rest = files.slice(failure.index + 1)
    errors.push(
      leftOut(file.name, isLast && rest.length > 0 ? `${failure.message}: this file and those after it are left out` : failure.message),
    )
    files = [...files.slice(0, failure.index), ...(isLast ? [] : rest)]
    if (isLast) return { files, errors }
  }
}

function leftOut(file: string, message: string): LoadError {
  return { code: 'LOAD_ERR_FILE_READ', message, item: null, place: { file, line: 1, column: 1 } }
}

/**
 * Files that can't be loaded alone either, and why. The costliest is tried alone, then twice as many at a time; those that fail together are
 * tried in the same way, while there is time.
 */
async function blamedFor(files: readonly RuleFile[], attempts: Attempts): Promise<Map<RuleFile, string>> {
  const blamed = new Map<RuleFile, string>()
  const costs = new Map(files.map((file) => [file, guessedCost(file)]))
  const waiting = [[...files].sort((a, b) => (costs.get(b) ?? 0) - (costs.get(a) ?? 0))]
  for (let group = waiting.shift(); group !== undefined; group = waiting.shift()) {
    for (let [from, size] = [0, 1]; from < group.length; from += size, size *= 2) {
      const part = group.slice(from, from + size)
      const failure = await attempts.failureOf(part)
      if (failure === null) continue
      if (part.length > 1 && !attempts.isTimeOver) waiting.push(part)
      else
        for (const file of part) blamed.set(file, part.length > 1 ? `not loaded: ${failure.message}, like files with it` : failure.message)
    }
  }
  return blamed
}

/** What is slow to compile: classes of Unicode, repetitions, however they are written. A guess: it only decides what is tried first. */
export function guessedCost({ text }: RuleFile): number {
  return text.length + 1_000 * (text.match(/\\+[pPxu]|\{\d|regex|\|re/g)?.length ?? 0)
}

interface Failure {
  readonly message: string
  /** Of the file that it had come to: -1 for none, the number of files for all together. */
  readonly index: number
  /** At the time for the whole set, not at what it had come to. */
  readonly isOfSet: boolean
}

const LOOK_EVERY_MS = 50

/** Loads in threads, and the time that they took. */
class Attempts {
  readonly #load: Pick<TrialLoad, 'pipelines' | 'placeholders'>
  readonly #bounds: TrialBounds
  #spentMs = 0

  constructor(pipelines: readonly RuleFile[], placeholders: TrialLoad['placeholders'], bounds: TrialBounds) {
    this.#load = { pipelines, placeholders }
    this.#bounds = bounds
  }

  get isTimeOver(): boolean {
    return this.#spentMs >= this.#bounds.deadlineMs
  }

  /** Null for a load that ends within the bounds. */
  async failureOf(files: readonly RuleFile[]): Promise<Failure | null> {
    const { setMs, fileMs, maxMib } = this.#bounds
    const begun = new Int32Array(new SharedArrayBuffer(8))
    const worker = new Worker(new URL('./trial-worker.js', import.meta.url), {
      workerData: { ...this.#load, files, begun } satisfies TrialLoad,
      resourceLimits: { maxOldGenerationSizeMb: maxMib },
    })
    const startMs = performance.now()
    let timer: NodeJS.Timeout | undefined
    let [seen, seenMs, firstMs, nowMs] = [0, 0, 0, 0]
    try {
      return await new Promise<Failure | null>((done, failed) => {
        const fail = (message: string, isOfSet = false): void => done({ message, index: Atomics.load(begun, 0) - 1, isOfSet })
        const look = (): void => {
          nowMs = threadMs(Atomics.load(begun, 1)) ?? performance.now() - startMs
          const now = Atomics.load(begun, 0)
          // The start of the thread is not the files' fault.
          if (seen === 0 && now > 0) firstMs = nowMs
          if (now !== seen) [seen, seenMs] = [now, nowMs]
          if (seen > 0 && nowMs - seenMs >= fileMs && seen <= files.length) fail(takesLonger(fileMs))
          else if (files.length === 1 && nowMs - firstMs >= fileMs) fail(takesLonger(fileMs))
          else if (nowMs - firstMs >= setMs) fail('loading the rules takes too long', true)
        }
        look()
        timer = setInterval(look, LOOK_EVERY_MS)
        worker.once('error', (error: NodeJS.ErrnoException) => {
          if (error.code === 'ERR_WORKER_OUT_OF_MEMORY') fail(`loading takes more than ${String(maxMib)} MiB`)
          else failed(error)
        })
        worker.once('exit', (code) => (code === 0 ? done(null) : fail('the trial load ended early')))
      })
    } finally {
      clearInterval(timer)
      this.#spentMs += nowMs
      await worker.terminate()
    }
  }
}

const takesLonger = (ms: number): string => `loading takes longer than ${String(ms / 1000)} s`

/** Processor time of a thread of this process, milliseconds: 0 before it runs, null where the kernel does not say. */
function threadMs(id: number): number | null {
  if (id === 0) return 0
  try {
    return Number(readFileSync(`/proc/self/task/${String(id)}/schedstat`, 'latin1').split(' ')[0]) / 1_000_000
  } catch {
    return null
  }
}

/** True unless all files are below the folder of the rules that we ship: a file of anybody else may take any time or memory. */
export function needTrial(files: readonly RuleFile[]): boolean {
  const ours = realpathSync(join(packageRoot(), 'rules')) + sep
  return !files.every(({ name }) => isBelow(name, ours))
}

function isBelow(name: string, folder: string): boolean {
  try {
    return realpathSync(name).startsWith(folder)
  } catch {
    return false
  }
}
