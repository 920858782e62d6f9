// A map as a plain object that has every key as a property of its own. avsc assigns the entries, by which the key `__proto__` (a label of a
// container may be called so) is lost without a word. An array of (key, value) records has the same bytes as a map: so it is read as one.
// @see https://avro.apache.org/docs/1.12.0/specification/#maps
import avsc, { type Resolver, type Schema, type Type } from 'avsc'

interface Entry {
  readonly key: string
  readonly value: unknown
}

/** Reads and writes a map of `values`. */
export class EntryMap extends avsc.types.LogicalType {
  readonly #values: Type

  constructor(values: Schema, options?: unknown) {
    const entry = {
      type: 'record',
      fields: [
        { name: 'key', type: 'string' },
        { name: 'value', type: values },
      ],
    }
    super({ type: 'array', items: entry } as unknown as Schema, options)
    this.#values = valuesOf(this.underlyingType)
  }

  protected override _fromValue(entries: readonly Entry[]): Readonly<Record<string, unknown>> {
    const map: Record<string, unknown> = {}
    for (const { key, value } of entries) {
      if (key === '__proto__') Object.defineProperty(map, key, { value, enumerable: true, configurable: true, writable: true })
      else map[key] = value
    }
    return map
  }

  /** Undefined, which avsc takes for "does not fit", for anything else. */
  protected override _toValue(map: unknown): Entry[] | undefined {
    if (typeof map !== 'object' || map === null || Array.isArray(map)) return undefined
    return Object.entries(map).map(([key, value]: [string, unknown]) => ({ key, value }))
  }

  protected override _resolve(writer: Type): ((value: unknown) => unknown) | undefined {
    if (!(writer instanceof EntryMap)) return undefined
    const written = writer.#values
    if (written.equals(this.#values)) return (map) => map
    const resolver = this.#values.createResolver(written)
    return (map) => this._fromValue((this._toValue(map) ?? []).map((entry) => this.#converted(entry, written, resolver)))
  }

  #converted({ key, value }: Entry, written: Type, resolver: Resolver): Entry {
    return { key, value: this.#values.fromBuffer(written.toBuffer(value), resolver) as unknown }
  }
}

function valuesOf(array: Type): Type {
  const entry = (array as avsc.types.ArrayType).itemsType as avsc.types.RecordType
  return entry.field('value').type
}
