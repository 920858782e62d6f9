// The bytes of one object: column chunks with their pages (format v2, zstd), levels and statistics, then bloom filters and the footer. Knows no columns
// of ours. See https://parquet.apache.org/docs/file-format/
import type { ColumnChunk, ColumnMetaData, Encoding, RowGroup, SchemaElement } from 'hyparquet'
import { xxhash64 } from 'hyparquet/src/xxhash.js'
import { ByteWriter } from 'hyparquet-writer'
import { createBloomFilter, sbbfInsert, writeBloomFilter } from 'hyparquet-writer/src/bloom.js'
import { writePageHeader } from 'hyparquet-writer/src/datapage.js'
import { writeMetadata } from 'hyparquet-writer/src/metadata.js'
import { writeHybrid } from './encodings.js'
import { PageBytes } from './page-bytes.js'
import { zstdCompress } from './zstd.js'

const MAGIC = 0x31524150
/** Longest text in statistics: paths are mostly shorter, and ids always. */
const STATISTICS_BYTES = 64

/** What the footer says of the values of a chunk. */
export interface ChunkStatistics {
  readonly min?: Uint8Array | bigint | number | boolean | undefined
  readonly max?: Uint8Array | bigint | number | boolean | undefined
  /** Distinct values, for a bloom filter. */
  readonly distinct?: Iterable<Uint8Array> & { readonly length: number }
}

/** Memory of the writer, used again for each chunk of all objects. */
export class ChunkScratch {
  readonly page = new PageBytes(1 << 20)
  readonly levels = new PageBytes(8192)
  /** Of the rows of a page: 1 for a value, 0 for null. */
  readonly isPresent: Int32Array
  /** Places in the dictionary of the rows that are not null. */
  readonly places: Int32Array

  /** @param rows most rows of a row group */
  constructor(rows: number) {
    this.isPresent = new Int32Array(rows)
    this.places = new Int32Array(rows)
  }
}

/** The chunk that is being written. */
export class OpenChunk {
  readonly #writer: ByteWriter
  readonly #scratch: ChunkScratch
  readonly #element: SchemaElement
  readonly #rows: number
  readonly #start: number
  readonly #encodings = new Set<Encoding>()
  #dictionaryAt: bigint | undefined
  #dataAt: bigint | undefined
  #unpackedBytes = 0
  #values = 0

  constructor(writer: ByteWriter, scratch: ChunkScratch, element: SchemaElement, rows: number) {
    this.#writer = writer
    this.#scratch = scratch
    this.#element = element
    this.#rows = rows
    this.#start = writer.offset
  }

  /** The dictionary, before all pages. */
  dictionary(size: number, write: (page: PageBytes) => void): void {
    const { page } = this.#scratch
    page.position = 0
    write(page)
    this.#dictionaryAt = BigInt(this.#writer.offset)
    const packed = zstdCompress(page.written)
    this.#append(packed, page.position, 0, {
      type: 'DICTIONARY_PAGE',
      dictionary_page_header: { num_values: size, encoding: 'PLAIN' },
    })
    this.#encodings.add('PLAIN')
  }

  /**
   * A page of `rows` rows, whose nulls the scratch names.
   * @param values how many are not null
   * @param write writes the values, or returns their bytes
   */
  page(rows: number, values: number, encoding: Encoding, write: (page: PageBytes) => Uint8Array | undefined): void {
    const { page, levels, isPresent } = this.#scratch
    page.position = 0
    levels.position = 0
    if (this.#element.repetition_type === 'OPTIONAL') writeHybrid(levels, isPresent, rows, 1)
    const content = write(page) ?? page.written
    const packed = zstdCompress(content)
    this.#dataAt ??= BigInt(this.#writer.offset)
    this.#append(packed, content.length, levels.position, {
      type: 'DATA_PAGE_V2',
      data_page_header_v2: {
        num_values: rows,
        num_nulls: rows - values,
        num_rows: rows,
        encoding,
        definition_levels_byte_length: levels.position,
        repetition_levels_byte_length: 0,
        is_compressed: true,
      },
    })
    this.#encodings.add(encoding)
    this.#values += values
  }

  /** What the footer says of it. */
  end({ min, max }: ChunkStatistics): ColumnChunk {
    const { type = 'BYTE_ARRAY', name } = this.#element
    const meta: ColumnMetaData = {
      type,
      encodings: [...this.#encodings, 'RLE'],
      path_in_schema: [name],
      codec: 'ZSTD',
      num_values: BigInt(this.#rows),
      total_uncompressed_size: BigInt(this.#unpackedBytes),
      total_compressed_size: BigInt(this.#writer.offset - this.#start),
      data_page_offset: this.#dataAt ?? BigInt(this.#start),
      ...(this.#dictionaryAt === undefined ? {} : { dictionary_page_offset: this.#dictionaryAt }),
      statistics: {
        null_count: BigInt(this.#rows - this.#values),
        ...(min === undefined || max === undefined ? {} : { min_value: min, max_value: max }),
      },
    }
    return { file_offset: BigInt(this.#start), meta_data: meta }
  }

  #append(packed: Uint8Array, contentBytes: number, levelBytes: number, header: object): void {
    const before = this.#writer.offset
    const sizes = { uncompressed_page_size: levelBytes + contentBytes, compressed_page_size: levelBytes + packed.length }
    writePageHeader(this.#writer, { ...header, ...sizes } as Parameters<typeof writePageHeader>[1])
    this.#unpackedBytes += this.#writer.offset - before + sizes.uncompressed_page_size
    if (levelBytes > 0) this.#writer.appendBytes(this.#scratch.levels.written)
    this.#writer.appendBytes(packed)
  }
}

/** An object that is being written. */
export class ChunkOutput {
  readonly #scratch: ChunkScratch
  readonly #schema: SchemaElement[]
  readonly #writer = new ByteWriter(1 << 16)
  readonly #groups: RowGroup[] = []
  readonly #blooms: { readonly chunk: ColumnChunk; readonly blocks: Uint32Array }[] = []
  #rows = 0

  constructor(columns: readonly SchemaElement[], scratch: ChunkScratch) {
    this.#scratch = scratch
    this.#schema = [{ name: 'root', num_children: columns.length }, ...columns]
    this.#writer.appendUint32(MAGIC)
  }

  /** Bytes so far. */
  get bytes(): number {
    return this.#writer.offset
  }

  /** Bytes of its memory. */
  get capacity(): number {
    return this.#writer.buffer.byteLength
  }

  begin(element: SchemaElement, rows: number): OpenChunk {
    return new OpenChunk(this.#writer, this.#scratch, element, rows)
  }

  /** Ends a chunk, and makes its bloom filter. */
  end(open: OpenChunk, statistics: ChunkStatistics): ColumnChunk {
    const chunk = open.end(statistics)
    const { distinct } = statistics
    if (distinct !== undefined && distinct.length > 0) {
      const blocks = createBloomFilter(distinct.length)
      for (const bytes of distinct) sbbfInsert(blocks, xxhash64(bytes))
      this.#blooms.push({ chunk, blocks })
    }
    return chunk
  }

  /** Ends a row group. */
  group(columns: ColumnChunk[], rows: number, start: number): void {
    this.#rows += rows
    const total = columns.reduce((sum, { meta_data }) => sum + (meta_data?.total_uncompressed_size ?? 0n), 0n)
    this.#groups.push({ columns, num_rows: BigInt(rows), total_byte_size: total, total_compressed_size: BigInt(this.bytes - start) })
  }

  /** Ends the object. @returns its bytes, which are not used again */
  finish(createdBy: string): Uint8Array {
    const writer = this.#writer
    for (const { chunk, blocks } of this.#blooms) {
      const offset = writer.offset
      writeBloomFilter(writer, blocks)
      if (chunk.meta_data === undefined) continue
      chunk.meta_data.bloom_filter_offset = BigInt(offset)
      chunk.meta_data.bloom_filter_length = writer.offset - offset
    }
    const metadata = { version: 2, created_by: createdBy, schema: this.#schema, num_rows: BigInt(this.#rows), row_groups: this.#groups }
    writeMetadata(writer, metadata as Parameters<typeof writeMetadata>[1], STATISTICS_BYTES)
    writer.appendUint32(MAGIC)
    return writer.getBytes()
  }
}
