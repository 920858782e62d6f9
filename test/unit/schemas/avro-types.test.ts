// Maps as plain objects, read and written over an array of entries: the bytes must be those of a map, for any values.
import assert from 'node:assert/strict'
import avsc from 'avsc'
import fc from 'fast-check'
import { avroType } from '../../../schemas/avro-types.js'
import type { AvroSchema } from '../../../schemas/tree/schema-model.js'

function mapOf(name: 'int' | 'long' | 'bytes' | 'string'): AvroSchema {
  return { kind: 'map', values: { kind: 'primitive', name, logicalType: null } }
}

describe('map', () => {
  it('is written and read as any Avro library does it', () => {
    const ours = avroType(mapOf('string'))
    const theirs = avsc.Type.forSchema({ type: 'map', values: 'string' })
    fc.assert(
      fc.property(
        fc.dictionary(
          fc.string().filter((key) => key !== '__proto__'),
          fc.string(),
          { noNullPrototype: true },
        ),
        (map) => {
          assert(ours.toBuffer(map).equals(theirs.toBuffer(map)))
          assert.deepEqual({ ...(ours.fromBuffer(theirs.toBuffer(map)) as object) }, map)
        },
      ),
    )
  })

  it('keeps the key __proto__ as any other, in the bytes of the specification', () => {
    const type = avroType(mapOf('int'))
    // One entry (2), a key of 9 bytes (18), the value 3 (6), the end (0).
    const bytes = Buffer.from([2, 18, ...Buffer.from('__proto__'), 6, 0])
    const map = JSON.parse('{"__proto__": 3}') as unknown
    assert(type.toBuffer(map).equals(bytes))
    assert.deepEqual(Object.entries(type.fromBuffer(bytes) as object), [['__proto__', 3]])
  })

  it('takes values that a writer wrote with a type that can be promoted', () => {
    const [reader, writer] = [avroType(mapOf('long')), avroType(mapOf('int'))]
    const resolver = reader.createResolver(writer)
    assert.deepEqual(reader.fromBuffer(writer.toBuffer({ a: 1, b: -2 }), resolver), { a: 1, b: -2 })
  })

  it('refuses values of a type that can not be promoted', () => {
    assert.throws(() => avroType(mapOf('int')).createResolver(avroType(mapOf('string'))))
  })

  it('refuses what is no map', () => {
    for (const value of [null, undefined, 'text', 3, ['a']]) assert.equal(avroType(mapOf('string')).isValid(value), false)
  })
})
