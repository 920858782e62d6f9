// The batch writer against the decoder of kafkajs, and against the specification where kafkajs does not check (checksum, header).
import assert from 'node:assert/strict'
import { createRequire } from 'node:module'
import fc from 'fast-check'
import { BATCH_HEADER_BYTES } from '../../../../../infra/kafka/batch-layout.js'
import { MOST_RECORD_OVERHEAD, RecordBatchWriter } from '../../../../../infra/kafka/publisher/record-batch.js'
import { compressorOf, registerCodecs } from '../../../../../infra/kafka/compression.js'

interface DecodedRecord {
  readonly offset: string
  readonly timestamp: string
  readonly key: Buffer | null
  readonly value: Buffer | null
  readonly headers: Record<string, unknown>
}
interface DecodedBatch {
  readonly firstTimestamp: string
  readonly maxTimestamp: string
  readonly producerId: string
  readonly producerEpoch: number
  readonly firstSequence: number
  readonly lastOffsetDelta: number
  readonly records: readonly DecodedRecord[]
}

const require = createRequire(import.meta.url)
const Decoder = require('kafkajs/src/protocol/decoder') as new (buffer: Buffer) => unknown
const decodeBatch = require('kafkajs/src/protocol/recordBatch/v0/decoder') as (decoder: unknown) => Promise<DecodedBatch>

/** CRC-32C bit by bit, as RFC 3720 section B.4 defines it. */
function crc32cByTheBook(bytes: Uint8Array): number {
  let crc = 0xffffffff
  for (const byte of bytes) {
    crc ^= byte
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1
  }
  return ~crc >>> 0
}

interface Sample {
  readonly key: Uint8Array
  readonly value: Uint8Array
  readonly timestampMs: number
}

const sample: fc.Arbitrary<Sample> = fc.record({
  key: fc.uint8Array({ maxLength: 40 }),
  value: fc.uint8Array({ maxLength: 200 }),
  timestampMs: fc.oneof(fc.integer({ min: 1_700_000_000_000, max: 1_700_000_001_000 }), fc.integer({ min: 0, max: 2 ** 52 - 1 })),
})

function write(samples: readonly Sample[], start = 0): RecordBatchWriter {
  const bytes = samples.reduce((sum, { key, value }) => sum + key.length + value.length + MOST_RECORD_OVERHEAD, start + BATCH_HEADER_BYTES)
  const writer = new RecordBatchWriter(Buffer.alloc(bytes), start)
  for (const { key, value, timestampMs } of samples) {
    assert.ok(writer.fits(key.length, value.length))
    // The value is in the middle of a larger buffer, as in the collector.
    const source = Buffer.concat([Buffer.from('before'), value, Buffer.from('after')])
    writer.append({ key, value: source, valueStart: 6, valueEnd: 6 + value.length, timestampMs })
  }
  return writer
}

async function decode(writer: RecordBatchWriter): Promise<DecodedBatch> {
  return await decodeBatch(new Decoder(writer.frame.subarray(writer.start, writer.end)))
}

describe('infra/kafka/publisher/record-batch', () => {
  before(registerCodecs)

  it('writes what kafkajs reads, for any records, times, producers and sequences', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(sample, { minLength: 1, maxLength: 40 }),
        fc.bigInt({ min: 0n, max: 2n ** 63n - 1n }),
        fc.integer({ min: 0, max: 32_767 }),
        fc.integer({ min: 0, max: 2_147_483_647 }),
        fc.integer({ min: 0, max: 100 }),
        async (samples, producerId, epoch, sequence, start) => {
          const writer = write(samples, start)
          writer.finish(producerId, epoch, sequence)
          const batch = await decode(writer)
          assert.equal(batch.producerId, String(producerId))
          assert.equal(batch.producerEpoch, epoch)
          assert.equal(batch.firstSequence, sequence)
          assert.equal(batch.lastOffsetDelta, samples.length - 1)
          assert.equal(batch.firstTimestamp, String(samples[0]?.timestampMs))
          assert.equal(batch.maxTimestamp, String(Math.max(...samples.map(({ timestampMs }) => timestampMs))))
          assert.equal(batch.records.length, samples.length)
          samples.forEach(({ key, value, timestampMs }, index) => {
            const record = batch.records[index]
            assert.equal(record?.offset, String(index))
            assert.equal(record?.timestamp, String(timestampMs))
            assert.deepEqual(record?.key, Buffer.from(key))
            assert.deepEqual(record?.value, Buffer.from(value))
            assert.deepEqual(record?.headers, {})
          })
        },
      ),
      { numRuns: 60 },
    )
  })

  // A zigzag varint needs one more byte from 2^6, 2^13 and 2^20 on.
  it('writes values of every size around the steps of its varints', async () => {
    const sizes = [0, 1, 63, 64, 95, 96, 8_191, 8_192, 1_048_575, 1_048_576]
    const writer = write(sizes.map((size) => ({ key: Buffer.alloc(0), value: Buffer.alloc(size, size), timestampMs: 1 })))
    writer.finish(7n, 0, 0)
    const { records } = await decode(writer)
    assert.deepEqual(
      records.map((record) => record.value?.length),
      sizes,
    )
    assert.ok(records.every((record, index) => record.value?.every((byte) => byte === (sizes[index] ?? 0) % 256)))
  })

  it('writes the header of the specification', () => {
    const writer = write([{ key: Buffer.from('k'), value: Buffer.from('v'), timestampMs: 0x0102030405 }], 3)
    writer.finish(0x1122334455667788n, 0x0a0b, 0x0c0d0e0f)
    const crc = crc32cByTheBook(writer.frame.subarray(3 + 21, writer.end))
    // One record: length 8 (zigzag 16), attributes, time delta, offset delta, key length 1 (zigzag 2), key, value length, value, no headers.
    const record = '10' + '00' + '00' + '00' + '02' + '6b' + '02' + '76' + '00'
    const expected = [
      '0000000000000000', // base offset
      (49 + 9).toString(16).padStart(8, '0'), // bytes after this field
      'ffffffff', // leader epoch
      '02', // magic
      crc.toString(16).padStart(8, '0'),
      '0000', // attributes
      '00000000', // last offset delta
      '0000000102030405', // base timestamp
      '0000000102030405', // max timestamp
      '1122334455667788', // producer id
      '0a0b', // producer epoch
      '0c0d0e0f', // base sequence
      '00000001', // records
      record,
    ].join('')
    assert.equal(writer.frame.subarray(3, writer.end).toString('hex'), expected)
  })

  it('has a checksum over everything after it', () => {
    fc.assert(
      fc.property(fc.array(sample, { minLength: 1, maxLength: 5 }), (samples) => {
        const writer = write(samples)
        writer.finish(7n, 0, 0)
        assert.equal(writer.frame.readUInt32BE(17), crc32cByTheBook(writer.frame.subarray(21, writer.end)))
      }),
      { numRuns: 20 },
    )
  })

  it('can be finished again for another producer, with the same result as a first finish', () => {
    const samples = [{ key: Buffer.from('host'), value: Buffer.from('value'), timestampMs: 1_700_000_000_000 }]
    const once = write(samples)
    once.finish(9n, 1, 5)
    const twice = write(samples)
    twice.finish(8n, 0, 77)
    twice.finish(9n, 1, 5)
    assert.deepEqual(twice.frame, once.frame)
  })

  for (const compression of ['lz4', 'zstd'] as const) {
    it(`is read by kafkajs when its records are compressed with ${compression}`, async () => {
      const samples = Array.from({ length: 50 }, (_, index) => ({
        key: Buffer.from('host'),
        value: Buffer.from(`/usr/lib/x86_64-linux-gnu/libc.so.${String(index)}`),
        timestampMs: 1_700_000_000_000 + index,
      }))
      const writer = write(samples)
      const plainEnd = writer.end
      const compressor = compressorOf(compression)
      assert.ok(compressor)
      writer.replaceRecords(await compressor.compress(writer.records), compressor.attributes)
      writer.finish(7n, 0, 0)
      assert.ok(writer.end < plainEnd)
      const batch = await decode(writer)
      assert.deepEqual(
        batch.records.map((record) => record.value?.toString()),
        samples.map(({ value }) => value.toString()),
      )
    })
  }

  it('remains plain if compression would not make it smaller', async () => {
    const writer = write([{ key: Buffer.alloc(0), value: Buffer.from([1]), timestampMs: 0 }])
    const end = writer.end
    writer.replaceRecords(Buffer.alloc(end), 4)
    writer.finish(1n, 0, 0)
    assert.equal(writer.end, end)
    assert.equal((await decode(writer)).records.length, 1)
  })

  it('replaces an invalid time with 0 and rounds down', async () => {
    const times = [NaN, -5, 1.75, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY]
    const writer = write(times.map((timestampMs) => ({ key: Buffer.alloc(0), value: Buffer.alloc(0), timestampMs })))
    writer.finish(1n, 0, 0)
    assert.deepEqual(
      (await decode(writer)).records.map((record) => record.timestamp),
      ['0', '0', '1', '0', '4503599627370495'],
    )
  })

  it('reports that a record fits only if it does, down to the last byte', () => {
    const writer = new RecordBatchWriter(Buffer.alloc(BATCH_HEADER_BYTES + MOST_RECORD_OVERHEAD + 10), 0)
    assert.equal(writer.fits(4, 6), true)
    assert.equal(writer.fits(4, 7), false)
  })
})
