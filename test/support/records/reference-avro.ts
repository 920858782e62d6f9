// A second, plain implementation of Avro's binary encoding, written from the specification. It creates the golden bytes.
// Shares only the schema trees with schemas/, and nothing with avsc.
// @see https://avro.apache.org/docs/1.12.0/specification/#binary-encoding
import type { AvroSchema } from '../../../schemas/tree/schema-model.js'

/** The bytes of a value. */
export function referenceBytes(schema: AvroSchema, value: unknown): number[] {
  switch (schema.kind) {
    case 'primitive':
      return primitiveBytes(schema.name, value)
    case 'fixed':
      return [...(value as Uint8Array)]
    case 'enum':
      // "An enum is encoded by an int, representing the zero-based position of the symbol in the schema."
      return numberBytes(BigInt(schema.symbols.indexOf(value as string)))
    case 'array': {
      // "Arrays are encoded as a series of blocks: a long count, followed by that many items. A block with count zero ends the array."
      const items = value as unknown[]
      const block =
        items.length === 0 ? [] : [...numberBytes(BigInt(items.length)), ...items.flatMap((item) => referenceBytes(schema.items, item))]
      return [...block, 0]
    }
    case 'map': {
      const entries = Object.entries(value as Record<string, unknown>)
      const bytes = entries.flatMap(([key, item]) => [...primitiveBytes('string', key), ...referenceBytes(schema.values, item)])
      return [...(entries.length === 0 ? [] : [...numberBytes(BigInt(entries.length)), ...bytes]), 0]
    }
    case 'union': {
      // "A union is encoded by first writing an int value indicating the zero-based position within the union of the schema of its value."
      const index = schema.branches.findIndex((branch) => isOf(branch, value))
      const branch = schema.branches[index]
      if (branch === undefined) throw new Error(`no branch for ${String(value)}`)
      return [...numberBytes(BigInt(index)), ...referenceBytes(branch, value)]
    }
    case 'record':
      // "A record is encoded by encoding the values of its fields in the order that they are declared."
      return schema.fields.flatMap((field) => referenceBytes(field.type, (value as Record<string, unknown>)[field.name]))
  }
}

function primitiveBytes(name: string, value: unknown): number[] {
  switch (name) {
    case 'null':
      return []
    case 'boolean':
      return [value === true ? 1 : 0]
    case 'int':
    case 'long':
      return numberBytes(BigInt(value as number))
    case 'float':
      return [...new Uint8Array(new Float32Array([value as number]).buffer)]
    case 'double':
      return [...new Uint8Array(new Float64Array([value as number]).buffer)]
    case 'string': {
      const text = [...new TextEncoder().encode(value as string)]
      return [...numberBytes(BigInt(text.length)), ...text]
    }
    default: {
      const bytes = [...(value as Uint8Array)]
      return [...numberBytes(BigInt(bytes.length)), ...bytes]
    }
  }
}

/** "int and long values are written using variable-length zig-zag coding." */
export function numberBytes(value: bigint): number[] {
  let zigzag = value >= 0n ? value * 2n : -value * 2n - 1n
  const bytes: number[] = []
  while (zigzag >= 128n) {
    bytes.push(Number(zigzag % 128n) + 128)
    zigzag /= 128n
  }
  return [...bytes, Number(zigzag)]
}

function isOf(schema: AvroSchema, value: unknown): boolean {
  const name = schema.kind === 'primitive' ? schema.name : schema.kind
  if (name === 'null') return value === null
  if (typeof value === 'number')
    return name === 'double' || ((name === 'int' || name === 'long') && Number.isSafeInteger(value) && !Object.is(value, -0))
  if (typeof value === 'string') return name === 'string' || (schema.kind === 'enum' && schema.symbols.includes(value))
  if (typeof value === 'boolean') return name === 'boolean'
  if (value instanceof Uint8Array) return name === 'bytes' || name === 'fixed'
  return Array.isArray(value) ? name === 'array' : value !== null && (name === 'record' || name === 'map')
}
