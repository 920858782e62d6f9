// Objects of the archive as files for the engine: those of a folder where they are, those of a bucket in a bounded cache folder. Each is compared with the
// sha256 of its entry before its first use, and again when the file was changed since.
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { lstat, mkdir, readFile, readdir, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { isObject } from '../../../infra/process/json-lines.js'
import { isOurs } from '../../../infra/process/own-user.js'
import { isRetryable, messageOf } from '../../../infra/process/errors.js'
import type { ArchiveEntry } from '../../../schemas/generated/types.js'
import type { ObjectStore } from '../objects/object-store.js'
import { QueryRefusedError } from './statement-guard.js'

/** Files of other queries that may be in use are kept this long. */
const IN_USE_MS = 15 * 60_000
const SEEN_FILE = 'seen.json'
const MAX_SEEN = 100_000

/** What is needed of an entry. */
export type CachedEntry = Pick<ArchiveEntry, 'object' | 'bytes' | 'sha256'>

/** The files. */
export interface CachedObjects {
  /** By the name of the object. */
  readonly files: ReadonlyMap<string, string>
  /** Objects that are left out: missing, or not as their entry says. */
  readonly damaged: readonly { readonly object: string; readonly reason: string }[]
  readonly fetchedBytes: number
  readonly evicted: number
}

interface Seen {
  /** Inode, length and times of the file when its sha256 was right. */
  readonly stamp: string
  usedMs: number
}

/** A cache in a folder that only we write to. */
export class ObjectCache {
  readonly #folder: string
  readonly #maxBytes: number
  readonly #store: ObjectStore
  #seen = new Map<string, Seen>()
  #evicted = 0

  constructor(folder: string, maxBytes: number, store: ObjectStore) {
    this.#folder = folder
    this.#maxBytes = maxBytes
    this.#store = store
  }

  /** @throws QueryRefusedError when the objects have no room in the cache; a retryable error of the store */
  async filesOf(entries: readonly CachedEntry[], signal: AbortSignal): Promise<CachedObjects> {
    const files = new Map<string, string>()
    const damaged: { object: string; reason: string }[] = []
    const remote = entries.filter(({ object }) => this.#store.fileOf(object) === null)
    // Objects of a folder need no cache; where there is one, it says which of them were checked before.
    const isKept = remote.length > 0 || (await isThere(this.#folder))
    if (isKept) {
      await mkdir(this.#folder, { recursive: true, mode: 0o700 })
      await this.#checkFolder()
      this.#seen = await this.#readSeen()
      await this.#makeRoom(remote)
    }
    let fetchedBytes = 0
    for (const entry of entries) {
      try {
        const own = this.#store.fileOf(entry.object)
        const path = own ?? this.#pathOf(entry)
        if (own === null && !(await isThere(path))) fetchedBytes += await this.#fetch(entry, path, signal)
        await this.#check(entry, path, own === null)
        files.set(entry.object, path)
      } catch (error) {
        if (isRetryable(error) || signal.aborted) throw error
        damaged.push({ object: entry.object, reason: messageOf(error) })
      }
    }
    if (isKept) await this.#writeSeen()
    return { files, damaged, fetchedBytes, evicted: this.#evicted }
  }

  /** What others can write to says nothing of objects. */
  async #checkFolder(): Promise<void> {
    const stat = await lstat(this.#folder)
    if (!stat.isDirectory() || !isOurs(stat.uid) || (stat.mode & 0o022) !== 0)
      throw new QueryRefusedError(`the cache ${this.#folder} must be a folder of our own that others can't write to (query.cacheFolder)`)
  }

  #pathOf({ sha256 }: CachedEntry): string {
    if (!/^[0-9a-f]{64}$/.test(sha256)) throw new RangeError('its entry has no sha256')
    return join(this.#folder, `${sha256}.parquet`)
  }

  async #fetch(entry: CachedEntry, path: string, signal: AbortSignal): Promise<number> {
    const content = await this.#store.get(entry.object, signal)
    if (content.length !== entry.bytes) throw new RangeError(`it has ${String(content.length)} bytes, its entry ${String(entry.bytes)}`)
    const part = `${path}.${String(process.pid)}.part`
    await writeFile(part, content, { mode: 0o600 })
    await rename(part, path)
    return content.length
  }

  /** @throws RangeError for a file that is not the object of the entry; a wrong one of the cache is removed */
  async #check(entry: CachedEntry, path: string, isCached: boolean): Promise<void> {
    const stat = await lstat(path, { bigint: true })
    if (!stat.isFile()) throw new RangeError('it is not a regular file')
    if (stat.size !== BigInt(entry.bytes)) throw new RangeError(`it has ${String(stat.size)} bytes, its entry ${String(entry.bytes)}`)
    const stamp = [entry.sha256, stat.dev, stat.ino, stat.size, stat.mtimeNs, stat.ctimeNs].join('/')
    if (this.#seen.get(path)?.stamp !== stamp && (await sha256Of(path)) !== entry.sha256) {
      this.#seen.delete(path)
      if (isCached) await rm(path, { force: true })
      throw new RangeError('its bytes are not those of its entry (sha256)')
    }
    this.#seen.set(path, { stamp, usedMs: Date.now() })
  }

  /** Removes what was not used for longest, until what is missing has room. */
  async #makeRoom(needed: readonly CachedEntry[]): Promise<void> {
    const paths = new Map(needed.filter(({ sha256 }) => /^[0-9a-f]{64}$/.test(sha256)).map((entry) => [this.#pathOf(entry), entry.bytes]))
    const wanted = [...paths.values()].reduce((sum, bytes) => sum + bytes, 0)
    if (wanted > this.#maxBytes) throw this.#tooLarge(wanted)
    let others = 0
    const removable: { path: string; bytes: number; usedMs: number }[] = []
    for (const name of await readdir(this.#folder)) {
      if (!/\.(parquet|part)$/.test(name)) continue
      const path = join(this.#folder, name)
      const stat = await lstat(path).catch(() => null)
      if (stat === null || paths.has(path)) continue
      others += stat.size
      const usedMs = Math.max(this.#seen.get(path)?.usedMs ?? 0, stat.mtimeMs)
      if (Date.now() - usedMs > IN_USE_MS) removable.push({ path, bytes: stat.size, usedMs })
    }
    for (const { path, bytes } of removable.sort((a, b) => a.usedMs - b.usedMs)) {
      if (others + wanted <= this.#maxBytes) return
      await rm(path, { force: true })
      this.#seen.delete(path)
      this.#evicted++
      others -= bytes
    }
    if (others + wanted > this.#maxBytes) throw this.#tooLarge(others + wanted)
  }

  #tooLarge(bytes: number): QueryRefusedError {
    const size = (of: number): string => `${String(Math.ceil(of / 2 ** 20))} MiB`
    return new QueryRefusedError(
      `the query needs ${size(bytes)} of objects in the cache ${this.#folder}, which holds ${size(this.#maxBytes)} (query.cacheBytes): choose a shorter time with --since and --until`,
    )
  }

  async #readSeen(): Promise<Map<string, Seen>> {
    const text = await readFile(join(this.#folder, SEEN_FILE), 'utf8').catch(() => '{}')
    const seen = new Map<string, Seen>()
    try {
      const value: unknown = JSON.parse(text)
      for (const [path, one] of isObject(value) ? Object.entries(value) : [])
        if (isObject(one) && typeof one['stamp'] === 'string' && typeof one['usedMs'] === 'number')
          seen.set(path, { stamp: one['stamp'], usedMs: one['usedMs'] })
    } catch {
      // Whatever it was: all objects are compared again.
    }
    return seen
  }

  async #writeSeen(): Promise<void> {
    const latest = [...this.#seen].sort(([, a], [, b]) => b.usedMs - a.usedMs).slice(0, MAX_SEEN)
    const part = join(this.#folder, `${SEEN_FILE}.${String(process.pid)}`)
    await writeFile(part, JSON.stringify(Object.fromEntries(latest)), { mode: 0o600 })
    await rename(part, join(this.#folder, SEEN_FILE))
  }
}

async function isThere(path: string): Promise<boolean> {
  return await lstat(path).then(
    () => true,
    () => false,
  )
}

async function sha256Of(path: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer)
  return hash.digest('hex')
}
