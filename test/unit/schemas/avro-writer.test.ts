// The writer of Avro primitives: examples of the specification, and avsc as a second opinion on everything else.
import assert from 'node:assert/strict'
import avsc, { type Schema } from 'avsc'
import fc from 'fast-check'
import { AvroWriter } from '../../../schemas/avro-writer.js'
import { numberBytes } from '../../support/records/reference-avro.js'

function written(write: (writer: AvroWriter) => void, initialBytes = 1): number[] {
  const writer = new AvroWriter(initialBytes)
  write(writer)
  return [...writer.bytes.subarray(0, writer.position)]
}

function byAvsc(schema: Schema, value: unknown): number[] {
  return [...avsc.Type.forSchema(schema).toBuffer(value)]
}

describe('AvroWriter', () => {
  it('writes the numbers of the specification', () => {
    const table: [number, number[]][] = [
      [0, [0x00]],
      [-1, [0x01]],
      [1, [0x02]],
      [-2, [0x03]],
      [2, [0x04]],
      [-64, [0x7f]],
      [64, [0x80, 0x01]],
    ]
    for (const [value, bytes] of table) {
      assert.deepEqual(
        written((writer) => writer.long(value)),
        bytes,
        String(value),
      )
    }
  })

  it('writes the string "foo" of the specification', () => {
    assert.deepEqual(
      written((writer) => writer.text('foo')),
      [0x06, 0x66, 0x6f, 0x6f],
    )
  })

  it('writes the array [3, 27] of the specification', () => {
    const bytes = written((writer) => {
      writer.blockStart(2)
      writer.long(3)
      writer.long(27)
      writer.blockEnd()
    })
    assert.deepEqual(bytes, [0x04, 0x06, 0x36, 0x00])
  })

  it('writes null of a union that has it first as its branch, one byte each', () => {
    assert.deepEqual(
      written((writer) => {
        writer.int(7)
        writer.nulls(3)
        writer.nulls(0)
      }),
      [0x0e, 0, 0, 0],
    )
  })

  it('writes an empty array as its end', () => {
    const bytes = written((writer) => {
      writer.blockStart(0)
      writer.blockEnd()
    })
    assert.deepEqual(bytes, [0x00])
  })

  it('writes every integer below 2^53 exactly, also at the ends', () => {
    const ends = [2 ** 30, -(2 ** 30), 2 ** 31, -(2 ** 31) - 1, 2 ** 52, -(2 ** 52) - 1, Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER]
    fc.assert(
      fc.property(fc.oneof(fc.maxSafeInteger(), fc.constantFrom(...ends)), (value) => {
        assert.deepEqual(
          written((writer) => writer.long(value)),
          numberBytes(BigInt(value)),
        )
      }),
    )
  })

  it('refuses what a long or an int can not hold exactly', () => {
    for (const value of [2 ** 53, -(2 ** 53), 1.5, NaN, Infinity]) assert.throws(() => written((writer) => writer.long(value)), RangeError)
    for (const value of [2 ** 31, -(2 ** 31) - 1, 0.5]) assert.throws(() => written((writer) => writer.int(value)), RangeError)
  })

  it('writes texts, bytes, booleans and doubles as avsc does', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary', maxLength: 200 }),
        fc.uint8Array(),
        fc.boolean(),
        fc.double(),
        (text, bytes, flag, double) => {
          assert.deepEqual(
            written((writer) => writer.text(text)),
            byAvsc('string', text),
          )
          assert.deepEqual(
            written((writer) => writer.bytesSpan(bytes, 0, bytes.length)),
            byAvsc('bytes', Buffer.from(bytes)),
          )
          assert.deepEqual(
            written((writer) => writer.boolean(flag)),
            byAvsc('boolean', flag),
          )
          assert.deepEqual(
            written((writer) => writer.double(double)),
            byAvsc('double', double),
          )
        },
      ),
    )
  })

  it('writes half of a surrogate pair as U+FFFD', () => {
    assert.deepEqual(
      written((writer) => writer.text('a\ud83d')),
      [0x08, 0x61, 0xef, 0xbf, 0xbd],
    )
  })

  it('takes only the span of its source, and appends to what it holds', () => {
    const writer = new AvroWriter(2)
    const source = Uint8Array.of(9, 1, 2, 3, 9)
    writer.raw(source, 1, 4)
    writer.bytesSpan(source, 1, 3)
    assert.deepEqual([...writer.bytes.subarray(0, writer.position)], [1, 2, 3, 4, 1, 2])
    writer.reset()
    writer.int(5)
    assert.deepEqual([...writer.bytes.subarray(0, writer.position)], [10])
  })
})
