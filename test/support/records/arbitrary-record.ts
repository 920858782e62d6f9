// Any value of a schema, for property tests: hostile texts, ends of ranges, empty and long collections.
import fc from 'fast-check'
import type { AvroSchema, PrimitiveName } from '../../../schemas/tree/schema-model.js'

const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 80 }),
  fc.constantFrom('', '__proto__', 'constructor', '\u0000', '\u001b[2J', '\ud83d\ude00', 'x'.repeat(300), '"\\\n'),
)
const bytes = fc.uint8Array({ maxLength: 80 })
/** The longs that can be read exactly: see bounded-cursor.ts. */
const long = fc
  .oneof(fc.maxSafeInteger(), fc.constantFrom(0, -1, 63, 64, -64, -65, 8191, 8192, 2 ** 31, 2 ** 52, Number.MAX_SAFE_INTEGER - 1))
  .map((value) => Math.max(-(2 ** 52), Math.min(value, Number.MAX_SAFE_INTEGER - 1)))

const OF_PRIMITIVE: Readonly<Record<PrimitiveName, fc.Arbitrary<unknown>>> = {
  null: fc.constant(null),
  boolean: fc.boolean(),
  int: fc.oneof(fc.integer(), fc.constantFrom(0, -1, 2 ** 31 - 1, -(2 ** 31))),
  long,
  float: fc.float({ noNaN: true }),
  // Integers are longs: the double of a union of both has a fraction, or is not finite.
  double: fc.double().filter((value) => !Number.isSafeInteger(value) || Object.is(value, -0)),
  bytes,
  string: text,
}

/** Values of `schema`. */
export function arbitraryValue(schema: AvroSchema): fc.Arbitrary<unknown> {
  switch (schema.kind) {
    case 'primitive':
      return OF_PRIMITIVE[schema.name]
    case 'fixed':
      return fc.uint8Array({ minLength: schema.size, maxLength: schema.size })
    case 'enum':
      return fc.constantFrom(...schema.symbols)
    case 'array':
      return fc.array(arbitraryValue(schema.items), { maxLength: 6 })
    case 'map':
      return fc.array(fc.tuple(text, arbitraryValue(schema.values)), { maxLength: 5 }).map(Object.fromEntries)
    case 'union':
      return fc.oneof(...schema.branches.map(arbitraryValue))
    case 'record':
      return fc.record(Object.fromEntries(schema.fields.map((field) => [field.name, arbitraryValue(field.type)])), {
        noNullPrototype: true,
      })
  }
}
