// Schema trees: parsing with its refusals, back to JSON, and a part of a schema.
import assert from 'node:assert/strict'
import { projectSchema } from '../../../../schemas/projection.js'
import { schemaJson } from '../../../../schemas/tree/schema-json.js'
import { SchemaInvalidError, SchemaParser } from '../../../../schemas/tree/schema-parser.js'
import type { RecordSchema } from '../../../../schemas/tree/schema-model.js'

const parse = (json: unknown, shared: Readonly<Record<string, unknown>> = {}) =>
  new SchemaParser((name) => shared[name]).parse(json, 'test.avsc', 'n')

function record(json: unknown): RecordSchema {
  const schema = parse(json)
  assert.ok(schema.kind === 'record')
  return schema
}

const POINT = {
  type: 'record',
  name: 'Point',
  namespace: 'n',
  fields: [
    { name: 'x', type: 'int' },
    { name: 'y', type: 'int', default: 0 },
  ],
}
const nest = (depth: number): unknown => (depth === 0 ? 'int' : { type: 'array', items: nest(depth - 1) })

describe('schema parser', () => {
  const bad: [string, unknown, RegExp][] = [
    ['no schema at all', 17, /test\.avsc: expected a schema, found 17/],
    ['an unknown type', 'Nobody', /unknown type "Nobody"/],
    ['a record without fields', { type: 'record', name: 'R' }, /a record needs fields/],
    ['a record without a name', { type: 'record', fields: [] }, /name is missing/],
    [
      'a field twice',
      {
        type: 'record',
        name: 'R',
        fields: [
          { name: 'a', type: 'int' },
          { name: 'a', type: 'int' },
        ],
      },
      /test\.avsc\.a: the field is defined twice/,
    ],
    ['a name that is code', { type: 'record', name: 'R', fields: [{ name: 'a;alert(1)', type: 'int' }] }, /is no name/],
    ['the name __proto__', { type: 'record', name: 'R', fields: [{ name: '__proto__', type: 'int' }] }, /is no name/],
    ['a type defined twice', { type: 'array', items: [POINT, { type: 'map', values: POINT }] }, /n\.Point is defined twice/],
    ['a type that contains itself', { type: 'record', name: 'R', fields: [{ name: 'next', type: ['null', 'R'] }] }, /n\.R contains itself/],
    ['an enum without symbols', { type: 'enum', name: 'E', symbols: [] }, /needs symbols/],
    ['a symbol twice', { type: 'enum', name: 'E', symbols: ['a', 'a'] }, /twice/],
    ['a default that is no symbol', { type: 'enum', name: 'E', symbols: ['a'], default: 'b' }, /"b" is no symbol/],
    ['a union in a union', ['null', ['int']], /directly in a union/],
    ['a union with a type twice', ['int', 'int'], /int twice/],
    ['a negative size', { type: 'fixed', name: 'F', size: -1 }, /needs a size/],
    ['a hundred types in each other', nest(100), /nested deeper than 64/],
  ]
  for (const [name, json, message] of bad) {
    it(`refuses ${name}`, () =>
      assert.throws(
        () => parse(json),
        (error) => error instanceof SchemaInvalidError && message.test(error.message),
      ))
  }

  it('takes a shared type by its bare name, and gives one object for all its uses', () => {
    const schema = parse(
      {
        type: 'record',
        name: 'R',
        fields: [
          { name: 'a', type: 'Point' },
          { name: 'b', type: ['null', 'Point'] },
        ],
      },
      { 'n.Point': POINT },
    )
    assert.ok(schema.kind === 'record')
    const [a, b] = schema.fields
    assert.ok(b?.type.kind === 'union')
    assert.equal(a?.type, b.type.branches[1])
  })
})

describe('schema JSON', () => {
  it('defines a type at its first use and names it at later ones', () => {
    const json = {
      type: 'record',
      name: 'R',
      namespace: 'n',
      fields: [
        { name: 'a', type: POINT },
        { name: 'b', type: { type: 'array', items: 'n.Point' } },
        { name: 'at', type: { type: 'long', logicalType: 'timestamp-micros' }, doc: 'when' },
        { name: 'e', type: { type: 'enum', name: 'E', namespace: 'n', symbols: ['A', 'B'], default: 'A' }, aliases: ['f'] },
        { name: 'h', type: { type: 'fixed', name: 'H', namespace: 'n', size: 16 } },
        { name: 'm', type: { type: 'map', values: ['null', 'bytes'] }, default: {} },
      ],
    }
    assert.deepEqual(schemaJson(parse(json)), json)
  })
})

describe('projected schema', () => {
  const schema = record({
    type: 'record',
    name: 'R',
    fields: [
      { name: 'a', type: POINT },
      { name: 'b', type: ['null', 'Point'], default: null },
      { name: 'c', type: 'string' },
    ],
  })

  it('has the fields that were named, whole or in part, in the order of the schema', () => {
    const projected = projectSchema(schema, ['c', 'a.y'])
    assert.deepEqual(
      projected.fields.map((field) => field.name),
      ['a', 'c'],
    )
    const [a] = projected.fields
    assert.ok(a?.type.kind === 'record')
    assert.deepEqual(
      a.type.fields.map((field) => field.name),
      ['y'],
    )
  })

  it('refuses what there is not', () => {
    for (const path of ['d', 'a.z', 'c.length']) assert.throws(() => projectSchema(schema, [path]), RangeError, path)
  })
})
