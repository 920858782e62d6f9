// Puts the fields of a record into its columns. Events of our own schema are walked once, and the process part of an event, which its collector repeats
// byte for byte in all events of a process, is walked once for each process. All other records are decoded.
import { compileCheck, minimumBytes } from '../../../schemas/decode/body-check.js'
import { BoundedCursor } from '../../../schemas/decode/bounded-cursor.js'
import type { Codec } from '../../../schemas/codec.js'
import type { AvroSchema, RecordSchema } from '../../../schemas/tree/schema-model.js'
import { HEADER_BYTES, readSchemaId } from '../../../schemas/wire-format.js'
import type { ArchiveTopic } from '../columns.js'
import { BooleanColumn, BytesColumn, type FieldColumn, PlacesColumn } from './column-builders.js'
import { PageBytes } from './page-bytes.js'
import { ProcessMemo } from './process-memo.js'

/** Moves the cursor over one value, and puts what is wanted of it into the row. @throws MalformedAvro */
type Step = (cursor: BoundedCursor, bytes: Uint8Array, row: number) => void

/** Fields of an event before its process, of the process up to its pid and from it on, and after it. */
interface EventSteps {
  readonly before: Step
  readonly process: Step
  readonly fromPid: Step
  readonly after: Step
}

/** The part of an event that is the same in all events of a process. */
const PROCESS = 'process'

/** Reads the records of a topic. */
export class EventScanner {
  readonly #codec: Codec
  readonly #topic: ArchiveTopic
  readonly #columns: ReadonlyMap<string, FieldColumn>
  readonly #cursor = new BoundedCursor()
  /** Null for a topic whose records are decoded. */
  readonly #steps: EventSteps | null
  readonly #memo: ProcessMemo
  /** Where the process part of the last record is: [start, end), empty for none. */
  processStart = 0
  processEnd = 0

  /**
   * @param columns by the path of their field
   * @param processes takes the bytes of processes
   */
  constructor(codec: Codec, topic: ArchiveTopic, columns: ReadonlyMap<string, FieldColumn>, processes: BytesColumn) {
    this.#codec = codec
    this.#topic = topic
    this.#columns = columns
    this.#steps = this.#compile(codec.schema(topic))
    const ofProcess = [...columns].flatMap(([path, column]) => {
      return path.startsWith(`${PROCESS}.`) && column instanceof PlacesColumn ? [column] : []
    })
    this.#memo = new ProcessMemo(ofProcess, processes)
  }

  /** @returns false for a record that can't be read: columns may have some of its values */
  scan(row: number, bytes: Uint8Array, start: number, end: number): boolean {
    this.processStart = this.processEnd = start
    try {
      const id = readSchemaId(bytes, start, end, this.#topic)
      if (this.#steps === null || id !== this.#codec.schemaId(this.#topic)) this.#decode(row, bytes, start, end)
      else this.#walk(this.#steps, row, bytes, start + HEADER_BYTES, end)
      return true
    } catch {
      // Whatever is wrong with it, its bytes are archived.
      this.#memo.clearRow(row)
      return false
    }
  }

  /** Puts what waits for all rows of a row group: before its columns are written. */
  finish(rows: number): void {
    this.#memo.finish(rows)
  }

  #walk(steps: EventSteps, row: number, bytes: Uint8Array, start: number, end: number): void {
    const cursor = this.#cursor
    cursor.load(bytes, start, end)
    steps.before(cursor, bytes, row)
    const from = cursor.position
    const known = this.#memo.put(row, bytes, from, end)
    if (known > 0) cursor.fixed(known)
    else {
      steps.process(cursor, bytes, row)
      const pidAt = cursor.position
      steps.fromPid(cursor, bytes, row)
      this.#memo.note(row, bytes, from, cursor.position, pidAt)
    }
    const to = cursor.position
    steps.after(cursor, bytes, row)
    if (cursor.left > 0) cursor.fail('bytes follow the record')
    this.processStart = from
    this.processEnd = to
  }

  #decode(row: number, bytes: Uint8Array, start: number, end: number): void {
    const record: unknown = this.#codec.decode(this.#topic, bytes, start, end)
    for (const [path, column] of this.#columns) {
      const value = valueAt(record, path)
      if (value === null || value === undefined) continue
      if (column instanceof BytesColumn) column.putText(row, Array.isArray(value) ? value.join(' ') : String(value as string))
      else if (column instanceof BooleanColumn) column.put(row, value === true)
      else if (typeof value === 'number') column.put(row, value)
    }
  }

  #compile(schema: RecordSchema): EventSteps | null {
    const at = schema.fields.findIndex(({ name }) => name === PROCESS)
    const process = schema.fields[at]
    if (process?.type.kind !== 'record') return null
    const { fields } = process.type
    const pid = fields.findIndex(({ name }) => name === 'pid')
    return {
      before: this.#fields(schema.fields.slice(0, at), ''),
      process: this.#fields(fields.slice(0, pid), `${PROCESS}.`),
      fromPid: this.#fields(fields.slice(pid), `${PROCESS}.`),
      after: this.#fields(schema.fields.slice(at + 1), ''),
    }
  }

  #fields(fields: RecordSchema['fields'], prefix: string): Step {
    const steps = fields.map(({ name, type }) => this.#value(type, `${prefix}${name}`))
    return (cursor, bytes, row) => {
      for (const step of steps) step(cursor, bytes, row)
    }
  }

  #value(type: AvroSchema, path: string): Step {
    if (type.kind === 'record' && this.#isWantedBelow(path)) return this.#fields(type.fields, `${path}.`)
    const column = this.#columns.get(path)
    if (column === undefined && !this.#isWantedBelow(path)) return compileCheck(type)
    switch (type.kind) {
      case 'union': {
        const [first, second] = type.branches
        if (type.branches.length !== 2 || first?.kind !== 'primitive' || first.name !== 'null' || second === undefined) break
        const step = this.#value(second, path)
        return (cursor, bytes, row) => {
          if (cursor.isSecondBranch()) step(cursor, bytes, row)
        }
      }
      case 'array':
        if (column instanceof BytesColumn) return joined(column, type.items)
        return this.#firstItem(type.items, path)
      case 'enum':
        if (column instanceof BytesColumn) return symbol(column, type.symbols)
        break
      case 'primitive':
        if (column !== undefined) return primitive(column, type.name)
        break
      default:
    }
    throw new TypeError(`the column of ${path} does not fit its field`)
  }

  /** An array of which only the first item is wanted. */
  #firstItem(items: AvroSchema, path: string): Step {
    const first = this.#value(items, `${path}.0`)
    const check = compileCheck(items)
    const itemBytes = minimumBytes(items)
    return (cursor, bytes, row) => {
      cursor.blocks(itemBytes, (_, index) => {
        if (index === 0) first(cursor, bytes, row)
        else check(cursor)
      })
    }
  }

  #isWantedBelow(path: string): boolean {
    for (const wanted of this.#columns.keys()) if (wanted.startsWith(`${path}.`)) return true
    return false
  }
}

/** A text, number or boolean. */
function primitive(column: FieldColumn, name: string): Step {
  if (column instanceof BytesColumn) {
    return (cursor, bytes, row) => {
      const length = lengthOf(cursor)
      column.put(row, bytes, cursor.position - length, cursor.position)
    }
  }
  if (column instanceof BooleanColumn) {
    return (cursor, bytes, row) => {
      cursor.boolean()
      column.put(row, bytes[cursor.position - 1] === 1)
    }
  }
  if (name === 'int') return (cursor, _, row) => void column.put(row, cursor.int())
  return (cursor, _, row) => void column.put(row, cursor.long())
}

/** Moves over a text. */
function lengthOf(cursor: BoundedCursor): number {
  const length = cursor.long()
  if (length < 0) cursor.fail('a length is negative')
  cursor.fixed(length)
  return length
}

/** A symbol as text. */
function symbol(column: BytesColumn, symbols: readonly string[]): Step {
  const texts = symbols.map((name) => Buffer.from(name))
  return (cursor, _, row) => {
    const index = cursor.int()
    const text = texts[index] ?? cursor.fail('there is no such symbol')
    column.put(row, text, 0, text.length)
  }
}

const BLANK = 0x20

/** Texts with blanks in between. */
function joined(column: BytesColumn, items: AvroSchema): Step {
  if (items.kind !== 'primitive' || items.name !== 'string') throw new TypeError(`a list of ${items.kind} is no text`)
  const text = new PageBytes(1024)
  return (cursor, bytes, row) => {
    text.position = 0
    cursor.blocks(1, (_, index) => {
      const length = lengthOf(cursor)
      if (index > 0) text.byte(BLANK)
      text.append(bytes, cursor.position - length, cursor.position)
    })
    column.put(row, text.bytes, 0, text.position)
  }
}

/** The value at a path of names and indexes. */
function valueAt(record: unknown, path: string): unknown {
  let value = record
  for (const name of path.split('.')) {
    if (value === null || typeof value !== 'object') return null
    value = (value as Readonly<Record<string, unknown>>)[name]
  }
  return value
}
