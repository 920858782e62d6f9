// A trial load of rule files, in a thread of its own with bounds of time and memory: a file that would hold up the load for ever, or exhaust
// the memory, is left out like one with a mistake, and the others load.
import { getHeapStatistics } from 'node:v8'
import { Worker } from 'node:worker_threads'
import type { LoadError } from '../read/diagnostics.js'
import type { RuleFile } from '../read/rule-file.js'

/** What the thread loads. */
export interface TrialLoad {
  readonly files: readonly RuleFile[]
  readonly pipelines: readonly RuleFile[]
  readonly placeholders: Readonly<Record<string, readonly string[]>>
  /** One number: how many of `files` were begun, and one more when all were read. */
  readonly begun: Int32Array<SharedArrayBuffer>
}

/** Bounds of a trial. */
export interface TrialBounds {
  /** For all files, milliseconds. */
  readonly deadlineMs: number
  /** For one file, and for what is done with the rules of all files, milliseconds. */
  readonly fileMs: number
  /** Of the thread's heap. */
  readonly maxMib: number
}

/** All Falco and Sigma rules together load within two seconds and 150 MiB; the costliest file within the bounds of a file, within two seconds. */
export const TRIAL_BOUNDS: TrialBounds = {
  deadlineMs: 60_000,
  fileMs: 30_000,
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
 * after that, this file and those after it are left out. Where it fails at the rules of all files together, files that may be to blame are
 * tried alone.
 * @throws Error when it fails, and at no file: at the field mappings, or at the rules of all files together
 */
export async function tryFiles(
  given: readonly RuleFile[],
  pipelines: readonly RuleFile[],
  placeholders: Readonly<Record<string, readonly string[]>>,
  bounds: TrialBounds = TRIAL_BOUNDS,
): Promise<TriedFiles> {
  const endMs = performance.now() + bounds.deadlineMs
  const errors: LoadError[] = []
  let files = given
  for (;;) {
    const deadlineMs = Math.max(bounds.fileMs, endMs - performance.now())
    const failure = await failureOf({ files, pipelines, placeholders }, { ...bounds, deadlineMs })
    if (failure === null) return { files, errors }
    if (failure.index === files.length) {
      const blamed = await blamedFor({ files, pipelines, placeholders }, bounds, endMs)
      if (blamed.size === 0) throw new Error(failure.message)
      for (const [{ name }, message] of blamed) errors.push(leftOut(name, message))
      files = files.filter((file) => !blamed.has(file))
      continue
    }
    const file = files[failure.index]
    if (file === undefined) throw new Error(failure.message)
    const isLast = performance.now() >= endMs
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

/** Files that can't be loaded alone either, and why; when the time is over, also those that were not tried. */
async function blamedFor({ files, ...load }: Omit<TrialLoad, 'begun'>, bounds: TrialBounds, endMs: number): Promise<Map<RuleFile, string>> {
  const blamed = new Map<RuleFile, string>()
  for (const file of files.filter((one) => needTrial([one]))) {
    const failure = await (performance.now() < endMs
      ? failureOf({ files: [file], ...load }, bounds)
      : { message: 'not loaded: the rules of all files take too long' })
    if (failure !== null) blamed.set(file, failure.message)
  }
  return blamed
}

interface Failure {
  readonly message: string
  /** Of the file that it had come to: -1 for none, the number of files for all together. */
  readonly index: number
}

const LOOK_EVERY_MS = 100

/** Null for a load that ends within the bounds. */
async function failureOf(load: Omit<TrialLoad, 'begun'>, { deadlineMs, fileMs, maxMib }: TrialBounds): Promise<Failure | null> {
  const begun = new Int32Array(new SharedArrayBuffer(4))
  const worker = new Worker(new URL('./trial-worker.js', import.meta.url), {
    workerData: { ...load, begun } satisfies TrialLoad,
    resourceLimits: { maxOldGenerationSizeMb: maxMib },
  })
  const startMs = performance.now()
  let [seen, seenMs] = [0, startMs]
  let timer: NodeJS.Timeout | undefined
  try {
    return await new Promise<Failure | null>((done, failed) => {
      const fail = (message: string): void => done({ message, index: Atomics.load(begun, 0) - 1 })
      const look = (): void => {
        const nowMs = performance.now()
        const now = Atomics.load(begun, 0)
        if (now !== seen) [seen, seenMs] = [now, nowMs]
        if (nowMs - startMs >= deadlineMs) fail('loading the rules takes too long')
        else if (now > 0 && nowMs - seenMs >= fileMs) fail(`loading takes longer than ${String(fileMs / 1000)} s`)
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
    await worker.terminate()
  }
}

/** Files that load within a second or two whatever is in them, but for aliases and expressions, need no trial: their bytes together. */
const MAX_UNTRIED_BYTES = 1_048_576
/** YAML's anchors and aliases, and more. */
const ANCHOR = /(?:^|[\s[{,:])&[^\s&]/
const ALIAS = /(?:^|[\s[{,:])\*[^\s*]/
/** Repetitions in expressions, which take RE2 a quarter of a second for 10,000, and more when they are within one another. */
const REPETITION = /\{(\d{1,4})(?:,(\d{0,4}))?\}/g
const MAX_UNTRIED_REPETITIONS = 5_000

/** True for files that may take more time or memory than a start has. A thread takes longer than to load the rules that we ship. */
export function needTrial(files: readonly RuleFile[]): boolean {
  let bytes = 0
  let repetitions = 0
  for (const { text } of files) {
    bytes += text.length
    if (bytes > MAX_UNTRIED_BYTES || (ANCHOR.test(text) && ALIAS.test(text))) return true
    for (const [, least, most] of text.matchAll(REPETITION)) repetitions += Math.max(Number(least), Number(most ?? 0))
    if (repetitions > MAX_UNTRIED_REPETITIONS) return true
  }
  return false
}
