// Compressed batches, bombs, and mutated bytes.
import assert from 'node:assert/strict'
import { gzipSync } from 'node:zlib'
import { crc32c } from '@node-rs/crc32'
import { compress as zstd } from '@mongodb-js/zstd/bindings.js'
import { compressFrameSync } from 'lz4-napi'
import { compressSync } from 'snappy'
import { HeldBytes } from '../../../../../infra/kafka/fetch/held-bytes.js'
import { readBatches } from '../../../../../infra/kafka/fetch/read-batches.js'
import { RecordSet } from '../../../../../infra/kafka/fetch/record-set.js'
import { Random } from '../../../../support/generator/random.js'
import {
  batchBytes,
  GZIP,
  int32,
  LZ4,
  recordsBytes,
  SNAPPY,
  TRANSACTIONAL,
  valuesBatch,
  ZSTD,
  type RecordFields,
} from '../../../../support/records/kafka-batch-bytes.js'
import { readSet, type SeenRecord } from '../../../../support/records/read-record-set.js'

const MIB = 1024 * 1024
const TEXTS = Array.from({ length: 50 }, (_, index) => `value ${String(index % 7)} `.repeat(20))
const RECORDS: readonly RecordFields[] = TEXTS.map((text, index) => ({
  key: Buffer.from(`key ${String(index)}`),
  value: Buffer.from(text),
}))
const XERIAL = Buffer.from('82534e415050590000000001' + '00000001', 'hex')

/** Kafka's producers in Java write blocks; others write a bare one. */
function xerial(plain: Buffer): Buffer {
  const blocks = [plain.subarray(0, 1_000), plain.subarray(1_000)].map((part) => Buffer.from(compressSync(part)))
  return Buffer.concat([XERIAL, ...blocks.flatMap((block) => [int32(block.length), block])])
}

const PACKERS: readonly (readonly [name: string, codec: number, pack: (plain: Buffer) => Buffer | Promise<Buffer>])[] = [
  ['gzip', GZIP, (plain) => gzipSync(plain)],
  ['snappy', SNAPPY, (plain) => Buffer.from(compressSync(plain))],
  ['snappy in blocks', SNAPPY, xerial],
  ['lz4', LZ4, (plain) => compressFrameSync(plain)],
  ['lz4 with checksums', LZ4, (plain) => compressFrameSync(plain, { contentChecksum: true, blockChecksums: true })],
  ['zstd', ZSTD, (plain) => zstd(plain, 3)],
]

const packed = async (
  baseOffset: number,
  records: readonly RecordFields[],
  codec: number,
  pack: (plain: Buffer) => Buffer | Promise<Buffer>,
) =>
  batchBytes({
    baseOffset: BigInt(baseOffset),
    records: await pack(recordsBytes(records)),
    count: records.length,
    attributes: codec,
  })

describe('infra/kafka/fetch/read-batches', () => {
  for (const [name, codec, pack] of PACKERS) {
    it(`reads ${name}, in steps of the bound, and holds nothing afterwards`, async () => {
      const batches = await Promise.all([0, 50, 100].map((base) => packed(base, RECORDS, codec, pack)))
      const held = new HeldBytes(20 * MIB)
      const seen = await readSet(Buffer.concat(batches), { position: 10 }, held, 1)
      assert.equal(seen.damage, undefined)
      assert.deepEqual(
        seen.records.map(({ offset, value }) => [offset, value]),
        Array.from({ length: 140 }, (_, index) => [index + 10, TEXTS[(index + 10) % 50]]),
      )
      assert.deepEqual([seen.nextOffset, held.total], [150, 0])
    })

    it(`never unpacks a ${name} bomb`, async () => {
      const held = new HeldBytes(2 * MIB)
      const bomb = await packed(0, [{ value: Buffer.alloc(MIB + 1) }], codec, pack)
      assert.ok(bomb.length < MIB / 15)
      const seen = await readSet(bomb, {}, held)
      assert.match(seen.damage ?? '', /unpacks to more than 1048576 bytes/)
      assert.equal(held.total, 0)
    })
  }

  it('reports 8 KiB of zstd that become 256 MiB, also if the frame hides its size', async () => {
    // RLE blocks of 128 KiB: RFC 8878, 3.1.1.2. The frame states no content size.
    const block = Buffer.from([0x02, 0x00, 0x10, 0x00])
    const blocks = Array.from({ length: 2_048 }, () => block)
    const last = Buffer.from(block)
    last.writeUInt8(0x03)
    const frame = Buffer.concat([Buffer.from('28b52ffd0058', 'hex'), ...blocks, last])
    assert.ok(frame.length < 9_000)
    const seen = await readSet(batchBytes({ records: frame, count: 1, attributes: ZSTD }))
    assert.match(seen.damage ?? '', /unpacks to more than/)
  })

  it('is bounded by the bytes, whatever sizes a compressed batch states', async () => {
    const liar = gzipSync(recordsBytes(RECORDS))
    liar.writeUInt32LE(0xffff_ffff, liar.length - 4)
    const modest = gzipSync(recordsBytes(RECORDS))
    modest.writeUInt32LE(10, modest.length - 4)
    const cases: readonly (readonly [codec: number, bytes: Buffer])[] = [
      [GZIP, liar],
      [GZIP, modest],
      [GZIP, Buffer.alloc(5)],
      [SNAPPY, Buffer.from([0xff, 0xff, 0xff, 0xff, 0x0f, 0])],
      [SNAPPY, Buffer.concat([XERIAL, int32(-5), Buffer.alloc(3)])],
      [SNAPPY, Buffer.concat([XERIAL, int32(2_147_483_647), Buffer.alloc(3)])],
      [LZ4, Buffer.from('nonsense')],
      [ZSTD, Buffer.from('nonsense')],
      [ZSTD, Buffer.alloc(0)],
    ]
    for (const [codec, records] of cases) {
      const held = new HeldBytes(32 * MIB)
      const seen = await readSet(batchBytes({ records, count: RECORDS.length, attributes: codec }), {}, held)
      assert.notEqual(seen.damage, undefined)
      assert.deepEqual([seen.records, held.total], [[], 0])
    }
  })

  it('waits for room, and yields what it has when there is none for the next batch', async () => {
    const held = new HeldBytes(2 * MIB)
    const records = [{ value: Buffer.alloc(400_000) }]
    const bytes = Buffer.concat(await Promise.all([0, 1, 2].map((base) => packed(base, records, ZSTD, (plain) => zstd(plain, 3)))))
    const open = (): RecordSet => new RecordSet({ bytes, position: 0, highWatermark: 3, aborted: [] })
    const { signal } = new AbortController()
    const first = await readBatches(open(), held, 10 * MIB, signal)
    assert.equal(first.parts.length, 2)
    assert.ok(held.total <= MIB)
    let isDone = false
    const second = readBatches(open(), held, 10 * MIB, signal).then((read) => {
      isDone = true
      return read
    })
    await new Promise((resolve) => setImmediate(resolve))
    assert.equal(isDone, false)
    held.giveUnpacked(first.unpackedBytes)
    held.giveUnpacked((await second).unpackedBytes)
    const ended = AbortSignal.abort(new Error('ended'))
    held.tryTakeUnpacked(MIB)
    await assert.rejects(readBatches(open(), held, MIB, ended), /ended/)
    held.giveUnpacked(MIB)
    assert.equal(held.total, 0)
  })

  it('reads a key of 1 MiB, and reports 200,000 empty records as one damaged batch', async () => {
    const seen = await readSet(
      Buffer.concat([
        batchBytes({ records: [{ key: Buffer.alloc(MIB, 'k') }] }),
        batchBytes({ baseOffset: 1n, records: Array.from({ length: 200_000 }, () => ({})) }),
      ]),
    )
    assert.deepEqual(
      [seen.records[0]?.key?.length, seen.records.length, seen.nextOffset, seen.damage, seen.damagedTo],
      [MIB, 1, 1, '200000 records without any content', 200_001],
    )
  })

  it('reads the same records from 10,000 mutated batches, or reports damage', async () => {
    const seed = Number(process.env['FUZZ_SEED'] ?? Date.now() % 1_000_000)
    process.stdout.write(`      seed ${String(seed)} (FUZZ_SEED)\n`)
    const random = new Random(seed)
    const plain = (base: number): Buffer =>
      batchBytes({ baseOffset: BigInt(base), records: RECORDS.slice(0, 8), attributes: TRANSACTIONAL, producerId: 9n })
    const originals = [plain(100), ...(await Promise.all(PACKERS.map(([, codec, pack]) => packed(100, RECORDS, codec, pack))))]
    const neighbour = valuesBatch(1_000, ['neighbour'])
    const expected = await Promise.all(originals.map(async (batch) => (await readSet(batch, { position: 100 })).records))
    const held = new HeldBytes(32 * MIB)
    let damaged = 0
    for (let round = 0; round < 10_000; round++) {
      const which = random.below(originals.length)
      const bytes = Buffer.from(originals[which] ?? Buffer.alloc(0))
      const isResigned = random.chance(0.7)
      for (let left = random.between(1, 3); left > 0; left--) {
        const byte = random.chance(0.3) ? random.pick([0, 0x7f, 0x80, 0xff]) : random.below(256)
        bytes.writeUInt8(byte, random.below(bytes.length))
      }
      // A hostile producer signs what it writes.
      if (isResigned) bytes.writeUInt32BE(crc32c(bytes.subarray(21)), 17)
      const note = `seed ${String(seed)}, round ${String(round)}: ${bytes.toString('hex')}`
      const seen = await readSet(Buffer.concat([bytes, neighbour]), { position: 100, highWatermark: 1_001 }, held)
      assert.equal(held.total, 0, note)
      if (seen.damage !== undefined) damaged++
      assertSound(seen.records, note)
      if (!isResigned && seen.damage === undefined) assertSame(seen.records, expected[which] ?? [], bytes, note)
    }
    assert.ok(damaged > 3_000, `${String(damaged)} are damaged`)
  })
})

// Whatever is yielded has growing offsets.
function assertSound(records: readonly SeenRecord[], note: string): void {
  let last = 99
  for (const { offset } of records) {
    assert.ok(offset > last && offset <= 1_000, note)
    last = offset
  }
}

// Offset, length and leader epoch are not under the checksum: a batch may move, or disappear behind a length that reads as cut.
function assertSame(records: readonly SeenRecord[], expected: readonly SeenRecord[], bytes: Buffer, note: string): void {
  const own = records.filter(({ value }) => value !== 'neighbour')
  if (own.length === 0) return
  const moved = Number(bytes.readBigInt64BE(0)) - 100
  const visible = expected.map((record) => ({ ...record, offset: record.offset + moved })).filter(({ offset }) => offset >= 100)
  assert.deepEqual(own, visible, note)
}
