import assert from 'node:assert/strict'
import { JsonShape, Type, WHOLE_NUMBER } from '../../../../infra/config/json-shape.js'

const SHAPE = new JsonShape(
  Type.Object(
    {
      name: Type.String({ minLength: 1, maxLength: 8 }),
      losses: Type.Optional(Type.Array(Type.Object({ cpu: WHOLE_NUMBER }, { additionalProperties: false }), { maxItems: 2 })),
      level: Type.Optional(Type.Union([Type.String(), Type.Null()])),
      port: Type.Optional(Type.Integer({ minimum: 1, maximum: 65_535 })),
      mode: Type.Optional(Type.Enum(['fast', 'safe'])),
      version: Type.Optional(Type.Literal(1)),
      isOn: Type.Optional(Type.Boolean()),
    },
    { additionalProperties: false },
  ),
)

describe('JsonShape', () => {
  it('accepts a value that fits', () => {
    const value: unknown = { name: 'a', losses: [{ cpu: 1 }], level: null, port: 9092, mode: 'safe', version: 1, isOn: false }
    assert.equal(SHAPE.fits(value), true)
    assert.equal(SHAPE.mismatchOf(value), null)
  })

  const mismatches: readonly [title: string, value: unknown, message: string][] = [
    ['a missing field', {}, 'name is missing'],
    ['a missing field of a nested object', { name: 'a', losses: [{ cpu: 1 }, {}] }, 'losses[1].cpu is missing'],
    ['a wrong type at its nested path', { name: 'a', losses: [{ cpu: 'x' }] }, 'losses[0].cpu must be a whole number, found "x"'],
    ['a fraction', { name: 'a', losses: [{ cpu: 0.5 }] }, 'losses[0].cpu must be a whole number, found 0.5'],
    ['a number outside its bounds', { name: 'a', port: 0 }, 'port must be a whole number from 1 to 65535, found 0'],
    ['a text that is too long', { name: 'a'.repeat(9) }, 'name must be a text of 1 to 8 characters, found "aaaaaaaaa"'],
    [
      'too many items',
      { name: 'a', losses: [{ cpu: 1 }, { cpu: 2 }, { cpu: 3 }] },
      'losses must be a list of at most 2, found [{"cpu":1},{"cpu":2},{"cpu":3}]',
    ],
    ['none of the alternatives', { name: 'a', level: 1 }, 'level must be a text or null, found 1'],
    ['a name outside a closed set', { name: 'a', mode: 'slow' }, 'mode must be one of fast, safe, found "slow"'],
    ['another constant', { name: 'a', version: 2 }, 'version must be 1, found 2'],
    ['a text for a boolean', { name: 'a', isOn: 'yes' }, 'isOn must be true or false, found "yes"'],
    ['an unknown key that is close to a known one', { name: 'a', prot: 1 }, 'it has no field "prot"; did you mean port?'],
    [
      'an unknown key of a nested object, with the known ones',
      { name: 'a', losses: [{ cpu: 1, somethingElse: 1 }] },
      'losses[0] has no field "somethingElse"; its fields are cpu',
    ],
    ['null', null, 'it must be an object, found null'],
    ['no value', undefined, 'it must be an object, found undefined'],
  ]
  for (const [title, value, message] of mismatches) {
    it(`reports ${title}`, () => {
      assert.equal(SHAPE.fits(value), false)
      assert.equal(SHAPE.mismatchOf(value), message)
    })
  }

  for (const key of ['__proto__', 'constructor', 'toString', 'hasOwnProperty']) {
    it(`rejects the key ${key}, and does not treat it as an inherited field`, () => {
      const value: unknown = JSON.parse(`{"name": "a", ${JSON.stringify(key)}: {"polluted": true}}`)
      assert.equal(SHAPE.fits(value), false)
      assert.ok(SHAPE.mismatchOf(value)?.startsWith(`it has no field "${key}"; `))
      assert.equal(({} as Record<string, unknown>)['polluted'], undefined)
    })
  }

  it('does not accept an inherited field as a required one', () => {
    const shape = new JsonShape(Type.Object({ toString: Type.String() }))
    assert.equal(shape.fits({}), false)
  })

  it('does not show what may be a secret', () => {
    const shape = new JsonShape(
      Type.Object({
        a: Type.Union([Type.Null(), Type.Object({ b: Type.String() })], { concealed: 'null, or b' }),
        c: Type.String({ concealed: 'c' }),
      }),
    )
    assert.deepEqual(
      shape.mismatchesOf({ a: { b: 5 }, c: 7 }).map(({ message }) => message),
      ['a must be null, or b', 'c must be c'],
    )
  })

  it('cuts a long value to 80 characters', () => {
    const message = SHAPE.mismatchOf({ name: 'a', isOn: 'x'.repeat(1_000_000) })
    assert.equal(message, `isOn must be true or false, found "${'x'.repeat(76)}...`)
  })

  it('cuts a long unknown key, and escapes what a terminal would interpret', () => {
    const message = SHAPE.mismatchOf({ name: 'a', [`\u001b[2J${'k'.repeat(1_000_000)}`]: 1 }) ?? ''
    assert.ok(message.length < 300, message)
    assert.ok(!message.includes('\u001b'))
  })
})

describe('JsonShape with untrusted values', () => {
  const ITEM = Type.Object({ x: WHOLE_NUMBER }, { additionalProperties: false })
  const SHAPE = new JsonShape(
    Type.Object(
      { list: Type.Array(ITEM), other: Type.Optional(Type.Union([ITEM, Type.Null()])), any: Type.Optional(Type.Unknown()) },
      { additionalProperties: false },
    ),
  )
  const nested = (levels: number): unknown => JSON.parse(`${'['.repeat(levels)}${']'.repeat(levels)}`)

  for (const [what, json, message] of [
    ['a value that fits', { list: [{ x: 1 }], other: null }, null],
    ['another type', [], 'it must be an object, found []'],
    ['a missing field', {}, 'list is missing'],
    ['the first of two wrong items', { list: [{ x: 1 }, { x: 'a' }, { x: 'b' }] }, 'list[1].x must be a whole number, found "a"'],
    ['a field within an alternative', { list: [], other: { x: null } }, 'other.x must be a whole number, found null'],
    ['no alternative', { list: [], other: 1 }, 'other must be an object or null, found 1'],
    ['an unknown field', { list: [], lost: 1 }, 'it has no field "lost"; did you mean list?'],
    [
      'a field named as the prototype',
      JSON.parse('{"list":[],"__proto__":1}'),
      'it has no field "__proto__"; its fields are list, other, any',
    ],
    ['an inherited name', { list: [{ x: 1, toString: 2 }] }, 'list[0] has no field "toString"; its fields are x'],
  ] as const) {
    it(`reports of ${what}: ${message ?? 'nothing'}`, () => {
      assert.equal(SHAPE.mismatchOf(json), message)
      assert.equal(SHAPE.fits(json), message === null)
    })
  }

  it('names the first of many unknown fields', () => {
    const fields = Object.fromEntries(Array.from({ length: 1_000 }, (_, index) => [`unknown${String(index)}`, 1]))
    assert.match(SHAPE.mismatchOf({ list: [], ...fields }) ?? '', /^it has no field "unknown0"; /)
  })

  it('refuses a value that is nested too deeply, at any depth', () => {
    assert.equal(SHAPE.mismatchOf({ list: [], any: nested(31) }), null)
    for (const levels of [32, 20_000]) {
      assert.equal(SHAPE.fits({ list: [], any: nested(levels) }), false)
      for (const field of ['any', 'list', 'other']) {
        assert.equal(SHAPE.mismatchOf({ list: [], [field]: nested(levels) }), 'it is nested too deeply: 32 levels are the most')
      }
    }
  })

  it('refuses more fields and items than its bound', () => {
    const shape = new JsonShape(Type.Object({ list: Type.Array(Type.Number()) }), 10)
    assert.equal(shape.mismatchOf({ list: Array.from({ length: 9 }, () => 1) }), null)
    assert.equal(shape.mismatchOf({ list: Array.from({ length: 10 }, () => 1) }), 'it has too many fields and items: 10 are the most')
    assert.equal(shape.fits({ list: Array.from({ length: 10 }, () => 1) }), false)
  })
})
