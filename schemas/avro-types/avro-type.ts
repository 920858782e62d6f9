// Makes avsc's types from schema trees, so that values are what generated/types.ts says: bytes as Uint8Array, plain objects as records, maps with every key,
// and plain numbers in unions of several number types. Beside compatibility.ts this is the only file that calls avsc's parser.
import avsc, { type Schema, type Type } from 'avsc'
import type { AvroSchema } from '../tree/schema-model.js'
import { schemaJson } from '../tree/schema-json.js'
import { ByteArray } from './byte-array.js'
import { EntryMap } from './entry-map.js'
import { isNumberUnion, NumberUnion } from './number-union.js'

/** avsc's type of a schema. */
export function avroType(schema: AvroSchema): Type {
  const registry: Record<string, Type> = {}
  // A logical type makes its underlying type from the same schema, which must pass this time.
  let isInside = false
  const inside = (make: () => Type): Type => {
    isInside = true
    try {
      return make()
    } finally {
      isInside = false
    }
  }
  const type = avsc.Type.forSchema(schemaJson(schema) as Schema, {
    registry,
    omitRecordMethods: true,
    typeHook: (json, options) => {
      if (isInside) return undefined
      if (json === 'bytes') return inside(() => new ByteArray({ type: 'bytes' }, options))
      if (isMap(json)) return new EntryMap(json.values, options)
      if (Array.isArray(json) && isNumberUnion(json)) return inside(() => new NumberUnion(json, options))
      return undefined
    },
  })
  for (const named of Object.values(registry)) makePlain(named)
  return type
}

function isMap(json: Schema): json is Schema & { readonly values: Schema } {
  return typeof json === 'object' && 'type' in json && json.type === 'map'
}

/** Lets the objects that avsc makes of a record have the prototype of any other object, so that they compare and print as plain ones. */
function makePlain(type: Type): void {
  if (type instanceof avsc.types.RecordType) {
    const maker = type.recordConstructor as { prototype: object }
    maker.prototype = Object.prototype
  }
}
