// Calls back after files or folders may have changed: when the kernel reports changes and then none for a moment, and at an
// interval, because network file systems and swapped links report nothing. The callback finds out what changed.
import { statSync, watch, type FSWatcher } from 'node:fs'
import { dirname } from 'node:path'
import { deferred } from './waiters.js'

/** Paths and times of a watch. */
export interface FileWatchConfig {
  readonly paths: readonly string[]
  /** Default 200. */
  readonly quietMs?: number
  /** Default 60,000. */
  readonly lookEveryMs?: number
}

/** A watch over files and folders. */
export class FileWatch {
  readonly done: Promise<void>
  readonly #onChange: () => void
  readonly #quietMs: number
  readonly #watchers: FSWatcher[]
  readonly #interval: NodeJS.Timeout
  #quiet: NodeJS.Timeout | undefined
  readonly #ended = deferred()

  /** @param onChange an error of it ends the watch: `done` rejects */
  constructor(config: FileWatchConfig, onChange: () => void) {
    this.#onChange = onChange
    this.#quietMs = config.quietMs ?? 200
    this.done = this.#ended.promise
    // Whoever awaits it later still gets the failure.
    this.done.catch(() => undefined)
    this.#watchers = config.paths.flatMap((path) => this.#watch(path))
    this.#interval = setInterval(() => this.#call(), config.lookEveryMs ?? 60_000)
    this.#interval.unref()
  }

  /** Ends the watch; no call comes after it. */
  stop(): Promise<void> {
    this.#close()
    this.#ended.resolve()
    return this.done.catch(() => undefined)
  }

  /** A file is watched by its folder: editors put a new file in the place of the old one, and a watch would stay with the old. */
  #watch(path: string): FSWatcher[] {
    try {
      const isFolder = statSync(path).isDirectory()
      const watcher = watch(isFolder ? path : dirname(path), { recursive: isFolder, persistent: false }, () => this.#changed())
      // A folder that is removed, or too many watches: the check at the interval remains.
      watcher.on('error', () => watcher.close())
      return [watcher]
    } catch {
      return []
    }
  }

  #changed(): void {
    clearTimeout(this.#quiet)
    this.#quiet = setTimeout(() => this.#call(), this.#quietMs)
  }

  #call(): void {
    try {
      this.#onChange()
    } catch (error) {
      this.#close()
      this.#ended.reject(error)
    }
  }

  #close(): void {
    clearTimeout(this.#quiet)
    clearInterval(this.#interval)
    for (const watcher of this.#watchers) watcher.close()
  }
}
