// Stage 4 of the candidate filter: the rows of all rules for events of one type, and the operands in the order in which they are read. Reading stops as soon as
// no row is left, and an operand that no remaining row tests is skipped.
import type { BoundExpression, BoundOperand } from '../compile/bound-tree.js'
import { OperandNames } from './operand-names.js'
import { familyOf } from '../fields/field-type.js'
import { UNKNOWN, type FieldValue } from '../fields/field-value.js'
import type { ResolvedField } from '../fields/catalogue.js'
import type { RuleTopic } from '../fields/rule-event.js'
import { ABSENT, PRESENT, type Seen } from './byte-text.js'
import { numberValueOf, textValueOf } from './byte-value.js'
import type { ScannedRecord } from '../fields/bytes/scanned-record.js'
import type { Symbols } from '../fields/bytes/symbols.js'
import { isEmpty, meets, membersOf, setBit, subtract, union, usedWords, wordsFor } from './bit-rows.js'
import { fieldTestOf } from './field-test.js'
import { rowsOf, type Requirement, type Row } from './normal-form.js'
import { NumberMasks, type NumberTests } from './number-masks.js'
import { sourceOf, sourceSearches, type SourceTest } from './source-masks.js'
import { TextMasks, type RowTest } from './text-masks.js'

/** What a rule requires of events of the type: conditions that must all hold. */
export interface FilteredRule {
  /** In the load order. */
  readonly position: number
  readonly conditions: readonly BoundExpression[]
}

/** Reads operands of the current event. */
export interface OperandReader {
  read(operand: BoundOperand): FieldValue
}

/** Most requirements of one row on one operand that are tested; more are left to the evaluator. */
const MAX_LAYERS = 3

/** Rough cost of the search of a source, as costOf. */
const SOURCE_COST = 6

interface PlacedRow {
  readonly rule: number
  readonly row: Row
}

/** An operand with what its values permit. */
interface FilterStep {
  /** The field that it reads, as it is, folded, or the file name of a path; null for other transformers. */
  readonly field: ResolvedField | null
  readonly operand: BoundOperand
  /** Rows that test it, and those that need a value. */
  readonly tested: Uint32Array
  readonly used: Uint16Array
  readonly needing: Uint32Array
  readonly masks: TextMasks | NumberMasks
  /** Rows for each unit of work. */
  readonly gain: number
}

/** Runs steps without a break. */
export function resultOf<Result>(steps: Generator<undefined, Result>): Result {
  for (;;) {
    const step = steps.next()
    if (step.done === true) return step.value
  }
}

/** Finds the rules that may hold for an event of one type. */
export class TypeFilter {
  readonly #eventType: string
  readonly #rows: readonly PlacedRow[]
  readonly #rules: readonly number[]
  readonly #all: Uint32Array
  readonly #alive: Uint32Array
  readonly #steps: readonly FilterStep[]
  /** A record may name any system call, so that events of one type can be of several topics. */
  readonly #inBytes: Partial<Record<RuleTopic, ByteSteps>> = {}
  readonly #scratch = new Scratch()

  private constructor(eventType: string, rows: readonly PlacedRow[], steps: readonly FilterStep[]) {
    this.#eventType = eventType
    this.#rows = rows
    this.#rules = rows.map(({ rule }) => rule)
    this.#all = new Uint32Array(wordsFor(rows.length))
    rows.forEach((_, row) => setBit(this.#all, row))
    this.#alive = new Uint32Array(this.#all.length)
    this.#steps = steps
  }

  /**
   * Builds the filter in short steps, with a yield after each.
   * @param eventType that of all events
   * @param symbols of topics whose records will be looked at
   */
  static *build(eventType: string, rules: readonly FilteredRule[], symbols: readonly Symbols[] = []): Generator<undefined, TypeFilter> {
    const names = new OperandNames()
    const rows: PlacedRow[] = []
    for (const { position, conditions } of rules) {
      rows.push(...rowsOf(conditions, names).map((row): PlacedRow => ({ rule: position, row })))
      yield
    }
    const steps: FilterStep[] = []
    for (const use of usesOf(rows)) {
      steps.push(stepOf(use, wordsFor(rows.length), rows.length))
      yield
    }
    const filter = new TypeFilter(
      eventType,
      rows,
      steps.sort((a, b) => b.gain - a.gain),
    )
    for (const ofTopic of symbols) yield* filter.#prepareBytes(ofTopic)
    return filter
  }

  /** The rows that may hold, as far as the bytes of a record say; null for none. */
  rowsIn(record: ScannedRecord): Uint32Array | null {
    const alive = this.#alive
    const { all, steps } = this.#inBytes[record.symbols.topic] ?? resultOf(this.#prepareBytes(record.symbols))
    alive.set(all)
    for (const { tested, used, needing, look } of steps) {
      if (!meets(alive, tested, used)) continue
      if (look(record, alive) === ABSENT) subtract(alive, needing)
      if (isEmpty(alive)) return null
    }
    return alive.slice()
  }

  /**
   * Positions of the rules that may hold, in load order.
   * @param rows what the bytes leave; null to ask everything
   */
  candidates(reader: OperandReader, rows: Uint32Array | null = null): readonly number[] {
    const alive = this.#alive
    alive.set(rows ?? this.#all)
    for (const { operand, tested, used, needing, masks } of this.#steps) {
      if (!meets(alive, tested, used)) continue
      const value = reader.read(operand)
      if (value === UNKNOWN) continue
      if (value === undefined ? !subtract(alive, needing) : !this.#narrow(masks, value, alive)) return []
    }
    return this.#rulesOf(alive)
  }

  *#prepareBytes(symbols: Symbols): Generator<undefined, ByteSteps> {
    const never = new Uint32Array(this.#all.length)
    const steps = this.#steps.flatMap((step): (ByteStep & { readonly gain: number })[] => {
      const plan = step.field?.definition.bytes[symbols.topic]
      if (plan?.kind === 'constant' && plan.text === null) union(never, step.needing)
      const look = lookOf(step, this.#eventType, symbols)
      return look === null ? [] : [{ tested: step.tested, used: step.used, needing: step.needing, look, gain: step.gain }]
    })
    const all = this.#all.slice()
    subtract(all, never)
    const sources: (ByteStep & { readonly gain: number })[] = []
    for (const step of this.#sourceSteps(symbols)) {
      sources.push(step)
      yield
    }
    const prepared = { all, steps: [...sources, ...steps].sort((a, b) => b.gain - a.gain) }
    this.#inBytes[symbols.topic] = prepared
    return prepared
  }

  *#sourceSteps(symbols: Symbols): Generator<ByteStep & { readonly gain: number }> {
    const tests = this.#rows.flatMap(({ row: { required } }, row) =>
      required.flatMap(({ operand, anyOf }): SourceTest[] => {
        const plan = fieldOf(operand)?.definition.bytes[symbols.topic]
        const source = plan === undefined ? null : sourceOf(plan, symbols.topic)
        return source === null ? [] : [{ row, source, tests: anyOf.map(fieldTestOf) }]
      }),
    )
    for (const { masks, tested, value } of sourceSearches(tests, this.#all.length, this.#rows.length, symbols)) {
      yield {
        tested,
        used: usedWords(tested),
        needing: tested,
        look: (record, alive) => narrowed(value(record, masks), masks, alive),
        gain: membersOf(tested).length / SOURCE_COST,
      }
    }
  }

  #narrow(masks: TextMasks | NumberMasks, value: Exclude<FieldValue, undefined | typeof UNKNOWN>, alive: Uint32Array): boolean {
    const members = typeof value === 'object' ? value : [value]
    if (members.length === 0 && masks instanceof NumberMasks) return true
    masks.begin()
    for (const member of members) {
      if (masks instanceof NumberMasks) masks.add(member)
      else if (typeof member === 'string') masks.add(this.#scratch.bytesOf(member), 0, member.length)
    }
    return masks.narrow(alive)
  }

  #rulesOf(alive: Uint32Array): readonly number[] {
    const found: number[] = []
    for (const row of membersOf(alive)) {
      const rule = this.#rules[row] ?? 0
      if (found.at(-1) !== rule) found.push(rule)
    }
    return found
  }
}

/** The steps on the bytes of the records of one topic. */
interface ByteSteps {
  /** Rows that some record of the topic may fulfil. */
  readonly all: Uint32Array
  readonly steps: readonly ByteStep[]
}

/** A step on the bytes of a record. */
interface ByteStep {
  readonly tested: Uint32Array
  readonly used: Uint16Array
  readonly needing: Uint32Array
  /** Removes the rows that the value does not permit. */
  readonly look: (record: ScannedRecord, alive: Uint32Array) => Seen
}

function lookOf({ operand, field, masks }: FilterStep, eventType: string, symbols: Symbols): ByteStep['look'] | null {
  const plan = field?.definition.bytes[symbols.topic]
  if (field === null || plan === undefined) return null
  const isFileName = operand.kind === 'transformer' && operand.name === 'basename'
  const planned = { field, plan, eventType, symbols, isFileName }
  if (masks instanceof TextMasks) {
    const value = textValueOf(planned)
    return value === null ? null : (record, alive) => narrowed(value(record, masks), masks, alive)
  }
  const value = numberValueOf(planned)
  return value === null ? null : (record, alive) => narrowed(value(record, masks), masks, alive)
}

function narrowed(seen: Seen, masks: TextMasks | NumberMasks, alive: Uint32Array): Seen {
  if (seen === PRESENT) masks.narrow(alive)
  return seen
}

/** Byte text as bytes, one text at a time. */
class Scratch {
  #bytes = Buffer.alloc(4096)

  bytesOf(text: string): Uint8Array {
    if (text.length > this.#bytes.length) this.#bytes = Buffer.alloc(text.length * 2)
    this.#bytes.write(text, 0, 'latin1')
    return this.#bytes
  }
}

/** What the rows test of one operand. */
interface OperandUse {
  readonly operand: BoundOperand
  readonly byRow: Map<number, { readonly required: Requirement[]; readonly excluded: Row['excluded'][number][] }>
}

function usesOf(rows: readonly PlacedRow[]): readonly OperandUse[] {
  const uses = new Map<string, OperandUse>()
  rows.forEach(({ row }, index) => {
    const useOf = (key: string, operand: BoundOperand): ReturnType<OperandUse['byRow']['get']> & object => {
      const use = uses.get(key) ?? { operand, byRow: new Map() }
      uses.set(key, use)
      const ofRow = use.byRow.get(index) ?? { required: [], excluded: [] }
      use.byRow.set(index, ofRow)
      return ofRow
    }
    for (const requirement of row.required) useOf(requirement.key, requirement.operand).required.push(requirement)
    for (const exclusion of row.excluded) useOf(exclusion.key, exclusion.check.left).excluded.push(exclusion)
  })
  return [...uses.values()]
}

function stepOf({ operand, byRow }: OperandUse, words: number, rowCount: number): FilterStep {
  const family = familyOf(operand.type)
  const isNumber = family === 'number' || family === 'bool'
  const tested = new Uint32Array(words)
  const needing = new Uint32Array(words)
  for (const [row, { required }] of byRow) {
    setBit(tested, row)
    if (required.length > 0) setBit(needing, row)
  }
  const masks = isNumber ? numberMasks(byRow, words, rowCount, tested) : textMasks(operand, byRow, words, rowCount)
  return {
    operand,
    field: fieldOf(operand),
    tested,
    used: usedWords(tested),
    needing,
    masks,
    gain: membersOf(needing).length / costOf(operand, isNumber),
  }
}

/** The field of an operand that has a plan in bytes: as it is, folded, or the file name of a path. */
export function fieldOf(operand: BoundOperand): ResolvedField | null {
  const inner = operand.kind === 'transformer' && ['casefold', 'basename'].includes(operand.name) ? operand.inputs[0] : operand
  return inner?.kind === 'field' ? inner.field : null
}

/** Rough cost of reading and searching an operand, in numbers read. */
function costOf(operand: BoundOperand, isNumber: boolean): number {
  const several = operand.plurality === 'one' ? 1 : 2
  return (isNumber ? 1 : 4) * several * (operand.kind === 'transformer' ? 2 : 1)
}

function numberMasks(byRow: OperandUse['byRow'], words: number, rowCount: number, tested: Uint32Array): NumberMasks {
  const free = new Uint32Array(words)
  for (let row = 0; row < rowCount; row++) setBit(free, row)
  subtract(free, tested)
  const tests = [...byRow].map(([row, { required, excluded }]): NumberTests => {
    const isSeveral = required.some(({ operand }) => operand.plurality !== 'one')
    // Different members may fulfil different requirements, so only one of them can be tested member by member.
    const lists = required.map(({ anyOf }) => anyOf)
    return { row, required: isSeveral ? lists.slice(0, 1) : lists, excluded: isSeveral ? [] : excluded.map(({ check }) => check) }
  })
  return new NumberMasks(words, free, tests)
}

function textMasks(operand: BoundOperand, byRow: OperandUse['byRow'], words: number, rowCount: number): TextMasks {
  const tests: RowTest[] = []
  let layers = 1
  for (const [row, { required, excluded }] of byRow) {
    for (const { check } of excluded) tests.push({ row, layer: null, tests: [fieldTestOf(check)] })
    const lists = required.map(({ anyOf }) => anyOf.map(fieldTestOf))
    const telling = lists.filter((list) => list.every(({ needles }) => needles !== null)).slice(0, MAX_LAYERS)
    telling.forEach((list, layer) => tests.push({ row, layer, tests: list }))
    if (telling.length > layers) layers = telling.length
  }
  const free = Array.from({ length: layers }, (_, layer) => {
    const rows = new Uint32Array(words)
    const restricted = new Set(tests.filter((test) => test.layer === layer).map(({ row }) => row))
    for (let row = 0; row < rowCount; row++) if (!restricted.has(row)) setBit(rows, row)
    return rows
  })
  return new TextMasks(words, free, tests, operand.kind === 'transformer' && operand.name === 'casefold')
}
