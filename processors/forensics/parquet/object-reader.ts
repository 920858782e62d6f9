// Reads the records of an object: the bytes that were archived, and nothing that is computed from them. What an object claims is checked before memory
// is taken for it, so bytes that are not an object of ours are refused, not believed.
import { type ColumnChunk, type DecodedArray, type FileMetaData, parquetMetadata, parquetSchema, type SchemaTree } from 'hyparquet'
import { parquetHeader, readColumn } from 'hyparquet/src/column.js'
import { DEFAULT_PARSERS } from 'hyparquet/src/convert.js'
import { EunomiaError, messageOf } from '../../../infra/process/errors.js'
import type { TopicKey } from '../../../infra/topic-log/topics.js'
import { ROW_COLUMNS } from '../columns.js'
import { ArchivedBatch, type RowSource } from './archived-batch.js'
import { GROUP_ROWS } from './column-builders.js'
import { zstdDecompress, zstdReady } from './zstd.js'

/** Largest column chunk, unpacked. */
const MOST_CHUNK_BYTES = 128 << 20
/** Bytes of records of a batch, about, and most records of one. */
const BATCH_BYTES = 4 << 20
const BATCH_ROWS = 4096

/** Bytes that are not an object of the archive, or a damaged one. */
export class ObjectDamagedError extends EunomiaError {
  static override readonly code = 'EUNOMIA_ARCHIVE_OBJECT'
}

/** Which records of an object. */
export interface ObjectRows {
  readonly topic: TopicKey
  readonly partition: number
  /** Numbers of the wanted rows, in order; default all. Row groups without any are not unpacked. */
  readonly wanted?: ArrayLike<number>
}

/** An object whose footer is read. */
export class ArchivedObject {
  readonly rows: number
  readonly #content: Uint8Array
  readonly #metadata: FileMetaData
  readonly #schema: SchemaTree

  private constructor(content: Uint8Array, metadata: FileMetaData) {
    this.#content = content
    this.#metadata = metadata
    this.#schema = parquetSchema(metadata)
    this.rows = metadata.row_groups.reduce((sum, { num_rows }) => sum + Number(num_rows), 0)
    this.#check()
  }

  /** Reads the footer. @throws ObjectDamagedError */
  static async open(content: Uint8Array): Promise<ArchivedObject> {
    await zstdReady()
    return orDamaged(() => new ArchivedObject(content, parquetMetadata(bufferOf(content))))
  }

  /** The records, in order of their offsets. A batch stays valid. @throws ObjectDamagedError */
  *batches({ topic, partition, wanted }: ObjectRows): Generator<ArchivedBatch, void> {
    let groupStart = 0
    let next = 0
    for (let group = 0; group < this.#metadata.row_groups.length; group++) {
      const groupRows = Number(this.#metadata.row_groups[group]?.num_rows ?? 0)
      const rows: number[] = []
      if (wanted === undefined) for (let row = 0; row < groupRows; row++) rows.push(row)
      else for (; next < wanted.length && (wanted[next] ?? 0) < groupStart + groupRows; next++) rows.push((wanted[next] ?? 0) - groupStart)
      groupStart += groupRows
      if (rows.length === 0) continue
      const source = orDamaged(() => this.#read(group, groupRows))
      for (let from = 0; from < rows.length;) {
        const to = source.end(rows, from)
        yield new ArchivedBatch(topic, partition, source, rows, from, to)
        from = to
      }
    }
  }

  #check(): void {
    for (const { num_rows } of this.#metadata.row_groups) {
      if (num_rows < 1n || num_rows > BigInt(GROUP_ROWS)) throw new RangeError(`a row group of ${String(num_rows)} rows`)
    }
    if (BigInt(this.rows) !== this.#metadata.num_rows) throw new RangeError('its row groups have other rows than its footer says')
    for (const [name, type] of Object.entries(ROW_COLUMNS)) {
      const element = this.#schema.children.find((child) => child.element.name === name)?.element
      if (element?.type !== (type === 'BLOB' ? 'BYTE_ARRAY' : 'INT64')) throw new RangeError(`it has no column ${name} of type ${type}`)
    }
  }

  #read(group: number, rows: number): GroupRows {
    const column = (name: keyof typeof ROW_COLUMNS): DecodedArray => this.#column(group, name, rows)
    return new GroupRows({
      offsets: column('record_offset'),
      timestamps: column('timestamp_ms'),
      keys: column('key'),
      headers: column('headers'),
      values: column('value'),
      processes: column('value_process'),
      rests: column('value_rest'),
    })
  }

  #column(group: number, name: string, rows: number): DecodedArray {
    const node = this.#schema.children.find((child) => child.element.name === name)
    const chunk = this.#metadata.row_groups[group]?.columns.find(({ meta_data }) => meta_data?.path_in_schema[0] === name)
    const meta = chunk?.meta_data
    if (node === undefined || chunk === undefined || meta === undefined) throw new RangeError(`a row group has no column ${name}`)
    const bytes = this.#bytesOf(chunk, rows)
    const { data } = readColumn(
      { view: new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), offset: 0 },
      { groupStart: 0, selectStart: 0, selectEnd: rows, groupRows: rows },
      {
        ...meta,
        pathInSchema: meta.path_in_schema,
        element: node.element,
        schemaPath: [this.#schema, node],
        parsers: DEFAULT_PARSERS,
        compressors: { ZSTD: zstdDecompress },
        utf8: false,
      },
    )
    const values = data.length === 1 ? data[0] : data.flatMap((page) => Array.from<unknown>(page))
    if (values?.length !== rows) throw new RangeError(`the column ${name} has not as many values as rows`)
    return values
  }

  /** The bytes of a chunk whose pages have no more values than the group has rows, and are not larger than a page may be. */
  #bytesOf({ meta_data: meta }: ColumnChunk, rows: number): Uint8Array {
    if (meta === undefined) throw new RangeError('a column chunk without facts')
    const start = Number(meta.dictionary_page_offset ?? meta.data_page_offset)
    const end = start + Number(meta.total_compressed_size)
    if (!(start >= 0 && start < end && end <= this.#content.length)) throw new RangeError('a column chunk is outside of the object')
    const bytes = this.#content.subarray(start, end)
    const reader = { view: new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), offset: 0 }
    let values = 0
    let unpacked = 0
    while (reader.offset < bytes.length) {
      const header = parquetHeader(reader)
      const size = header.compressed_page_size
      unpacked += header.uncompressed_page_size
      values += header.data_page_header_v2?.num_values ?? 0
      const inDictionary = header.dictionary_page_header?.num_values ?? 0
      if (header.data_page_header !== undefined || inDictionary > rows || inDictionary < 0 || values > rows || values < 0) {
        throw new RangeError("a page claims values that it can't have")
      }
      if (!(size >= 0 && reader.offset + size <= bytes.length)) throw new RangeError('a page is outside of its column chunk')
      if (!(header.uncompressed_page_size >= 0) || unpacked > MOST_CHUNK_BYTES) throw new RangeError('a column chunk unpacks to too much')
      reader.offset += size
    }
    return bytes
  }
}

interface GroupColumns {
  readonly offsets: DecodedArray
  readonly timestamps: DecodedArray
  readonly keys: DecodedArray
  readonly headers: DecodedArray
  readonly values: DecodedArray
  readonly processes: DecodedArray
  readonly rests: DecodedArray
}

/** The rows of a row group. */
class GroupRows implements RowSource {
  readonly #columns: GroupColumns

  constructor(columns: GroupColumns) {
    this.#columns = columns
  }

  offset(row: number): number {
    return Number(this.#columns.offsets[row])
  }

  timestampMs(row: number): number {
    return Number(this.#columns.timestamps[row])
  }

  key(row: number): Uint8Array | null {
    return bytesOrNull(this.#columns.keys[row])
  }

  headers(row: number): Uint8Array | null {
    return bytesOrNull(this.#columns.headers[row])
  }

  value(row: number): readonly Uint8Array[] | null {
    const first = bytesOrNull(this.#columns.values[row])
    if (first === null) return null
    const process = bytesOrNull(this.#columns.processes[row])
    const rest = bytesOrNull(this.#columns.rests[row])
    return process === null || rest === null ? [first] : [first, process, rest]
  }

  /** The row after those of one batch. */
  end(rows: readonly number[], from: number): number {
    let bytes = 0
    let to = from
    for (; to < rows.length && to - from < BATCH_ROWS && (bytes < BATCH_BYTES || to === from); to++) {
      for (const part of this.value(rows[to] ?? 0) ?? []) bytes += part.length
    }
    return to
  }
}

function bytesOrNull(value: unknown): Uint8Array | null {
  return value instanceof Uint8Array ? value : null
}

/** The bytes alone in a buffer: the reader of footers takes no view. */
function bufferOf(content: Uint8Array): ArrayBuffer {
  const { buffer, byteOffset, byteLength } = content
  if (buffer instanceof ArrayBuffer && byteOffset === 0 && byteLength === buffer.byteLength) return buffer
  return Uint8Array.from(content).buffer
}

function orDamaged<Value>(read: () => Value): Value {
  try {
    return read()
  } catch (error) {
    throw new ObjectDamagedError(`it is no object of the archive, or damaged: ${messageOf(error)}`, { cause: error })
  }
}
