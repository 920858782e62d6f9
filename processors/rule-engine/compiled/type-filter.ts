// Stage 4 of the candidate filter: the rows of all rules for events of one type, and the operands in the order in which they are read. Reading stops as soon as
// no row is left, and an operand that no remaining row tests is skipped.
import type { BoundExpression, BoundOperand } from '../compile/bound-tree.js'
import { OperandNames } from './operand-names.js'
import { familyOf } from '../fields/field-type.js'
import { UNKNOWN, type FieldValue } from '../fields/field-value.js'
import type { ResolvedField } from '../fields/catalogue.js'
import { RULE_TOPICS } from '../fields/rule-event.js'
import type { ScannedRecord } from '../fields/bytes/scanned-record.js'
import type { Symbols } from '../fields/bytes/symbols.js'
import { isEmpty, meets, membersOf, RowPlaces, setBit, subtract, union, wordsFor } from './bit-rows.js'
import { classifierOf, costOf, GROUP_OF_SOURCE, groupOf, planOf, withMemos, type MaskedOperand, type PlacedStep } from './byte-steps.js'
import { textValueOf } from './byte-value.js'
import { TextClassifier } from './classifier.js'
import { DecisionGraph } from './decision-graph.js'
import { fieldTestOf, isAddress, taggedAddress } from './field-test.js'
import { rowsOf, type Requirement, type Row } from './normal-form.js'
import { NumberMasks, type NumberTests } from './number-masks.js'
import { sourceOf, sourceSearches, type SourceTest } from './source-masks.js'
import { checkOf, TextChecks, type RowCheck } from './text-checks.js'
import { TextMasks, type RowTest } from './text-masks.js'
import { resultOf, type Steps } from '../../../infra/waiting/steps.js'

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
const SOURCE_COST = { arguments: 25, path: 16, program: 12 } as const
/** The same of expressions. */
const CHECK_COST = 100

interface PlacedRow {
  readonly rule: number
  readonly row: Row
}

/** An operand with what its values permit. */
interface FilterStep extends MaskedOperand {
  /** Rows that test it, and those that need a value. */
  readonly tested: Uint32Array
  readonly used: Uint16Array
  readonly needing: Uint32Array
  /** Rows for each unit of work. */
  readonly gain: number
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
  readonly #inBytes: (DecisionGraph | undefined)[] = RULE_TOPICS.map(() => undefined)
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
  static *build(eventType: string, rules: readonly FilteredRule[], symbols: readonly Symbols[] = []): Steps<TypeFilter> {
    const names = new OperandNames()
    const unsorted: PlacedRow[] = []
    for (const { position, conditions } of rules) {
      unsorted.push(...rowsOf(conditions, names).map((row): PlacedRow => ({ rule: position, row })))
      yield
    }
    const rows = inGroups(unsorted)
    const steps: FilterStep[] = []
    for (const use of usesOf(rows)) {
      steps.push(yield* stepOf(use, wordsFor(rows.length)))
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

  /** The rows that may hold, as far as the bytes of a record say; null for none. Not to be changed. */
  rowsIn(record: ScannedRecord): Uint32Array | null {
    const graph = this.#inBytes[record.symbols.place] ?? resultOf(this.#prepareBytes(record.symbols))
    // Graphs of other topics have the same masks.
    if (graph.isWornOut) for (const one of this.#inBytes) one?.clear()
    return graph.rowsIn(record)
  }

  /** The rows of the rules that are not excluded. */
  rowsWithout(isExcluded: (rule: number) => boolean): Uint32Array {
    const rows = new Uint32Array(this.#all.length)
    const excluded = new Set([...new Set(this.#rules)].filter(isExcluded))
    this.#rules.forEach((rule, row) => {
      if (!excluded.has(rule)) setBit(rows, row)
    })
    return rows
  }

  /**
   * Positions of the rules that may hold, in load order.
   * @param rows what the bytes leave; null to ask everything
   */
  candidates(reader: OperandReader, rows: Uint32Array | null = null): readonly number[] {
    const alive = this.#alive
    alive.set(rows ?? this.#all)
    for (const step of this.#steps) {
      if (!meets(alive, step.tested, step.used)) continue
      const value = reader.read(step.operand)
      if (value === UNKNOWN) continue
      if (value === undefined) subtract(alive, step.needing)
      else this.#narrow(step, value, alive)
      if (isEmpty(alive)) return []
    }
    return this.#rulesOf(alive)
  }

  *#prepareBytes(symbols: Symbols): Steps<DecisionGraph> {
    const never = new Uint32Array(this.#all.length)
    const steps = this.#steps.flatMap((step): PlacedStep[] => {
      const plan = planOf(step.field, this.#eventType, symbols)
      if (plan?.kind === 'constant' && plan.text === null) union(never, step.needing)
      const classifier = plan === null ? null : classifierOf(step, plan, this.#eventType, symbols)
      if (classifier === null || plan === null) return []
      const { tested, needing } = step
      return [{ tested, needing, classifier, cost: costOf(plan), group: groupOf(plan, symbols.topic) }]
    })
    const all = this.#all.slice()
    subtract(all, never)
    const sources = yield* this.#sourceSteps(symbols)
    const graph = new DecisionGraph(withMemos([...sources, ...steps, ...this.#checkSteps(symbols)], all), all)
    this.#inBytes[symbols.place] = graph
    return graph
  }

  *#sourceSteps(symbols: Symbols): Steps<readonly PlacedStep[]> {
    const tests = this.#rows.flatMap(({ row: { required } }, row) =>
      required.flatMap(({ operand, key, anyOf }): SourceTest[] => {
        const plan = fieldOf(operand)?.definition.bytes[symbols.topic]
        const source = plan === undefined ? null : sourceOf(plan, symbols.topic)
        return source === null ? [] : [{ row, operand: key, source, tests: anyOf.map(fieldTestOf) }]
      }),
    )
    const searches = yield* sourceSearches(tests, this.#all.length, symbols)
    return searches.map(({ source, masks, tested, value }) => ({
      tested,
      needing: tested,
      classifier: new TextClassifier(value, masks),
      cost: SOURCE_COST[source],
      group: GROUP_OF_SOURCE[source],
    }))
  }

  /** What only expressions decide, after everything else. */
  #checkSteps(symbols: Symbols): readonly PlacedStep[] {
    const byOperand = new Map<string, { readonly operand: BoundOperand; readonly checks: RowCheck[] }>()
    this.#rows.forEach(({ row }, index) => {
      for (const requirement of row.required) {
        const { key, operand } = requirement
        const holds = checkOf(requirement)
        if (holds === null) continue
        const of = byOperand.get(key) ?? { operand, checks: [] }
        byOperand.set(key, of)
        of.checks.push({ row: index, holds })
      }
    })
    return [...byOperand.values()].flatMap(({ operand, checks }): PlacedStep[] => {
      const field = fieldOf(operand)
      const plan = planOf(field, this.#eventType, symbols)
      const value =
        field === null || plan === null ? null : textValueOf({ field, plan, eventType: this.#eventType, symbols, isFileName: false })
      if (value === null || plan === null) return []
      const tested = new Uint32Array(this.#all.length)
      for (const { row } of checks) setBit(tested, row)
      const group = groupOf(plan, symbols.topic)
      return [{ tested, needing: tested, classifier: new TextChecks(value, checks, this.#all.length), cost: CHECK_COST, group }]
    })
  }

  #narrow({ masks, operand }: FilterStep, value: Exclude<FieldValue, undefined | typeof UNKNOWN>, alive: Uint32Array): void {
    const members = typeof value === 'object' ? value : [value]
    if (members.length === 0 && masks instanceof NumberMasks) return
    if (masks instanceof TextMasks) masks.decideBy(masks.searchesFor(alive))
    masks.begin()
    for (const member of members) {
      if (masks instanceof NumberMasks) masks.add(member)
      else if (typeof member === 'string') {
        const text = isAddress(operand) ? taggedAddress(member) : member
        masks.add(this.#scratch.bytesOf(text), 0, text.length)
      }
    }
    masks.narrow(alive)
  }

  #rulesOf(alive: Uint32Array): readonly number[] {
    const found = new Set(membersOf(alive).map((row) => this.#rules[row] ?? 0))
    return [...found].sort((a, b) => a - b)
  }
}

/** Rows that require the same operands next to each other, so that the masks of an operand are in few words. */
function inGroups(rows: readonly PlacedRow[]): readonly PlacedRow[] {
  const uses = new Map<string, number>()
  for (const { row } of rows) for (const { key } of row.required) uses.set(key, (uses.get(key) ?? 0) + 1)
  const usesOfKey = (key: string): number => uses.get(key) ?? 0
  const keyed = rows.map((placed): [string, PlacedRow] => {
    const keys = placed.row.required.map(({ key }) => key)
    return [
      keys
        .sort((a, b) => usesOfKey(b) - usesOfKey(a) || (a < b ? -1 : 1))
        .map((key) => `${String(usesOfKey(key)).padStart(6, '0')} ${key}`)
        .join(', '),
      placed,
    ]
  })
  return keyed.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)).map(([, placed]) => placed)
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

function* stepOf({ operand, byRow }: OperandUse, words: number): Steps<FilterStep> {
  const family = familyOf(operand.type)
  const isNumber = family === 'number' || family === 'bool'
  const tested = new Uint32Array(words)
  const needing = new Uint32Array(words)
  for (const [row, { required }] of byRow) {
    setBit(tested, row)
    if (required.length > 0) setBit(needing, row)
  }
  const places = new RowPlaces(tested)
  return {
    operand,
    field: fieldOf(operand),
    tested,
    used: places.used,
    needing,
    masks: isNumber ? yield* NumberMasks.build(places, numberTests(byRow)) : yield* textMasks(operand, byRow, places),
    gain: membersOf(needing).length / decodingCostOf(operand, isNumber),
  }
}

/** The field of an operand that has a plan in bytes: as it is, folded, or the file name of a path. */
export function fieldOf(operand: BoundOperand): ResolvedField | null {
  const inner = operand.kind === 'transformer' && ['casefold', 'basename'].includes(operand.name) ? operand.inputs[0] : operand
  return inner?.kind === 'field' ? inner.field : null
}

/** Rough cost of reading and searching an operand, in numbers read. */
function decodingCostOf(operand: BoundOperand, isNumber: boolean): number {
  const several = operand.plurality === 'one' ? 1 : 2
  return (isNumber ? 1 : 4) * several * (operand.kind === 'transformer' ? 2 : 1)
}

function numberTests(byRow: OperandUse['byRow']): readonly NumberTests[] {
  return [...byRow].map(([row, { required, excluded }]) => {
    const isSeveral = required.some(({ operand }) => operand.plurality !== 'one')
    // Different members may fulfil different requirements, so only one of them can be tested member by member.
    const lists = required.map(({ anyOf }) => anyOf)
    return { row, required: isSeveral ? lists.slice(0, 1) : lists, excluded: isSeveral ? [] : excluded.map(({ check }) => check) }
  })
}

function textMasks(operand: BoundOperand, byRow: OperandUse['byRow'], places: RowPlaces): Steps<TextMasks> {
  const tests: RowTest[] = []
  for (const [row, { required, excluded }] of byRow) {
    for (const { check } of excluded) tests.push({ row, layer: null, tests: [fieldTestOf(check)] })
    const lists = required.map(({ anyOf }) => anyOf.map(fieldTestOf))
    const telling = lists.filter((list) => list.every(({ needles }) => needles !== null)).slice(0, MAX_LAYERS)
    telling.forEach((list, layer) => tests.push({ row, layer, tests: list }))
  }
  return TextMasks.build(places, tests, operand.kind === 'transformer' && operand.name === 'casefold')
}
