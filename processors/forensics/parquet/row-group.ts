// The columns of a topic, filled and written row group by row group. One of them serves all objects of its topic, one after the other.
import type { SchemaElement } from 'hyparquet'
import type { Codec } from '../../../schemas/codec.js'
import { ARCHIVE_COLUMNS, type ArchiveTopic, BLOOM_COLUMNS, type ColumnType, GROWING_COLUMNS } from '../columns.js'
import { ChunkOutput, ChunkScratch } from './chunk-output.js'
import {
  BooleanColumn,
  BytesColumn,
  type ColumnBuilder,
  type FieldColumn,
  GROUP_ROWS,
  GrowingColumn,
  NumberColumn,
  RawColumn,
} from './column-builders.js'
import { EventScanner } from './event-scanner.js'
import type { RecordBuffer } from './record-buffer.js'

/** Columns that an entry sums up. */
const TYPE = 'type'
const WALL_TIME = 'wall_time_us'

/** What an entry says of the records of a row group. */
export interface GroupFacts {
  /** Keys of records; null when one has none. */
  readonly keys: readonly string[] | null
  /** Types of events; null when a record can't be read. */
  readonly kinds: readonly string[] | null
  /** Times of events, microseconds; null when there are none. */
  readonly times: { readonly min: number; readonly max: number } | null
}

export class RowGroupWriter {
  readonly #schema: readonly SchemaElement[]
  readonly #columns: readonly ColumnBuilder[]
  readonly #fields: ReadonlyMap<string, FieldColumn>
  readonly #scratch = new ChunkScratch(GROUP_ROWS)
  readonly #scanner: EventScanner
  readonly #offset = new GrowingColumn(required('record_offset'))
  readonly #timestamp = new GrowingColumn(required('timestamp_ms'))
  readonly #key = new BytesColumn(blob('key'))
  readonly #headers = new BytesColumn(blob('headers'))
  readonly #value = new RawColumn(blob('value'))
  readonly #process = new BytesColumn(blob('value_process'))
  readonly #rest = new RawColumn(blob('value_rest'))

  constructor(codec: Codec, topic: ArchiveTopic) {
    this.#fields = new Map(ARCHIVE_COLUMNS[topic].map(({ name, type, field }) => [field, fieldColumn(name, type)]))
    this.#scanner = new EventScanner(codec, topic, this.#fields, this.#process)
    const head = [this.#offset, this.#timestamp, this.#key, this.#headers]
    this.#columns = [...head, ...this.#fields.values(), this.#value, this.#process, this.#rest]
    this.#schema = this.#columns.map(({ element }) => element)
  }

  /** Begins an object. */
  begin(): ChunkOutput {
    return new ChunkOutput(this.#schema, this.#scratch)
  }

  /** Writes all records of the buffer as a row group. */
  write(output: ChunkOutput, records: RecordBuffer): GroupFacts {
    const rows = records.length
    let unread = 0
    let keyless = 0
    for (let row = 0; row < rows; row++) {
      if (!this.#fill(row, records)) unread++
      if (records.start(row, 0) < 0) keyless++
    }
    const keys = keyless === 0 ? this.#key.texts() : null
    this.#scanner.finish(rows)
    const type = this.#named(TYPE)
    const kinds = unread === 0 && type instanceof BytesColumn ? type.texts() : null
    const start = output.bytes
    const chunks = this.#columns.map((column) => column.write(output, this.#scratch, rows))
    output.group(chunks, rows, start)
    const time = this.#named(WALL_TIME)
    return { keys, kinds, times: time instanceof GrowingColumn ? time.written : null }
  }

  #named(name: string): ColumnBuilder | undefined {
    return this.#columns.find(({ element }) => element.name === name)
  }

  #fill(row: number, records: RecordBuffer): boolean {
    const { bytes } = records
    this.#offset.put(row, records.offset(row))
    this.#timestamp.put(row, records.timestampMs(row))
    if (records.start(row, 0) >= 0) this.#key.put(row, bytes, records.start(row, 0), records.end(row, 0))
    if (records.start(row, 2) >= 0) this.#headers.put(row, bytes, records.start(row, 2), records.end(row, 2))
    const start = records.start(row, 1)
    if (start < 0) return false
    const end = records.end(row, 1)
    const scanner = this.#scanner
    const isRead = scanner.scan(row, bytes, start, end)
    if (!isRead) {
      for (const column of this.#fields.values()) column.clearRow(row)
      this.#process.clearRow(row)
    }
    if (!isRead || scanner.processEnd === scanner.processStart) this.#value.put(row, bytes, start, end)
    else {
      this.#value.put(row, bytes, start, scanner.processStart)
      this.#rest.put(row, bytes, scanner.processEnd, end)
    }
    return isRead
  }
}

function fieldColumn(name: string, type: ColumnType): FieldColumn {
  switch (type) {
    case 'VARCHAR':
      return new BytesColumn({ ...blob(name), converted_type: 'UTF8' }, BLOOM_COLUMNS.has(name))
    case 'BOOLEAN':
      return new BooleanColumn({ name, type: 'BOOLEAN', repetition_type: 'OPTIONAL' })
    case 'INTEGER':
      return new NumberColumn({ name, type: 'INT32', repetition_type: 'OPTIONAL' })
    case 'BIGINT': {
      const element = { name, type: 'INT64', repetition_type: 'OPTIONAL' } as const
      return GROWING_COLUMNS.has(name) ? new GrowingColumn(element) : new NumberColumn(element)
    }
  }
}

function blob(name: string): SchemaElement {
  return { name, type: 'BYTE_ARRAY', repetition_type: 'OPTIONAL' }
}

function required(name: string): SchemaElement {
  return { name, type: 'INT64', repetition_type: 'REQUIRED' }
}
