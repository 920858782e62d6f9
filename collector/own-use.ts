// CPU and memory of the collector, measured each second against the limits of the settings. Above a limit, work that no event needs is deferred:
// hashes, for example. Events are never skipped: they wait in the rings, whose losses the kernel counts.
import type { Logger } from '../infra/process/logger.js'
import type { ExecutableHashes } from './executables/executable-hashes.js'
import type { ProcessImage } from './processes/process-entry.js'
import type { TaskFacts } from './ring-events/task-facts.js'

/** Limits; null for none. */
export interface UseLimits {
  /** Of one core, over ten seconds. */
  readonly cpuPercent: number | null
  /** Resident memory, including the mapped rings. */
  readonly memoryBytes: number | null
}

/** Deferrable work: hashing executables, reading processes without a seen exec from /proc, reading aggregates. */
export const OPTIONAL_WORK = ['hashes', 'procReads', 'usage'] as const
export type OptionalWork = (typeof OPTIONAL_WORK)[number]

/** Reads what this process uses. */
interface UseReader {
  /** Of all threads since the start, microseconds. */
  cpuUs(): number
  memoryBytes(): number
  nowMs(): number
}

/** This process, as the kernel accounts for it. */
const OWN_PROCESS: UseReader = {
  cpuUs: () => {
    const { user, system } = process.cpuUsage()
    return user + system
  },
  memoryBytes: () => process.memoryUsage.rss(),
  nowMs: () => performance.now(),
}

const SAMPLES = 10
const EVERY_MS = 1000
/** Work resumes below this fraction of a limit, so that it does not switch on and off each second. */
const BACK_AT = 0.9

interface Sample {
  readonly cpuUs: number
  readonly atMs: number
}

/** Measures from its start until `close`. */
export class OwnUse {
  readonly #limits: UseLimits
  readonly #reader: UseReader
  readonly #log: Logger
  readonly #putOff = new Map<OptionalWork, number>(OPTIONAL_WORK.map((work) => [work, 0]))
  readonly #timer: NodeJS.Timeout
  #samples: Sample[]
  #cpuPercent = 0
  #memoryBytes: number
  #isOver = false
  #overSeconds = 0

  constructor(limits: UseLimits, log: Logger, reader: UseReader = OWN_PROCESS) {
    this.#limits = limits
    this.#log = log
    this.#reader = reader
    this.#samples = [this.#sample()]
    this.#memoryBytes = reader.memoryBytes()
    this.#timer = setInterval(() => this.measure(), EVERY_MS)
    this.#timer.unref()
  }

  /** Whether optional work may run now; a refusal is counted. */
  may(work: OptionalWork): boolean {
    if (this.#isOver) this.#putOff.set(work, (this.#putOff.get(work) ?? 0) + 1)
    return !this.#isOver
  }

  /** Counters for the heartbeat. */
  counters(): Record<string, number> {
    return {
      'own.cpuPercent': Math.round(this.#cpuPercent),
      'own.memoryBytes': this.#memoryBytes,
      'own.isOverLimit': Number(this.#isOver),
      'own.secondsOverLimit': this.#overSeconds,
      ...Object.fromEntries([...this.#putOff].map(([work, count]) => [`own.putOff.${work}`, count])),
    }
  }

  /** Called each second by the timer. */
  measure(): void {
    const now = this.#sample()
    const [first = now] = (this.#samples = [...this.#samples, now].slice(-SAMPLES - 1))
    const tookUs = (now.atMs - first.atMs) * 1000
    this.#cpuPercent = tookUs > 0 ? ((now.cpuUs - first.cpuUs) / tookUs) * 100 : 0
    this.#memoryBytes = this.#reader.memoryBytes()
    this.#decide(this.#isAbove(this.#isOver ? BACK_AT : 1))
    if (this.#isOver) this.#overSeconds++
  }

  close(): Promise<void> {
    clearInterval(this.#timer)
    return Promise.resolve()
  }

  #sample(): Sample {
    return { cpuUs: this.#reader.cpuUs(), atMs: this.#reader.nowMs() }
  }

  #isAbove(part: number): boolean {
    const { cpuPercent, memoryBytes } = this.#limits
    return (cpuPercent !== null && this.#cpuPercent > cpuPercent * part) || (memoryBytes !== null && this.#memoryBytes > memoryBytes * part)
  }

  #decide(isOver: boolean): void {
    if (isOver === this.#isOver) return
    this.#isOver = isOver
    const seen = { cpuPercent: Math.round(this.#cpuPercent), memoryBytes: this.#memoryBytes, limits: this.#limits }
    if (isOver)
      this.#log.warn(seen, 'above its own limit: hashes of executables, reads of /proc and aggregates are deferred, events are not')
    else this.#log.info({ ...seen, putOff: Object.fromEntries(this.#putOff) }, 'below its own limit again')
  }
}

/** @see ExecutableHashes */
export class LimitedHashes implements ExecutableHashes {
  readonly #hashes: ExecutableHashes
  readonly #ownUse: Pick<OwnUse, 'may'>

  constructor(hashes: ExecutableHashes, ownUse: Pick<OwnUse, 'may'>) {
    this.#hashes = hashes
    this.#ownUse = ownUse
  }

  get generation(): number {
    return this.#hashes.generation
  }

  of(facts: TaskFacts): string | null {
    return this.#hashes.of(facts)
  }

  executed(image: ProcessImage): void {
    if (this.#hashes.of(image.facts) !== null || this.#ownUse.may('hashes')) this.#hashes.executed(image)
  }

  running(image: ProcessImage): void {
    if (this.#hashes.of(image.facts) !== null || this.#ownUse.may('hashes')) this.#hashes.running(image)
  }

  beginBatch(): void {
    this.#hashes.beginBatch()
  }
}
