// Stage 5 of the candidate filter: finds the values that byte plans need in the Avro bytes of a record, in one pass, with a function that is generated once
// for each writer's schema. The position only grows, and what was found counts only if it ends exactly at the end of the record: so nothing that counts was
// read beyond it. Generated code holds numbers and names of this file only. Whatever is not in its plainest form is refused here, and left to the decoder,
// which reads it or names the fault.
// @see https://avro.apache.org/docs/1.12.0/specification/#binary-encoding
import { compileCheck, minimumBytes, type Check } from '../../../schemas/decode/body-check.js'
import { BoundedCursor, MalformedAvro } from '../../../schemas/decode/bounded-cursor.js'
import type { AvroSchema, FieldSchema, RecordSchema } from '../../../schemas/tree/schema-model.js'
import type { RuleTopic } from '../fields/rule-event.js'
import { intEnd, itemScanner, longEnd, readLong, scanTexts, type ScanItem } from './avro-bytes.js'
import { ANCESTOR_TEXTS, type RecordSlots } from '../fields/bytes/record-slots.js'
import { hasEmptyItems, isDefaultNull, isReadAs, isText, isTexts, optional, typeAt, withoutNull } from './writer-shape.js'
import { symbolsOf } from '../fields/bytes/symbols.js'
import { ANCESTOR_FLAGS, ANCESTOR_STEP, NULL_TEXT, ScannedRecord, UNKNOWN_NUMBER, UNKNOWN_TEXT } from '../fields/bytes/scanned-record.js'

/** Returns the position after the record; -1 if it is not plain. */
type Scan = (record: ScannedRecord, bytes: Uint8Array, p: number, end: number) => number

/** Scans the records of one writer's schema. */
export class RecordScanner {
  /** What the last scan found. */
  readonly record: ScannedRecord
  readonly #scan: Scan

  /** @param reader our own schema of the topic: says what a field that the writer lacks is read as */
  constructor(topic: RuleTopic, writer: RecordSchema, reader: RecordSchema, slots: RecordSlots) {
    this.record = new ScannedRecord(slots, symbolsOf(topic, reader))
    this.#scan = new ScanGenerator(slots, this.record).generate(writer, reader)
  }

  /** Finds the values of the Avro body bytes[start, end). @returns false if it must be read by the decoder */
  scan(bytes: Uint8Array, start: number, end: number): boolean {
    if (end > bytes.length) return false
    if (this.record.bytes !== bytes) {
      this.record.bytes = bytes
      this.record.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    }
    try {
      return this.#scan(this.record, bytes, start, end) === end
    } catch (error) {
      if (error instanceof MalformedAvro) return false
      throw error
    }
  }
}

/** Symbols that decide the type of an event. */
const HEAD = ['type', 'syscall']

/** Never plain. */
const NOTHING_IS_PLAIN: Scan = () => -1

class ScanGenerator {
  readonly #slots: RecordSlots
  readonly #record: ScannedRecord
  readonly #checks: Check[] = []
  readonly #symbols: Int32Array[] = []
  readonly #cursor = new BoundedCursor()

  constructor(slots: RecordSlots, record: ScannedRecord) {
    this.#slots = slots
    this.#record = record
  }

  /** Moves over a value of any type. @throws MalformedAvro */
  readonly #walkOver = (check: number, bytes: Uint8Array, p: number, end: number): number => {
    if (p > end) throw new MalformedAvro('the value begins beyond the end', 0)
    this.#cursor.load(bytes, p, end)
    this.#checks[check]?.(this.#cursor)
    return this.#cursor.position
  }

  generate(writer: RecordSchema, reader: RecordSchema): Scan {
    const hasHead = HEAD.every((name) => writer.fields.some((field) => field.name === name && field.type.kind === 'enum'))
    if (!hasHead || hasEmptyItems(writer) || !isReadAs(writer, reader)) return NOTHING_IS_PLAIN
    this.#fillMissing(writer, reader)
    const body = this.#fields(writer, reader, '')
    const text = `return (record, bytes, p, end) => {
const texts = record.texts, numbers = record.numbers
let n = 0, q = 0, c = 0, at = 0, count = 0, list = null, spans = null
${body}
return p
}`
    const make = new Function('walk', 'symbols', 'readLong', 'intEnd', 'longEnd', 'scanTexts', 'scanAncestors', text)
    return make(this.#walkOver, this.#symbols, readLong, intEnd, longEnd, scanTexts, this.#ancestors(writer)) as Scan
  }

  /** The values of the fields that the writer does not have, or not as we read them. */
  #fillMissing(writer: RecordSchema, reader: RecordSchema): void {
    const { texts, numbers, lists } = this.#record
    for (const [index, path] of this.#slots.lists.entries()) {
      const type = typeAt(writer, path)
      const list = lists[index]
      if (list !== undefined) list.isKnown = type !== undefined && isTexts(withoutNull(type))
    }
    for (const [index, path] of this.#slots.texts.entries())
      texts[2 * index] = isDefaultNull(path, writer, reader) ? NULL_TEXT : UNKNOWN_TEXT
    for (const [index, path] of this.#slots.numbers.entries()) numbers[index] = isDefaultNull(path, writer, reader) ? NaN : UNKNOWN_NUMBER
  }

  #fields(writer: RecordSchema, reader: RecordSchema | null, prefix: string): string {
    return writer.fields
      .map(({ name, type }) => {
        const ours = reader?.fields.find((field) => field.name === name)?.type
        if (type.kind === 'record') return this.#fields(type, ours?.kind === 'record' ? ours : null, `${prefix}${name}.`)
        const inner = optional(type)
        const whenNull = inner?.kind === 'record' ? this.#nullsBelow(`${prefix}${name}.`) : ''
        if (inner?.kind === 'record' && whenNull !== '') {
          const ofOurs = ours === undefined ? undefined : withoutNull(ours)
          return this.#either(whenNull, this.#fields(inner, ofOurs?.kind === 'record' ? ofOurs : null, `${prefix}${name}.`))
        }
        return (ours === undefined ? null : this.#wanted(type, ours, `${prefix}${name}`)) ?? this.#skip(type)
      })
      .join('\n')
  }

  /** Code for a record that is null: so are its fields that have slots. */
  #nullsBelow(prefix: string): string {
    const texts = this.#slots.texts.flatMap((path, index) => {
      return path.startsWith(prefix) ? [`texts[${String(2 * index)}] = ${String(NULL_TEXT)}`] : []
    })
    const numbers = this.#slots.numbers.flatMap((path, index) => (path.startsWith(prefix) ? [`numbers[${String(index)}] = NaN`] : []))
    return [...texts, ...numbers].join('; ')
  }

  /** Code that reads a field that has a slot, and is of a type that slots take; null for any other field. */
  #wanted(type: AvroSchema, ours: AvroSchema, path: string): string | null {
    const text = this.#slots.texts.indexOf(path)
    if (text >= 0 && isText(withoutNull(ours))) {
      const at = 2 * text
      const read = textInto('texts', String(at))
      if (isText(type)) return read
      const inner = optional(type)
      return inner !== null && isText(inner) ? this.#either(`texts[${String(at)}] = ${String(NULL_TEXT)}`, read) : null
    }
    const number = this.#slots.numbers.indexOf(path)
    if (number >= 0) {
      const read = this.#number(withoutNull(type), withoutNull(ours), `numbers[${String(number)}]`)
      if (read === null) return null
      if (type.kind !== 'union') return read
      return optional(type) === null ? null : this.#either(`numbers[${String(number)}] = NaN`, read)
    }
    const list = this.#slots.lists.indexOf(path)
    if (list >= 0 && isTexts(withoutNull(type))) {
      const read = fewItems(`record.lists[${String(list)}]`, 'scanTexts', 2, textInto('spans', '2 * c'))
      return type.kind === 'union' ? this.#either(`record.lists[${String(list)}].count = -1`, read) : read
    }
    if (path === this.#slots.ancestors && type.kind === 'array' && type.items.kind === 'record') {
      return fewItems(
        'record.ancestors',
        'scanAncestors',
        ANCESTOR_STEP,
        `at = c * ${String(ANCESTOR_STEP)}\n${this.#ancestor(type.items)}`,
      )
    }
    if (path !== 'raw') return null
    return `record.hasRaw = ${optional(type) === null ? 'true' : 'bytes[p] !== 0'}; ${this.#skip(type)}`
  }

  #number(type: AvroSchema, ours: AvroSchema, target: string): string | null {
    if (type.kind === 'enum' && ours.kind === 'enum') {
      // A symbol that we do not know may be anything that the decoder makes of it.
      this.#symbols.push(Int32Array.from(type.symbols, (symbol) => ours.symbols.indexOf(symbol)))
      return `${BYTE}if (n > 127) { p = readLong(record, bytes, p - 1, end); if (p < 0) return -1; n = record.long } else n = (n >> 1) ^ -(n & 1)
n = symbols[${String(this.#symbols.length - 1)}][n]; if (n === undefined || n < 0) return -1; ${target} = n`
    }
    if (type.kind !== 'primitive' || ours.kind !== 'primitive') return null
    const isWhole = type.name === 'int' || type.name === 'long'
    if (type.name === 'boolean' && ours.name === 'boolean') return `${BYTE}if (n > 1) return -1; ${target} = n`
    if (!isWhole || (ours.name !== 'int' && ours.name !== 'long')) return null
    const isInt = type.name === 'int' ? '; if ((record.long | 0) !== record.long) return -1' : ''
    return `${BYTE}if (n < 128) ${target} = (n >> 1) ^ -(n & 1)
else if ((q = bytes[p]) < 128) { p++; n = n & 127 | q << 7; ${target} = (n >> 1) ^ -(n & 1) }
else { p = readLong(record, bytes, p - 1, end); if (p < 0) return -1${isInt}; ${target} = record.long }`
  }

  /** Null in the first branch. */
  #either(whenNull: string, read: string): string {
    return `${BYTE}if (n === 2) { ${read} } else if (n === 0) { ${whenNull} } else return -1`
  }

  /** Code that moves over a value. */
  #skip(type: AvroSchema): string {
    switch (type.kind) {
      case 'record':
        return type.fields.map((field) => this.#skip(field.type)).join('\n')
      case 'enum':
        return `${BYTE}if (n > 127) ${this.#walk(type, 'p - 1')} else if ((n & 1) === 1 || n >> 1 >= ${String(type.symbols.length)}) return -1`
      case 'union': {
        const inner = optional(type)
        return inner === null ? this.#walk(type, 'p') : this.#either('', this.#skip(inner))
      }
      case 'primitive':
        switch (type.name) {
          case 'null':
            return ''
          case 'boolean':
            return `${BYTE}if (n > 1) return -1`
          case 'int':
            return `${endWithin(4)} else { p = intEnd(record, bytes, p, end); if (p < 0) return -1 }`
          case 'long':
            return `${endWithin(7)} else { p = longEnd(record, bytes, p, end); if (p < 0) return -1 }`
          case 'string':
          case 'bytes':
            return `${LENGTH}p += n; if (p > end) return -1`
          default:
            return this.#walk(type, 'p')
        }
      case 'array':
      case 'map':
        return `if (bytes[p] === 0) p++; else ${this.#walk(type, 'p')}`
      case 'fixed':
        return this.#walk(type, 'p')
    }
  }

  #walk(type: AvroSchema, from: string): string {
    return `p = walk(${String(this.#checks.push(compileCheck(type)) - 1)}, bytes, ${from}, end);`
  }

  /** Scans an array of ancestors that is not of few items. */
  #ancestors(writer: RecordSchema): unknown {
    const type = typeAt(writer, this.#slots.ancestors)
    if (type?.kind !== 'array' || type.items.kind !== 'record') return null
    const { fields } = type.items
    const known = ANCESTOR_TEXTS.map((name) => {
      const field = fields.find((one) => one.name === name)
      return field !== undefined && (isText(field.type) || isText(optional(field.type) ?? field.type))
    })
    this.#record.ancestors.isKnown = known.every(Boolean)
    const item = new Function(
      'walk',
      'readLong',
      'intEnd',
      'longEnd',
      `return (record, spans, at, bytes, p, end) => {
let n = 0
${this.#ancestor(type.items)}
return p
}`,
    )(this.#walkOver, readLong, intEnd, longEnd) as ScanItem
    return itemScanner(item, minimumBytes(type.items))
  }

  #ancestor({ fields }: RecordSchema): string {
    return [`spans[at + ${String(ANCESTOR_FLAGS)}] = -1`, ...fields.map((field) => this.#ancestorField(field))].join('\n')
  }

  #ancestorField({ name, type }: FieldSchema): string {
    if (name === 'exeFlags' && type.kind === 'primitive' && type.name === 'int')
      return `spans[at + ${String(ANCESTOR_FLAGS)}] = p; ${this.#skip(type)}`
    const slot = ANCESTOR_TEXTS.indexOf(name as (typeof ANCESTOR_TEXTS)[number])
    if (slot < 0) return this.#skip(type)
    const at = `at + ${String(2 * slot)}`
    const read = textInto('spans', at)
    if (isText(type)) return read
    const inner = optional(type)
    return inner !== null && isText(inner) ? this.#either(`spans[${at}] = ${String(NULL_TEXT)}`, read) : this.#skip(type)
  }
}

/** Beyond the end it may be of another record: the scan then passes the end, and nothing counts. */
const BYTE = 'n = bytes[p++]; '
/** Reads a length: of one byte, or of two, which nearly all are. */
const LENGTH = `${BYTE}if ((n & 1) === 1) return -1
if (n < 128) n >>= 1; else { if (bytes[p] < 128) n = ((n & 127) >> 1) | (bytes[p++] << 6); else { p = readLong(record, bytes, p - 1, end); if (p < 0 || record.long > end - p) return -1; n = record.long } }
`

/** Moves over a number of at most so many bytes. */
function endWithin(most: number): string {
  return Array.from({ length: most }, (_, more) => `if (bytes[p + ${String(more)}] < 128) p += ${String(more + 1)};`).join(' else ')
}

/** Reads a text: its start and end. */
function textInto(spans: string, at: string): string {
  return `${LENGTH}${spans}[${at}] = p; p += n; ${spans}[${at} + 1] = p; if (p > end) return -1`
}

/** Reads an array: one block of few items, as nearly all are, or with a function that reads any. */
function fewItems(list: string, scanAny: string, step: number, item: string): string {
  return `list = ${list}
n = bytes[p]
if (n < 128 && (n & 1) === 0) {
q = p++
count = n >> 1
spans = list.spansFor(count * ${String(step)})
for (c = 0; c < count; c++) {
${item}
}
if (count !== 0 && bytes[p++] !== 0) { p = ${scanAny}(list, bytes, q, end); if (p < 0) return -1 } else list.count = count
} else { p = ${scanAny}(list, bytes, p, end); if (p < 0) return -1 }`
}
