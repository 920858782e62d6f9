// Records byte by byte, from the protocol specification.
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { checkRecords, isAbortMarker, RecordCursor, recordsFrom } from '../../../../../infra/kafka/fetch/record-walk.js'
import { recordBytes, recordsBytes, varint } from '../../../../support/records/kafka-batch-bytes.js'

const STATED = { baseOffset: 100, lastOffset: 1_000_000, baseTimestampMs: 0, appendedMs: null }
const check = (bytes: Buffer, count: number, from = 0): ReturnType<typeof checkRecords> =>
  checkRecords(bytes, 0, bytes.length, { ...STATED, count }, from)

describe('infra/kafka/fetch/record-walk', () => {
  it('reads every varint of 32 and 64 bits', () => {
    const cursor = new RecordCursor()
    const read = (bytes: Buffer, kind: 'int' | 'long'): number => {
      cursor.bytes = bytes
      cursor.at = 0
      const value = cursor[kind](bytes.length)
      assert.equal(cursor.at, bytes.length)
      return value
    }
    fc.assert(fc.property(fc.integer(), (value) => assert.equal(read(varint(value), 'int'), value)))
    fc.assert(
      fc.property(fc.bigInt({ min: -(2n ** 53n), max: 2n ** 53n }), (value) => assert.equal(read(varint(value), 'long'), Number(value))),
    )
    assert.equal(read(varint(-(2n ** 63n)), 'long'), -(2 ** 63))
  })

  it('never reads a number past its end or longer than it may be', () => {
    const cursor = new RecordCursor()
    cursor.bytes = Buffer.alloc(20, 0xff)
    for (const [kind, end] of [
      ['int', 3],
      ['int', 20],
      ['long', 3],
      ['long', 20],
      ['int', 0],
      ['long', 0],
    ] as const) {
      cursor.at = 0
      assert.throws(() => cursor[kind](end), RangeError)
      assert.ok(cursor.at <= Math.min(end, 10))
    }
  })

  it('refuses records that are not exactly their bytes', () => {
    const good = recordBytes({ key: Buffer.from('k'), value: Buffer.from('v') })
    const body = (...parts: readonly (Buffer | number)[]): Buffer => {
      const content = Buffer.concat(parts.map((part) => (typeof part === 'number' ? varint(part) : part)))
      return Buffer.concat([varint(content.length), content])
    }
    const attributes = Buffer.from([0])
    const bad: readonly Buffer[] = [
      Buffer.alloc(0),
      Buffer.concat([good, Buffer.from([0])]),
      good.subarray(0, -1),
      Buffer.concat([varint(-10), good.subarray(1)]),
      Buffer.concat([varint(1_000), good.subarray(1)]),
      body(attributes, 0, 0, -2, -1, 0),
      body(attributes, 0, 0, -1, -2, 0),
      body(attributes, 0, 0, 2_147_483_647, -1, 0),
      body(attributes, 0, 0, -1, 50, Buffer.from('short'), 0),
      body(attributes, 0, 0, -1, -1, -1),
      body(attributes, 0, 0, -1, -1, 2_147_483_647),
      body(attributes, 0, 0, -1, -1, 1, 9, Buffer.from('name')),
      body(attributes, 0, 0, -1, -1, 0, Buffer.from('rest')),
      body(attributes, 0, -1, -1, -1, 0),
    ]
    assert.equal(check(good, 1)?.count, 1)
    for (const bytes of bad) assert.throws(() => check(bytes, 1), RangeError, bytes.toString('hex'))
    assert.throws(() => check(recordsBytes([{ value: Buffer.from('v') }, { offsetDelta: 0 }]), 2), /out of order/)
    assert.throws(() => check(good, 2_147_483_647), /do not fit/)
  })

  it('reads headers, and starts at the first record that was asked for, if there is one', () => {
    const records = [
      {
        headers: [
          ['a', null],
          ['b', Buffer.from('c')],
        ],
      },
      { offsetDelta: 7 },
      { offsetDelta: 9 },
    ] as const
    const bytes = recordsBytes(records)
    const part = check(bytes, 3, 103)
    assert.deepEqual([part?.firstOffset, part?.lastOffset, part?.count], [107, 109, 2])
    assert.equal(check(bytes, 3, 110), null)
    assert.ok(part)
    assert.deepEqual([recordsFrom(part, 108)?.firstOffset, recordsFrom(part, 108)?.count], [109, 1])
    assert.equal(recordsFrom(part, 105), part)
    assert.equal(recordsFrom(part, 110), null)
  })

  it('checks 200,000 records without a deep stack or memory for each, and refuses them all if none has content', () => {
    const bytes = recordsBytes(Array.from({ length: 200_000 }, () => ({ value: Buffer.alloc(0) })))
    assert.throws(() => check(bytes, 200_000), /200000 records without any content/)
    const one = recordBytes({ offsetDelta: 200_000, key: Buffer.from('k') })
    assert.throws(() => check(Buffer.concat([bytes, one]), 200_001), /200000 records without a key and a value/)
    const removals = recordsBytes(Array.from({ length: 200_000 }, () => ({ key: Buffer.from('k') })))
    assert.equal(check(removals, 200_000)?.count, 200_000)
  })

  it('refuses more than 1,000 records without a key and a value, whatever their headers are', () => {
    const withBare = (bare: number): Buffer =>
      recordsBytes([{ value: Buffer.from('v') }, ...Array.from({ length: bare }, () => ({ headers: [['h', Buffer.from('v')]] as const }))])
    assert.equal(check(withBare(1_000), 1_001)?.count, 1_001)
    assert.throws(() => check(withBare(1_001), 1_002), /1001 records without a key and a value/)
  })

  it('distinguishes the markers of transactions', () => {
    const marker = (key: Buffer): boolean => {
      const part = check(recordBytes({ key, value: Buffer.alloc(6) }), 1)
      assert.ok(part)
      return isAbortMarker(part)
    }
    assert.equal(marker(Buffer.from([0, 0, 0, 0])), true)
    assert.equal(marker(Buffer.from([0, 0, 0, 1])), false)
    assert.throws(() => marker(Buffer.from([0])), RangeError)
  })
})
