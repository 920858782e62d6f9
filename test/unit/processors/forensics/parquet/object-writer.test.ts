// Objects by our writer, read by a reader of others: the columns are what the records say, and the bytes come back as they were.
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { parquetMetadata, parquetReadObjects } from 'hyparquet'
import { type ArchiveTopic, ARCHIVE_COLUMNS, ARCHIVE_TOPICS } from '../../../../../processors/forensics/columns.js'
import { ArchivedObject } from '../../../../../processors/forensics/parquet/object-reader.js'
import { ObjectWriters, type WrittenObject } from '../../../../../processors/forensics/parquet/object-writer.js'
import type { ArchivedRecord } from '../../../../../processors/forensics/parquet/record-buffer.js'
import { zstdDecompress } from '../../../../../processors/forensics/parquet/zstd.js'
import { Codec } from '../../../../../schemas/codec.js'
import type { TopicRecords } from '../../../../../schemas/topics.js'
import { arbitraryValue } from '../../../../support/records/arbitrary-record.js'
import { sampleFileEvent, sampleOrigin, sampleProcess } from '../../../../support/records/sample-records.js'

const codec = new Codec()
const EMPTY = new Uint8Array(0)

interface Written {
  readonly offset: number
  readonly timestampMs: number
  readonly key: Uint8Array | null
  readonly value: Uint8Array | null
  readonly headers: Uint8Array | null
}

function recordOf({ offset, timestampMs, key, value, headers }: Written): ArchivedRecord {
  return {
    offset,
    timestampMs,
    keyBytes: key ?? EMPTY,
    keyStart: key === null ? -1 : 0,
    keyEnd: key?.length ?? -1,
    valueBytes: value ?? EMPTY,
    valueStart: value === null ? -1 : 0,
    valueEnd: value?.length ?? -1,
    headers,
  }
}

function write(writers: ObjectWriters, topic: ArchiveTopic, records: readonly Written[]): WrittenObject {
  const writer = writers.begin(topic)
  for (const record of records) writer.add(recordOf(record))
  return writer.finish()
}

async function readBack({ content }: WrittenObject, topic: ArchiveTopic, wanted?: readonly number[]): Promise<Written[]> {
  const object = await ArchivedObject.open(content)
  const records: Written[] = []
  for (const batch of object.batches({ topic, partition: 2, ...(wanted === undefined ? {} : { wanted }) })) {
    assert.equal(batch.topic, topic)
    assert.equal(batch.partition, 2)
    while (batch.next()) {
      const { offset, timestampMs, headers } = batch
      const key = batch.keyStart < 0 ? null : Uint8Array.from(batch.keyBytes.subarray(batch.keyStart, batch.keyEnd))
      const value = batch.valueStart < 0 ? null : Uint8Array.from(batch.valueBytes.subarray(batch.valueStart, batch.valueEnd))
      records.push({ offset, timestampMs, key, value, headers: headers === null ? null : Uint8Array.from(headers) })
    }
    assert.equal(batch.lastOffset, records.at(-1)?.offset)
  }
  return records
}

/** All columns, by another reader. */
async function columnsOf({ content }: WrittenObject): Promise<Record<string, unknown>[]> {
  const file = Uint8Array.from(content).buffer
  return await parquetReadObjects({ file, compressors: { ZSTD: zstdDecompress } })
}

function valueAt(record: unknown, path: string): unknown {
  const value = path.split('.').reduce<unknown>((part, name) => (part as Record<string, unknown> | null)?.[name] ?? null, record)
  if (Array.isArray(value)) return value.join(' ')
  return value ?? null
}

/** What a column of the record has: lone surrogates are replaced when a text is encoded. */
function expectedColumns(topic: ArchiveTopic, record: unknown): Record<string, unknown> {
  return Object.fromEntries(
    ARCHIVE_COLUMNS[topic].map(({ name, type, field }) => {
      const value = valueAt(record, field)
      if (type === 'BIGINT' && typeof value === 'number') return [name, BigInt(value)]
      return [name, value]
    }),
  )
}

describe('an object of the archive', () => {
  let writers: ObjectWriters

  before(async () => {
    writers = await ObjectWriters.create(codec, 'test')
  })

  for (const topic of ARCHIVE_TOPICS) {
    it(`of ${topic} has the bytes of any records, and columns that say what they say`, async () => {
      const record = arbitraryValue(codec.schema(topic)) as fc.Arbitrary<TopicRecords[typeof topic]>
      const bytes = fc.option(fc.uint8Array({ maxLength: 60 }))
      const written = fc.record({
        gap: fc.constantFrom(1, 1, 2, 900),
        timestampMs: fc.nat(2 ** 45),
        key: bytes,
        headers: bytes,
        value: fc.oneof({ weight: 5, arbitrary: record }, { weight: 1, arbitrary: bytes }),
      })
      await fc.assert(
        fc.asyncProperty(fc.array(written, { minLength: 1, maxLength: 40 }), async (drawn) => {
          let offset = 0
          const decoded: unknown[] = []
          const records = drawn.map(({ gap, value, ...rest }) => {
            offset += gap
            const isRecord = value !== null && !(value instanceof Uint8Array)
            const encoded = isRecord ? codec.encode(topic, value) : value
            decoded.push(isRecord ? codec.decode(topic, encoded as Uint8Array) : null)
            return { ...rest, offset, value: encoded }
          })
          const object = write(writers, topic, records)
          assert.deepEqual(await readBack(object, topic), records)
          const rows = await columnsOf(object)
          for (const [index, row] of rows.entries()) {
            const expected = expectedColumns(topic, decoded[index])
            assert.deepEqual(Object.fromEntries(Object.keys(expected).map((name) => [name, row[name]])), expected)
          }
          assert.equal(object.facts.records, records.length)
          assert.equal(object.facts.kinds === null, decoded.includes(null) || !ARCHIVE_COLUMNS[topic].some(({ name }) => name === 'type'))
          assert.equal(
            object.facts.keys === null,
            records.some(({ key }) => key === null),
          )
        }),
        { numRuns: 60 },
      )
    })
  }

  function manyEvents(count: number): Written[] {
    return Array.from({ length: count }, (_, index) => {
      const process = sampleProcess({ pid: 1 + (index % 50), args: ['work', String(index % 50)] })
      const origin = sampleOrigin({ seq: index, wallTimeUs: 1_700_000_000_000_000 + index * 37 })
      const path = `/srv/${String(index % 999)}/${index % 3 === 0 ? String(index) : 'data'}`
      const value = codec.encode('file', sampleFileEvent({ process, origin, path }))
      return { offset: 5 + index * 2, timestampMs: 1_700_000_000_000 + index, key: Buffer.from(origin.hostId), value, headers: null }
    })
  }

  it('is the same bytes for the same records, whatever was written before and between', async () => {
    const records = manyEvents(40_000)
    const first = write(writers, 'file', records)
    const [one, other] = [writers.begin('file'), writers.begin('file')]
    for (const [index, record] of records.entries()) {
      one.add(recordOf(record))
      if (index % 3 === 0) other.add(recordOf(record))
    }
    assert.equal(one.finish().facts.sha256, first.facts.sha256)
    assert.equal(write(await ObjectWriters.create(new Codec(), 'test'), 'file', records).facts.sha256, first.facts.sha256)
    assert.deepEqual(
      (await readBack(first, 'file')).map(({ value }) => Buffer.from(value ?? EMPTY).toString('base64')),
      records.map(({ value }) => Buffer.from(value ?? EMPTY).toString('base64')),
    )
    assert.equal((await readBack(other.finish(), 'file')).length, Math.ceil(40_000 / 3))
    const wanted = [0, 1, 32_767, 32_768, 39_999]
    assert.deepEqual(
      (await readBack(first, 'file', wanted)).map(({ offset }) => offset),
      wanted.map((row) => 5 + row * 2),
    )
    const { facts } = first
    assert.deepEqual(
      [facts.minTimestampMs, facts.maxTimestampMs, facts.minTimeUs, facts.maxTimeUs, facts.kinds, facts.keys],
      [1_700_000_000_000, 1_700_000_039_999, 1_700_000_000_000_000, 1_700_000_000_000_000 + 39_999 * 37, ['open'], [sampleOrigin().hostId]],
    )
  })

  it('says of each row group the bounds of its own texts, so that a search skips no row', async () => {
    const object = write(writers, 'file', manyEvents(70_000))
    const paths = (await columnsOf(object)).map((row) => String(row['path']))
    const groups = parquetMetadata(Uint8Array.from(object.content).buffer).row_groups
    assert.ok(groups.length > 1)
    let start = 0
    for (const { columns, num_rows: rows } of groups) {
      const own = paths.slice(start, (start += Number(rows))).sort()
      const { min_value: min, max_value: max } =
        columns.find(({ meta_data: meta }) => meta?.path_in_schema[0] === 'path')?.meta_data?.statistics ?? {}
      assert.deepEqual([min, max], [own[0], own.at(-1)])
    }
  })

  it('that is cut, has a flipped bit, or is none of ours is refused or read, and never crashes the reader', async () => {
    const records = manyEvents(300)
    const object = write(writers, 'file', records)
    let refused = 0
    const attempt = async (content: Uint8Array): Promise<void> => {
      try {
        await readBack({ ...object, content }, 'file')
      } catch (error) {
        assert.equal((error as { code?: string }).code, 'EUNOMIA_ARCHIVE_OBJECT')
        refused++
      }
    }
    for (const length of [0, 3, 4, 12, 100, object.content.length >> 1, object.content.length - 1])
      await attempt(object.content.slice(0, length))
    assert.equal(refused, 7)
    await attempt(Buffer.from('PAR1 no object PAR1'))
    assert.equal(refused, 8)
    for (let bit = 0; bit < object.content.length * 8; bit += 997) {
      const content = Uint8Array.from(object.content)
      content[bit >> 3] = (content[bit >> 3] ?? 0) ^ (1 << (bit & 7))
      await attempt(content)
    }
    assert.ok(refused > 20, String(refused))
  })
})
