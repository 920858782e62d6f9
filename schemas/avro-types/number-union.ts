// A union with more than one number type (["null", "string", "long", "double"]) as plain values. By itself avsc wraps the values of such
// a union ({ long: 1 }), since a number alone does not say its branch. Here an integer is a long, and every other number a double.
import avsc, { type Schema, type Type } from 'avsc'

const NUMBERS = ['int', 'long', 'float', 'double']
/** Beyond -2^52 avsc would write another number. */
const LOWEST_LONG = -0x10000000000000

/** Whether a union needs this type. */
export function isNumberUnion(branches: readonly unknown[]): boolean {
  return branches.filter((branch) => NUMBERS.includes(branch as string)).length > 1
}

/** Reads and writes a union of primitives as plain values. */
export class NumberUnion extends avsc.types.LogicalType {
  readonly #branches: readonly string[]

  constructor(schema: Schema, options?: unknown) {
    super(schema, options)
    this.#branches = (schema as readonly string[]).slice()
  }

  protected override _fromValue(value: unknown): unknown {
    if (typeof value !== 'object' || value === null) return value
    return Object.values(value)[0]
  }

  protected override _toValue(value: unknown): unknown {
    if (value === null) return null
    const branch = branchOf(value)
    return branch !== undefined && this.#branches.includes(branch) ? { [branch]: value } : undefined
  }

  protected override _resolve(writer: Type): ((value: unknown) => unknown) | undefined {
    if (writer instanceof NumberUnion) return writer.#branches.every((branch) => this.#reads(branch)) ? (value) => value : undefined
    return this.#reads(writer.typeName) ? (value) => value : undefined
  }

  #reads(branch: string): boolean {
    return this.#branches.includes(branch) || (branch === 'int' && this.#branches.includes('long'))
  }
}

function branchOf(value: unknown): string | undefined {
  if (typeof value !== 'number') return typeof value === 'string' || typeof value === 'boolean' ? typeof value : undefined
  return Number.isSafeInteger(value) && value >= LOWEST_LONG && !Object.is(value, -0) ? 'long' : 'double'
}
