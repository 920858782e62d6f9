// FULL_TRANSITIVE: what may change in a schema and what may not, with the path of the field in the refusal.
import assert from 'node:assert/strict'
import { fullFaults, readFaults, versionFaults } from '../../../schemas/compatibility.js'
import { SchemaParser } from '../../../schemas/tree/schema-parser.js'
import type { RecordSchema } from '../../../schemas/tree/schema-model.js'

const COLOUR = { type: 'enum', name: 'Colour', symbols: ['UNKNOWN', 'red'], default: 'UNKNOWN' }
const BARE_COLOUR = { type: 'enum', name: 'Bare', symbols: ['a', 'b'] }
const INNER = [
  { name: 'pid', type: 'int' },
  { name: 'args', type: { type: 'array', items: 'string' } },
]
const BASE = [
  { name: 'colour', type: COLOUR },
  { name: 'bare', type: BARE_COLOUR },
  { name: 'process', type: { type: 'record', name: 'P', fields: INNER } },
  { name: 'path', type: ['null', 'string'], default: null },
  { name: 'at', type: { type: 'long', logicalType: 'timestamp-micros' } },
  { name: 'counters', type: { type: 'map', values: 'long' } },
  { name: 'hash', type: { type: 'fixed', name: 'Hash', size: 4 } },
]

type Field = Readonly<Record<string, unknown>>

function record(fields: readonly Field[], name = 'E'): RecordSchema {
  const schema = new SchemaParser().parse({ type: 'record', name, namespace: 'test', fields }, 'test')
  assert.ok(schema.kind === 'record')
  return schema
}

const changed = (name: string, change: Field): Field[] => BASE.map((field) => (field.name === name ? { ...field, ...change } : field))
const inner = (fields: readonly Field[]): Field[] => changed('process', { type: { type: 'record', name: 'P', fields } })

describe('full compatibility', () => {
  const base = record(BASE)
  const good: [string, readonly Field[]][] = [
    ['nothing changed', BASE],
    ['a field with a default more', [...BASE, { name: 'more', type: 'string', default: '' }]],
    ['an optional field more', [...BASE, { name: 'more', type: ['null', 'long'], default: null }]],
    ['an optional field less', BASE.filter((field) => field.name !== 'path')],
    ['fields in another order', [...BASE].reverse()],
    ['a symbol more in an enum with a default', changed('colour', { type: { ...COLOUR, symbols: ['UNKNOWN', 'red', 'blue'] } })],
    ['another doc', changed('at', { doc: 'changed' })],
    ['a field with a default more in a record inside', inner([...INNER, { name: 'tty', type: ['null', 'int'], default: null }])],
  ]
  for (const [name, fields] of good) {
    it(`takes ${name}`, () => assert.deepEqual(fullFaults(base, record(fields)), []))
  }

  const bad: [string, readonly Field[], string, RegExp][] = [
    ['a field without a default more', [...BASE, { name: 'more', type: 'string' }], 'more', /missing and has no default/],
    ['a field without a default less', BASE.filter((field) => field.name !== 'at'), 'at', /old readers.*missing and has no default/],
    ['a renamed field', BASE.map((field) => (field.name === 'at' ? { ...field, name: 'when' } : field)), 'when', /no default/],
    ['a renamed field with an alias, which only new readers know', changed('at', { name: 'when', aliases: ['at'] }), 'at', /old readers/],
    ['another type', changed('at', { type: 'string' }), 'at', /long is not readable as string|logical type/],
    [
      'a promotion, which only one direction reads',
      inner([{ name: 'pid', type: 'long' }, ...INNER.slice(1)]),
      'process.pid',
      /long is not readable as int/,
    ],
    [
      'another type of an item',
      inner([
        { name: 'pid', type: 'int' },
        { name: 'args', type: { type: 'array', items: 'int' } },
      ]),
      'process.args[]',
      /int/,
    ],
    ['another type of a map', changed('counters', { type: { type: 'map', values: 'string' } }), 'counters{}', /long|string/],
    ['another logical type', changed('at', { type: { type: 'long', logicalType: 'timestamp-millis' } }), 'at', /logical type/],
    [
      'a branch more in a union',
      changed('path', { type: ['null', 'string', 'long'] }),
      'path',
      /old readers.*long is none of null, string/,
    ],
    ['an optional field that is optional no more', changed('path', { type: 'string', default: '' }), 'path', /null/],
    [
      'a symbol more in an enum without a default',
      changed('bare', { type: { ...BARE_COLOUR, symbols: ['a', 'b', 'c'] } }),
      'bare',
      /lacks c/,
    ],
    ['another name of an enum', changed('colour', { type: { ...COLOUR, name: 'Tint' } }), 'colour', /Colour is not test\.Tint|Tint is not/],
    [
      'another size of fixed bytes',
      changed('hash', { type: { type: 'fixed', name: 'Hash', size: 8 } }),
      'hash',
      /4 bytes are not 8|8 bytes are not 4/,
    ],
  ]
  for (const [name, fields, path, reason] of bad) {
    it(`refuses ${name} and names the field`, () => {
      const faults = fullFaults(base, record(fields))
      assert.ok(faults.length > 0)
      assert.ok(
        faults.some((fault) => fault.path === path && reason.test(fault.reason)),
        JSON.stringify(faults),
      )
    })
  }

  it('refuses another name of the record', () => {
    assert.match(fullFaults(base, record(BASE, 'Other'))[0]?.reason ?? '', /test\.E is not test\.Other/)
  })

  it('reports all faults at once', () => {
    const fields = [...changed('at', { type: 'string' }).filter((field) => field.name !== 'hash'), { name: 'more', type: 'int' }]
    assert.deepEqual(new Set(fullFaults(base, record(fields)).map((fault) => fault.path)), new Set(['at', 'hash', 'more']))
  })

  it('checks every pair of versions, not only neighbours', () => {
    const version = (number: number, fields: readonly Field[]) => ({
      topic: 'file' as const,
      version: number,
      id: number,
      json: null,
      schema: record(fields),
    })
    // 2 drops an optional field, 3 brings the name back with another type: each is compatible with its neighbour.
    const versions = [
      version(1, BASE),
      version(
        2,
        BASE.filter((field) => field.name !== 'path'),
      ),
      version(3, changed('path', { type: ['null', 'long'] })),
    ]
    const faults = versionFaults(versions)
    assert.deepEqual(new Set(faults.map(({ older, newer, path }) => `${String(older)}-${String(newer)} ${path}`)), new Set(['1-3 path']))
  })
})

describe('reading in one direction', () => {
  it('follows the promotions of the specification', () => {
    const of = (type: string): RecordSchema => record([{ name: 'x', type }])
    const allowed = new Set([
      'int long',
      'int float',
      'int double',
      'long float',
      'long double',
      'float double',
      'string bytes',
      'bytes string',
    ])
    const types = ['int', 'long', 'float', 'double', 'string', 'bytes', 'boolean', 'null']
    for (const writer of types) {
      for (const reader of types) {
        const isReadable = readFaults(of(writer), of(reader)).length === 0
        assert.equal(isReadable, writer === reader || allowed.has(`${writer} ${reader}`), `${writer} as ${reader}`)
      }
    }
  })

  it('reads a renamed field by its alias', () => {
    assert.deepEqual(readFaults(record([{ name: 'a', type: 'int' }]), record([{ name: 'b', type: 'int', aliases: ['a'] }])), [])
  })
})
