// The archive of a history: entries from their topic, objects from their store. An object is compared with its entry before anything of it is used. What a
// hunt wants of it is found by its columns, where a query says so; the records are always its original bytes.
import { createHash } from 'node:crypto'
import { isRetryable, messageOf } from '../../../infra/process/errors.js'
import type { Logger } from '../../../infra/process/logger.js'
import type { RangeReader } from '../../../infra/topic-log/range-reader.js'
import type { RecordBatch } from '../../../infra/topic-log/topic-log.js'
import type { Codec } from '../../../schemas/codec.js'
import type { ArchiveEntry } from '../../../schemas/generated/types.js'
import { ObjectMissingError, type ObjectStore } from '../objects/object-store.js'
import { ArchivedObject } from '../parquet/object-reader.js'
import { WantedRows } from '../sql/wanted-rows.js'
import { readArchiveEntries } from './archive-entries.js'
import type { Slice, SliceOptions } from './history.js'
import type { ArchiveSource } from './logged-history.js'

/** What it reads. */
export interface StoredArchiveDeps {
  readonly ranges: RangeReader
  /** Opens where the objects are, when the first one is read. */
  readonly openStore: () => Promise<ObjectStore>
  readonly codec: Codec
  readonly log: Logger
}

/** Entries and objects. */
export class StoredArchive implements ArchiveSource {
  readonly #deps: StoredArchiveDeps
  #store: Promise<ObjectStore> | undefined
  #rows: Promise<WantedRows> | undefined

  constructor(deps: StoredArchiveDeps) {
    this.#deps = deps
  }

  async entries(signal: AbortSignal): Promise<readonly ArchiveEntry[]> {
    const { ranges, codec, log } = this.#deps
    return await readArchiveEntries(ranges, codec, signal, (what) => log.error({ what }, 'a record of the archive topic can not be read'))
  }

  async *read(slice: Slice, { signal, onDamaged, where }: SliceOptions): AsyncGenerator<RecordBatch> {
    const { topic, partition, from, to } = slice
    let position = from
    try {
      const content = await this.#content(slice, signal)
      const object = await ArchivedObject.open(content)
      const wanted = await this.#wanted(slice, content, where)
      if (wanted?.length === 0) return
      for (const batch of object.batches({ topic, partition, ...(wanted && { wanted }) })) {
        yield batch
        signal.throwIfAborted()
        position = Math.max(position, Math.min(batch.lastOffset + 1, to))
      }
    } catch (error) {
      if (signal.aborted || isRetryable(error) || error instanceof ObjectMissingError) throw error
      onDamaged({ offsets: [position, to], reason: messageOf(error) })
    }
  }

  async close(): Promise<void> {
    const rows = this.#rows
    this.#rows = undefined
    await (await rows?.catch(() => undefined))?.close()
    const store = this.#store
    this.#store = undefined
    await (await store?.catch(() => undefined))?.close()
  }

  async #opened(): Promise<ObjectStore> {
    this.#store ??= this.#deps.openStore()
    try {
      return await this.#store
    } catch (error) {
      // The next attempt opens it again.
      this.#store = undefined
      throw error
    }
  }

  async #columns(): Promise<WantedRows> {
    this.#rows ??= WantedRows.open()
    try {
      return await this.#rows
    } catch (error) {
      this.#rows = undefined
      throw error
    }
  }

  async #content({ object, sha256 }: Slice, signal: AbortSignal): Promise<Uint8Array> {
    if (object === null || sha256 === null) throw new RangeError('the slice is not of the archive')
    const content = await (await this.#opened()).get(object, signal)
    if (createHash('sha256').update(content).digest('hex') !== sha256) throw new RangeError('its bytes are not those of its entry (sha256)')
    return content
  }

  /** Numbers of the rows that are wanted; null for all. Whatever the database can't do, reading all rows does too. */
  async #wanted(slice: Slice, content: Uint8Array, where: string | undefined): Promise<ArrayLike<number> | null> {
    if (where === undefined && slice.keys === null) return null
    try {
      const rows = await this.#columns()
      return await rows.of(content, conditionOf(slice, where))
    } catch (error) {
      this.#deps.log.debug(
        { object: slice.object, error: messageOf(error) },
        'the columns of an object could not be searched: it is read whole',
      )
      return null
    }
  }
}

function conditionOf({ fromMs, toMs, keys }: Slice, where: string | undefined): string {
  const conditions = [`timestamp_ms >= ${String(Math.floor(fromMs))}`, `timestamp_ms < ${String(Math.ceil(toMs))}`]
  if (keys !== null) conditions.push(`"key" IN (${keys.map((key) => `from_hex('${Buffer.from(key).toString('hex')}')`).join(', ')})`)
  if (where !== undefined) conditions.push(`(${where})`)
  return conditions.join(' AND ')
}
