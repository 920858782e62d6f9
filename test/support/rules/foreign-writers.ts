// Writers of event records with other schemas than ours: fields and symbols in another order, with fields that we do not have, without some that we have, and with
// arrays in several blocks that state their size. Each is known to its codec under an id of its own.
import { TOPIC_KEYS } from '../../../infra/topic-log/topics.js'
import { RecordScanners } from '../../../processors/rule-engine/compiled/record-scanners.js'
import { RULE_TOPICS, type RuleRecord, type RuleTopic } from '../../../processors/rule-engine/fields/rule-event.js'
import { Codec } from '../../../schemas/codec.js'
import { currentSchemas } from '../../../schemas/schema-set.js'
import { schemaJson } from '../../../schemas/tree/schema-json.js'
import type { AvroSchema, FieldSchema, RecordSchema } from '../../../schemas/tree/schema-model.js'

/** Writes events, with a codec and scanners that read them. */
export interface Writer {
  readonly name: string
  readonly codec: Codec
  readonly scanners: RecordScanners
  encode(event: RuleRecord): Uint8Array
}

/** The writers; the first writes with our own schemas. */
export async function foreignWriters(): Promise<readonly Writer[]> {
  return Promise.all([
    writer('ours', identity, false),
    writer('ours, in sized blocks', identity, true),
    writer('reversed', reversed, false),
    writer('newer', newer, true),
    writer('older', older, false),
  ])
}

const FIRST_ID = 70_000

async function writer(name: string, change: (schema: RecordSchema) => RecordSchema, isSized: boolean): Promise<Writer> {
  const current = currentSchemas()
  const schemas = new Map<RuleTopic, RecordSchema>()
  for (const topic of RULE_TOPICS) {
    const ours = current.get(topic)?.schema
    if (ours === undefined) throw new Error(`no schema of ${topic}`)
    schemas.set(topic, change(ours))
  }
  const idOf = (topic: RuleTopic): number => FIRST_ID + TOPIC_KEYS.indexOf(topic)
  const codec = new Codec({
    source: {
      fetchSchema: async (id) => {
        const [, schema] = [...schemas].find(([topic]) => idOf(topic) === id) ?? []
        return Promise.resolve(schema === undefined ? null : schemaJson(schema))
      },
    },
  })
  for (const topic of RULE_TOPICS) await codec.learn(idOf(topic))
  return {
    name,
    codec,
    scanners: new RecordScanners(codec),
    encode: ({ topic, record }) => {
      const bytes: number[] = [0]
      const id = change === identity ? codec.schemaId(topic) : idOf(topic)
      for (const shift of [24, 16, 8, 0]) bytes.push((id >> shift) & 0xff)
      encode(schemas.get(topic) ?? NO_SCHEMA, record, bytes, isSized)
      return Uint8Array.from(bytes)
    },
  }
}

const identity = (schema: RecordSchema): RecordSchema => schema
const NO_SCHEMA: AvroSchema = { kind: 'primitive', name: 'null', logicalType: null }

/** Changes the fields of every record within a schema, once per name. */
function withFields(schema: RecordSchema, change: (fields: readonly FieldSchema[], name: string) => readonly FieldSchema[]): RecordSchema {
  const changed = new Map<string, AvroSchema>()
  const visit = (type: AvroSchema): AvroSchema => {
    switch (type.kind) {
      case 'record': {
        const known = changed.get(type.name)
        if (known !== undefined) return known
        const fields = change(
          type.fields.map((field) => ({ ...field, type: visit(field.type) })),
          type.name,
        )
        const record = { ...type, fields }
        changed.set(type.name, record)
        return record
      }
      case 'array':
        return { ...type, items: visit(type.items) }
      case 'map':
        return { ...type, values: visit(type.values) }
      case 'union':
        return { ...type, branches: type.branches.map(visit) }
      default:
        return type
    }
  }
  return visit(schema) as RecordSchema
}

function reversed(schema: RecordSchema): RecordSchema {
  return withFields(schema, (fields) =>
    fields
      .toReversed()
      .map((field) =>
        field.type.kind === 'enum' ? { ...field, type: { ...field.type, symbols: field.type.symbols.toReversed() } } : field,
      ),
  )
}

/** Names of the fields that we do not have begin with it; their values are in their descriptions. */
const LATER = 'later'

const primitive = (name: 'string' | 'double' | 'long'): AvroSchema => ({ kind: 'primitive', name, logicalType: null })

function newer(schema: RecordSchema): RecordSchema {
  return withFields(schema, (fields, name) => {
    const extra = (suffix: string, type: AvroSchema, value: unknown): FieldSchema => ({
      name: `${LATER}${suffix}`,
      type,
      doc: JSON.stringify(value),
      aliases: [],
      default: undefined,
    })
    const record: RecordSchema = {
      kind: 'record',
      name: `${name}Later`,
      doc: '',
      aliases: [],
      fields: [extra('Number', primitive('long'), 7_000_000_000)],
    }
    const several: AvroSchema = { kind: 'union', branches: [primitive('string'), primitive('double'), record] }
    return [
      extra('Texts', { kind: 'map', values: primitive('string') }, { a: 'b' }),
      ...fields,
      extra('Either', several, 'text'),
      extra('Records', { kind: 'array', items: record }, [{}, {}]),
    ]
  })
}

/** Without what has a default, but for what decides the type of an event. */
function older(schema: RecordSchema): RecordSchema {
  return withFields(schema, (fields) => fields.filter((field, index) => field.default === undefined || index % 3 !== 2))
}

function encode(type: AvroSchema, value: unknown, bytes: number[], isSized: boolean): void {
  switch (type.kind) {
    case 'record':
      for (const field of type.fields) {
        const given = field.name.startsWith(LATER) ? (JSON.parse(field.doc) as unknown) : (value as Record<string, unknown>)[field.name]
        encode(field.type, given ?? field.default, bytes, isSized)
      }
      return
    case 'enum': {
      const at = type.symbols.indexOf(String(value))
      return long(at < 0 ? type.symbols.indexOf(type.default ?? '') : at, bytes)
    }
    case 'array':
      return blocks(value as readonly unknown[], (item, into) => encode(type.items, item, into, isSized), bytes, isSized)
    case 'map':
      return blocks(
        Object.entries(value as object),
        ([key, one], into) => {
          text(Buffer.from(key), into)
          encode(type.values, one, into, isSized)
        },
        bytes,
        isSized,
      )
    case 'union': {
      const branch =
        value === null || value === undefined ? 0 : type.branches.findIndex((one) => one.kind !== 'primitive' || one.name !== 'null')
      long(branch, bytes)
      return encode(type.branches[branch] ?? NO_SCHEMA, value, bytes, isSized)
    }
    case 'fixed':
      return void bytes.push(...(value as Uint8Array))
    case 'primitive':
      switch (type.name) {
        case 'null':
          return
        case 'boolean':
          return void bytes.push(value === true ? 1 : 0)
        case 'int':
        case 'long':
          return long(Number(value), bytes)
        case 'string':
          return text(Buffer.from(String(value)), bytes)
        case 'bytes':
          return text(value as Uint8Array, bytes)
        default:
          throw new TypeError(`values of type ${type.name} are not written`)
      }
  }
}

/** One block, or with sizes two: the first item alone, then the others. */
function blocks<Item>(items: readonly Item[], encodeItem: (item: Item, into: number[]) => void, bytes: number[], isSized: boolean): void {
  for (const some of isSized ? [items.slice(0, 1), items.slice(1)] : [items]) {
    if (some.length === 0) continue
    const block: number[] = []
    for (const item of some) encodeItem(item, block)
    long(isSized ? -some.length : some.length, bytes)
    if (isSized) long(block.length, bytes)
    for (const byte of block) bytes.push(byte)
  }
  bytes.push(0)
}

function text(value: Uint8Array, bytes: number[]): void {
  long(value.length, bytes)
  for (const byte of value) bytes.push(byte)
}

function long(value: number, bytes: number[]): void {
  let left = BigInt(value) >= 0n ? BigInt(value) * 2n : BigInt(value) * -2n - 1n
  for (; left > 127n; left >>= 7n) bytes.push(Number(left & 127n) | 128)
  bytes.push(Number(left))
}
