// Hashes of executables, each computed once: a small file at its exec, so that the event of that exec contains it; a large one in the background.
// Everything is bounded (entries, bytes per second, file size, bytes per batch, waiting files), and each bound is counted.
import { createHash } from 'node:crypto'
import { read } from 'node:fs'
import { promisify } from 'node:util'
import type { ProcessImage } from '../processes/process-entry.js'
import { EXE_LOCAL } from '../../native/generated/layout.js'
import { type TaskFacts } from '../ring-events/task-facts.js'
import { CHUNK_BYTES, ExecutableFile, type Refusal } from './executable-file.js'
import { executableKey, type ExecutableHashes } from './executable-hashes.js'

/** Bounds. */
export interface FileHashLimits {
  /** Most cached hashes. Default 8192, 1.5 MB. */
  readonly maxEntries?: number
  /** Longest file that is read. Default 256 MiB. */
  readonly maxFileBytes?: number
  /** Most bytes read per second. Default 32 MiB, about 3 % of a core. */
  readonly bytesPerSecond?: number
  /** Most bytes read while one batch of records is handled. Default 2 MiB, which delays the batch by 2 ms. */
  readonly bytesPerBatch?: number
  /** Most waiting files, each with an open descriptor, except those of processes that already ran. Default 64. */
  readonly maxWaiting?: number
  readonly procFolder?: string
}

interface Waiting {
  readonly key: string
  readonly image: ProcessImage
  /** Opened at its exec; null for a process that already ran. */
  readonly file: ExecutableFile | null
}

/** Most waiting files of processes that already ran: they have no descriptor. */
const MAX_RUNNING = 4096
const readInto = promisify(read)

/** @see ExecutableHashes */
export class FileHashes implements ExecutableHashes {
  readonly #limits: Required<FileHashLimits>
  readonly #budget: ByteBudget
  readonly #chunk = new Uint8Array(CHUNK_BYTES)
  /** Least recently used first. Null: no hash, because the file was too long or unreadable. */
  readonly #known = new Map<string, string | null>()
  readonly #waiting = new Map<string, Waiting>()
  #withFile = 0
  #batchLeft: number
  #reading: Promise<void> | null = null
  #isClosed = false
  #wake: () => void = () => undefined
  generation = 0
  /** Outcomes of the files, and bounds that were reached. */
  readonly counters = {
    atExec: 0,
    behind: 0,
    notLocal: 0,
    tooLong: 0,
    notWaiting: 0,
    gone: 0,
    otherFile: 0,
    changed: 0,
    evicted: 0,
  }

  constructor(limits: FileHashLimits = {}, budget?: ByteBudget) {
    this.#limits = {
      maxEntries: limits.maxEntries ?? 8192,
      maxFileBytes: limits.maxFileBytes ?? 256 * 1024 * 1024,
      bytesPerSecond: limits.bytesPerSecond ?? 32 * 1024 * 1024,
      bytesPerBatch: limits.bytesPerBatch ?? 2 * 1024 * 1024,
      maxWaiting: limits.maxWaiting ?? 64,
      procFolder: limits.procFolder ?? '/proc',
    }
    this.#budget = budget ?? new ByteBudget(this.#limits.bytesPerSecond)
    this.#batchLeft = this.#limits.bytesPerBatch
  }

  of(facts: TaskFacts): string | null {
    return this.#known.get(executableKey(facts)) ?? null
  }

  beginBatch(): void {
    this.#batchLeft = this.#limits.bytesPerBatch
  }

  executed(image: ProcessImage): void {
    const { facts } = image
    const key = executableKey(facts)
    if (!this.#isWanted(key, facts) || this.#waiting.has(key)) return
    const file = ExecutableFile.open(this.#limits.procFolder, image)
    if (!(file instanceof ExecutableFile)) return void this.counters[file]++
    const { sizeBytes } = file
    if (sizeBytes > this.#limits.maxFileBytes) {
      file.close()
      this.counters.tooLong++
      this.#store(key, null)
    } else if (sizeBytes <= this.#batchLeft && this.#budget.take(sizeBytes)) {
      this.#batchLeft -= sizeBytes
      const result = file.hash(this.#chunk)
      file.close()
      this.#settle(key, result, 'atExec')
    } else if (this.#withFile < this.#limits.maxWaiting) {
      this.#withFile++
      this.#wait({ key, image, file })
    } else {
      file.close()
      this.counters.notWaiting++
    }
  }

  running(image: ProcessImage): void {
    const { facts } = image
    const key = executableKey(facts)
    if (!facts.hasExecutable || !this.#isWanted(key, facts) || this.#waiting.has(key)) return
    if (this.#waiting.size < MAX_RUNNING) this.#wait({ key, image, file: null })
    else this.counters.notWaiting++
  }

  /** Stops reading. */
  async close(): Promise<void> {
    this.#isClosed = true
    this.#wake()
    await this.#reading
    for (const { file } of this.#waiting.values()) file?.close()
    this.#waiting.clear()
  }

  /** Resolves when no file waits. */
  async settled(): Promise<void> {
    await this.#reading
  }

  #isWanted(key: string, facts: TaskFacts): boolean {
    if (this.#isClosed) return false
    const known = this.#known.get(key)
    if (known !== undefined) {
      this.#known.delete(key)
      this.#known.set(key, known)
      return false
    }
    if ((facts.exeFlags & EXE_LOCAL) !== 0) return true
    this.counters.notLocal++
    return false
  }

  #wait(waiting: Waiting): void {
    this.#waiting.set(waiting.key, waiting)
    this.#reading ??= this.#readAll()
  }

  async #readAll(): Promise<void> {
    for (let next = first(this.#waiting); next !== null && !this.#isClosed; next = first(this.#waiting)) {
      const result = await this.#readOne(next)
      this.#waiting.delete(next.key)
      if (next.file !== null) this.#withFile--
      if (!this.#isClosed) this.#settle(next.key, result, 'behind')
    }
    this.#reading = null
  }

  /** The file of a process that already ran is opened only now. */
  async #readOne({ image, file: opened }: Waiting): Promise<string | Refusal | null> {
    const file = opened ?? ExecutableFile.open(this.#limits.procFolder, image)
    if (!(file instanceof ExecutableFile)) return file
    try {
      if (file.sizeBytes <= this.#limits.maxFileBytes) return await this.#readSlowly(file)
      this.counters.tooLong++
      return null
    } catch {
      return 'gone'
    } finally {
      file.close()
    }
  }

  async #readSlowly(file: ExecutableFile): Promise<string | Refusal> {
    const hash = createHash('sha256')
    const chunk = new Uint8Array(CHUNK_BYTES)
    let at = 0
    for (let bytes = -1; bytes !== 0 && at <= file.sizeBytes; at += bytes) {
      await this.#roomFor(CHUNK_BYTES)
      if (this.#isClosed) return 'gone'
      bytes = (await readInto(file.fd, chunk, 0, chunk.length, at)).bytesRead
      hash.update(chunk.subarray(0, bytes))
    }
    return file.finish(hash, at)
  }

  async #roomFor(bytes: number): Promise<void> {
    while (!this.#isClosed && !this.#budget.take(bytes)) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, this.#budget.waitMs(bytes))
        this.#wake = () => {
          clearTimeout(timer)
          resolve()
        }
      })
    }
  }

  #settle(key: string, result: string | Refusal | null, how: 'atExec' | 'behind'): void {
    if (result === 'gone' || result === 'otherFile' || result === 'changed') return void this.counters[result]++
    if (result !== null) this.counters[how]++
    this.#store(key, result)
    this.generation++
  }

  #store(key: string, hash: string | null): void {
    this.#known.set(key, hash)
    if (this.#known.size <= this.#limits.maxEntries) return
    const [oldest] = this.#known.keys()
    if (oldest !== undefined) this.#known.delete(oldest)
    this.counters.evicted++
  }
}

function first(waiting: ReadonlyMap<string, Waiting>): Waiting | null {
  const next = waiting.values().next()
  return next.done === true ? null : next.value
}

/** A token bucket of bytes, refilled over time. */
export class ByteBudget {
  readonly #perSecond: number
  readonly #nowMs: () => number
  #left: number
  #filledAtMs: number

  constructor(perSecond: number, nowMs: () => number = () => performance.now()) {
    this.#perSecond = perSecond
    this.#nowMs = nowMs
    this.#left = perSecond
    this.#filledAtMs = nowMs()
  }

  /** @returns false when there are too few; then none are taken */
  take(bytes: number): boolean {
    this.#fill()
    if (this.#left < bytes) return false
    this.#left -= bytes
    return true
  }

  /** Time until `bytes`, at most those of a second, are available; milliseconds. */
  waitMs(bytes: number): number {
    this.#fill()
    return Math.ceil((Math.max(0, Math.min(bytes, this.#perSecond) - this.#left) * 1000) / this.#perSecond)
  }

  #fill(): void {
    const now = this.#nowMs()
    this.#left = Math.min(this.#perSecond, this.#left + ((now - this.#filledAtMs) * this.#perSecond) / 1000)
    this.#filledAtMs = now
  }
}
