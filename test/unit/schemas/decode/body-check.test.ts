// Bytes that are no value of their schema are found before avsc sees them, whatever they claim.
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { compileCheck, locateFault } from '../../../../schemas/decode/body-check.js'
import { BoundedCursor, MalformedAvro } from '../../../../schemas/decode/bounded-cursor.js'
import { SchemaParser } from '../../../../schemas/tree/schema-parser.js'
import type { AvroSchema } from '../../../../schemas/tree/schema-model.js'
import { currentSchemas } from '../../../../schemas/schema-set.js'
import { arbitraryValue } from '../../../support/records/arbitrary-record.js'
import { numberBytes, referenceBytes } from '../../../support/records/reference-avro.js'

const parse = (json: unknown): AvroSchema => new SchemaParser().parse(json, 'test')
const number = (value: bigint | number): number[] => numberBytes(BigInt(value))

function cursorAt(bytes: readonly number[]): BoundedCursor {
  const cursor = new BoundedCursor()
  // Bytes around the span that would be read by a walk beyond it.
  cursor.load(Uint8Array.of(0, ...bytes, 2, 2, 2), 1, 1 + bytes.length)
  return cursor
}

function check(json: unknown, bytes: readonly number[]): number {
  const cursor = cursorAt(bytes)
  compileCheck(parse(json))(cursor)
  return cursor.left
}

const STRINGS = { type: 'array', items: 'string' }
const NULLS = { type: 'array', items: 'null' }
const BYTES_MAP = { type: 'map', values: 'bytes' }
const COLOUR = { type: 'enum', name: 'Colour', symbols: ['UNKNOWN', 'red'] }

describe('body check', () => {
  const bad: [string, unknown, number[], RegExp, number][] = [
    ['a value that ends too early', 'double', [0, 0, 0], /ends too early/, 0],
    ['a text that is longer than what is left', 'string', [...number(4), 65, 65, 65], /length of 4 does not fit/, 1],
    ['a negative length', 'bytes', number(-1), /length of -1 does not fit/, 1],
    ['a length near 2^53', 'string', number(2 ** 53 - 2), /does not fit/, 8],
    ['an array of more items than bytes', STRINGS, number(2n ** 50n), /items do not fit/, 8],
    ['a block that claims another size', STRINGS, [...number(-1), ...number(5), ...number(1), 65, 0], /does not have the 5 bytes/, 4],
    ['a block of a negative size', STRINGS, [...number(-1), ...number(-2), ...number(1), 65, 0], /does not have the -2 bytes/, 4],
    ['any number of items without bytes', NULLS, [...number(65_536), ...number(1), 0], /items without bytes/, 4],
    ['a huge count of items without bytes', NULLS, number(2n ** 52n), /items without bytes/, 8],
    ['a map of more entries than bytes', BYTES_MAP, [...number(9), 0, 0], /9 items do not fit/, 1],
    ['a union branch that there is not', ['null', 'string'], number(2), /no union branch 2/, 1],
    ['a negative union branch', ['null', 'string'], number(-1), /no union branch -1/, 1],
    ['a symbol that there is not', COLOUR, number(2), /no symbol 2/, 1],
    ['a boolean that is none', 'boolean', [2], /2 is not a boolean/, 1],
    ['an int of more than 32 bits', 'int', number(2 ** 31), /not a 32-bit integer/, 5],
    ['a long of 2^53 - 1, which avsc refuses', 'long', number(2 ** 53 - 1), /too large/, 8],
    ['a long of 2^63 - 1', 'long', number(2n ** 63n - 1n), /too large/, 10],
    ['a negative long that avsc would read as a positive one', 'long', number(-(2 ** 52) - 2), /too large/, 8],
    ['a number of eleven bytes', 'long', Array.from({ length: 11 }, () => 0x80), /more than ten bytes/, 10],
  ]
  for (const [name, json, bytes, message, offset] of bad) {
    it(`refuses ${name}`, () => {
      assert.throws(
        () => check(json, bytes),
        (error) => error instanceof MalformedAvro && message.test(error.message) && error.offset === offset,
      )
    })
  }

  it('walks blocks with and without their size, and several of them', () => {
    const block = [...number(1), ...number(1), 65]
    const sized = [...number(-1), ...number(2), ...number(1), 66]
    assert.equal(check(STRINGS, [...block, ...sized, ...block, 0]), 0)
  })

  it('reads the longs at the ends of what avsc reads', () => {
    for (const value of [2 ** 53 - 2, -(2 ** 52), 2 ** 27, 2 ** 28, -(2 ** 34), 0, -1]) {
      const cursor = cursorAt(number(value))
      assert.equal(cursor.long(), value)
      assert.equal(cursor.left, 0)
    }
  })

  it('takes a number with needless bytes, as Java does', () => {
    assert.equal(cursorAt([0x82, 0x80, 0x00]).long(), 1)
  })

  it('ends exactly after every value of our schemas', () => {
    for (const { schema } of currentSchemas().values()) {
      const compiled = compileCheck(schema)
      fc.assert(
        fc.property(arbitraryValue(schema), (value) => {
          const cursor = cursorAt(referenceBytes(schema, value))
          compiled(cursor)
          assert.equal(cursor.left, 0)
        }),
        { numRuns: 30 },
      )
    }
  })

  it('names the field at fault with its place in arrays and records', () => {
    const process = {
      type: 'record',
      name: 'P',
      fields: [
        { name: 'pid', type: 'int' },
        { name: 'args', type: STRINGS },
      ],
    }
    const schema = parse({
      type: 'record',
      name: 'E',
      fields: [
        { name: 'process', type: ['null', process] },
        { name: 'raw', type: BYTES_MAP },
      ],
    })
    const pid = [...number(1), ...number(7)]
    assert.equal(locateFault(schema, cursorAt([...pid, ...number(2), ...number(1), 65, ...number(9)])), 'process.args[1]')
    assert.equal(locateFault(schema, cursorAt([...number(1), ...number(2 ** 40)])), 'process.pid')
    assert.equal(locateFault(schema, cursorAt(number(5))), 'process')
    assert.equal(locateFault(schema, cursorAt([...pid, 0, ...number(1), ...number(1), 65, ...number(-3)])), 'raw{}')
    assert.equal(locateFault(schema, cursorAt([...pid, 0, 0])), null)
  })
})
