// Calls back when files or folders may have changed: after a quiet period that follows changes, and at an interval, because network file systems
// report nothing. The callback must find out what changed.
import { statSync, watch, type FSWatcher } from 'node:fs'
import { basename, dirname, resolve } from 'node:path'
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
  readonly #paths: readonly string[]
  readonly #onChange: () => void
  readonly #quietMs: number
  #watchers: readonly FSWatcher[] = []
  readonly #interval: NodeJS.Timeout
  #quiet: NodeJS.Timeout | undefined
  readonly #ended = deferred()

  /** @param onChange if it throws, the watch ends and `done` rejects */
  constructor(config: FileWatchConfig, onChange: () => void) {
    this.#paths = config.paths.map((path) => resolve(path))
    this.#onChange = onChange
    this.#quietMs = config.quietMs ?? 200
    this.done = this.#ended.promise
    // Avoids an unhandled rejection; those who await `done` still get the error.
    this.done.catch(() => undefined)
    this.#arm()
    this.#interval = setInterval(() => this.#call(), config.intervalMs ?? 60_000)
    this.#interval.unref()
  }

  /** Ends the watch; no call follows. */
  stop(): Promise<void> {
    this.#close()
    this.#ended.resolve()
    return this.done.catch(() => undefined)
  }

  /** Watches what exists now: a watch stays on a folder that was removed or moved, and does not see the new folder of that name. */
  #arm(): void {
    const previous = this.#watchers
    this.#watchers = this.#paths.flatMap((path) => this.#watch(path))
    for (const watcher of previous) watcher.close()
  }

  /** Watches the folder of a file: editors replace files, and a watch would remain on the old one. */
  #watch(path: string): FSWatcher[] {
    const kind = kindOf(path)
    const target = kind === 'file' ? dirname(path) : path
    const own = kind === 'none' ? null : this.#open(target, kind === 'folder', null)
    return [...(own === null ? [] : [own]), ...this.#watchParent(target)]
  }

  /** The nearest folder above that exists: it reports that the target, or a folder on the way to it, is created, removed or replaced. */
  #watchParent(target: string): FSWatcher[] {
    for (let child = target; dirname(child) !== child; child = dirname(child)) {
      const watcher = this.#open(dirname(child), false, basename(child))
      if (watcher !== null) return [watcher]
    }
    return []
  }

  /** @param name only changes of this entry count; null: all. @returns null if the folder can't be watched */
  #open(folder: string, recursive: boolean, name: string | null): FSWatcher | null {
    try {
      const watcher = watch(folder, { recursive, persistent: false }, (_, changed) => {
        if (name === null || changed === null || changed === name) this.#changed()
      })
      // The folder was removed, or there are too many watches: the interval remains.
      watcher.on('error', () => watcher.close())
      return watcher
    } catch {
      return null
    }
  }

  #changed(): void {
    clearTimeout(this.#quiet)
    this.#quiet = setTimeout(() => this.#call(), this.#quietMs)
  }

  #call(): void {
    this.#arm()
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

function kindOf(path: string): 'file' | 'folder' | 'none' {
  try {
    return statSync(path).isDirectory() ? 'folder' : 'file'
  } catch {
    return 'none'
  }
}
