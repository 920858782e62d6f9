// Calls back when files or folders may have changed: after a quiet period that follows changes, and at an interval, because network file systems
// and replaced links report nothing. The callback must find out what changed.
import { statSync, watch, type FSWatcher } from 'node:fs'
import { dirname } from 'node:path'
import { deferred } from './waiters.js'

/** Configuration of a watch. */
export interface FileWatchConfig {
  readonly paths: readonly string[]
  /** Quiet period after the last change, milliseconds. Default 200. */
  readonly quietMs?: number
  /** Interval of calls without a reported change, milliseconds. Default 60,000. */
  readonly intervalMs?: number
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

  /** @param onChange if it throws, the watch ends and `done` rejects */
  constructor(config: FileWatchConfig, onChange: () => void) {
    this.#onChange = onChange
    this.#quietMs = config.quietMs ?? 200
    this.done = this.#ended.promise
    // Avoids an unhandled rejection; those who await `done` still get the error.
    this.done.catch(() => undefined)
    this.#watchers = config.paths.flatMap((path) => this.#watch(path))
    this.#interval = setInterval(() => this.#call(), config.intervalMs ?? 60_000)
    this.#interval.unref()
  }

  /** Ends the watch; no call follows. */
  stop(): Promise<void> {
    this.#close()
    this.#ended.resolve()
    return this.done.catch(() => undefined)
  }

  /** Watches the folder of a file: editors replace files, and a watch would remain on the old one. */
  #watch(path: string): FSWatcher[] {
    try {
      const isFolder = statSync(path).isDirectory()
      const watcher = watch(isFolder ? path : dirname(path), { recursive: isFolder, persistent: false }, () => this.#changed())
      // The folder was removed, or there are too many watches: the interval remains.
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
