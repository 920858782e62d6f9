// The evaluator of long-running parts: a candidate filter per event type, and the plain evaluator for the rules that it leaves. Same verdicts as the plain
// evaluator alone; a differential test compares them.
import { settleEventType, verdictsOfType } from '../analysis/event-types.js'
import type { BoundOperand } from '../compile/bound-tree.js'
import type { ContainerFacts } from '../../../schemas/generated/types.js'
import type { Candidates, Evaluation, Evaluator, FactsOfRecord } from '../evaluate/evaluator.js'
import { intersect } from './bit-rows.js'
import { FactsSource } from './facts-source.js'
import { RulePreparation, verdictsOf, type PreparedRule, type RuleMatching } from '../evaluate/plain-evaluator.js'
import { RuleStatistics, TIMED_EVERY } from '../evaluate/rule-statistics.js'
import { operandValue } from '../evaluate/transform.js'
import { RecordSource } from '../fields/field-source.js'
import type { FieldValue } from '../fields/field-value.js'
import { COLLECTED_TYPES_OF, eventTypeOf } from '../fields/record/event-type.js'
import { RULE_TOPICS, type RecordHead, type RuleEvent, type RuleTopic } from '../fields/rule-event.js'
import type { CompiledRule } from '../rule-set/compiled-rule.js'
import type { RuleSet } from '../rule-set/rule-set.js'
import { numberSlot } from '../fields/bytes/record-slots.js'
import type { ScannedRecord } from '../fields/bytes/scanned-record.js'
import type { Symbols } from '../fields/bytes/symbols.js'
import { TypeFilter, type FilteredRule, type OperandReader } from './type-filter.js'
import { resultOf, type Steps } from '../../../infra/waiting/steps.js'

const NOTHING: Evaluation = { matched: [], waiting: [] }
/** What the bytes leave while nobody has looked at them: all rules of the type. */
const ALL: Candidates = new Uint32Array(0)
/** About as many evaluations without filters take as long as making the filters of a topic. */
const COLD_RECORDS = 2_000
/** In place of a number of records: the filters are in use. */
const WARM = -1

/** Options of an evaluator. */
export interface EvaluatorOptions {
  /** Default first. */
  readonly matching?: RuleMatching
  /** One evaluation in this many is timed, for each rule. A power of two; default 64, 1 for all. */
  readonly timedEvery?: number
  /** Records of a topic that are evaluated before it gets filters. Default 2,000: a host that makes few of them never pays for it. */
  readonly coldRecords?: number
}

/** Creates an evaluator of the active rules of a set. */
export function createCompiledEvaluator(ruleSet: RuleSet, options: EvaluatorOptions = {}): Evaluator {
  return new CompiledEvaluator(ruleSet, options)
}

class CompiledEvaluator implements Evaluator {
  readonly ruleSetHash: string
  readonly eventTypes: ReadonlySet<string>
  readonly statistics: RuleStatistics
  readonly #rules: readonly CompiledRule[]
  readonly #matching: RuleMatching
  /** Records of each of RULE_TOPICS until it is worth its filters; 0 until they are made, then WARM. */
  readonly #coldLeft: Int32Array
  readonly #positions = new Map<string, readonly number[]>()
  readonly #filters = new Map<string, TypeFilter>()
  /** Filters by the topic and the numbers of type and system call; null where no rule can match. */
  readonly #byHead = RULE_TOPICS.map(() => new Map<number, TypeFilter | null>())
  readonly #prepared = new Map<number, PreparedRule>()
  readonly #preparation = new RulePreparation()
  readonly #rowsByFacts = new WeakMap<ContainerFacts, Map<TypeFilter, Uint32Array>>()

  constructor(ruleSet: RuleSet, { matching = 'first', timedEvery = TIMED_EVERY, coldRecords = COLD_RECORDS }: EvaluatorOptions) {
    this.ruleSetHash = ruleSet.hash
    this.#rules = ruleSet.activeRules
    this.#matching = matching
    this.statistics = new RuleStatistics(ruleSet.activeRules, timedEvery)
    this.eventTypes = new Set(ruleSet.activeRules.flatMap((rule) => rule.eventTypes))
    this.#coldLeft = new Int32Array(RULE_TOPICS.length).fill(coldRecords === 0 ? WARM : coldRecords)
  }

  evaluate(event: RuleEvent, candidates: Candidates | null = null): Evaluation {
    if (candidates === null) this.statistics.saw()
    const type = eventTypeOf(event.event)
    if (type === null || !this.eventTypes.has(type)) return NOTHING
    const source = new RecordSource(event)
    const isAll = candidates === ALL || (candidates === null && this.#isCold(RULE_TOPICS.indexOf(event.event.topic)))
    const positions = isAll ? this.#positionsOf(type) : this.#filterOf(type).candidates(new SourceReader(source), candidates)
    if (positions.length === 0) return NOTHING
    return verdictsOf(
      positions.map((position) => this.#preparedAt(position)),
      source,
      this.#matching,
      this.statistics,
    )
  }

  /** For an event whose container is known by what its record says of it. */
  candidates(topic: RuleTopic, record: ScannedRecord, factsOf?: FactsOfRecord): Candidates | null {
    this.statistics.saw()
    const { place } = record.symbols
    if (this.#coldLeft[place] !== WARM) {
      this.#isCold(place)
      return this.#isOfRules(topic, record) ? ALL : null
    }
    return this.#rowsOf(topic, record, factsOf)
  }

  excludes(topic: RuleTopic, record: ScannedRecord, factsOf: FactsOfRecord): boolean {
    const isWarm = this.#coldLeft[record.symbols.place] === WARM
    const isExcluded = isWarm ? this.#rowsOf(topic, record, factsOf) === null : !this.#isOfRules(topic, record)
    if (isExcluded) this.statistics.saw()
    return isExcluded
  }

  /** Some rule is about events of the record's type. */
  #isOfRules(topic: RuleTopic, record: ScannedRecord): boolean {
    const type = typeOfRecord(topic, record)
    return type !== null && this.eventTypes.has(type)
  }

  #rowsOf(topic: RuleTopic, record: ScannedRecord, factsOf: FactsOfRecord | undefined): Candidates | null {
    const filter = this.#ofRecord(topic, record)
    const rows = filter?.rowsIn(record) ?? null
    if (filter === null || rows === null || factsOf === undefined) return rows
    const facts = factsOf(record)
    if (facts === null) return rows
    const left = rows.slice()
    return intersect(left, this.#rowsOfFacts(filter, facts)) ? left : null
  }

  /** The rows of the rules that may hold in a container; evaluated once for its facts. */
  #rowsOfFacts(filter: TypeFilter, facts: ContainerFacts): Uint32Array {
    const byFilter = this.#rowsByFacts.get(facts) ?? new Map<TypeFilter, Uint32Array>()
    this.#rowsByFacts.set(facts, byFilter)
    const known = byFilter.get(filter)
    if (known !== undefined) return known
    const source = new FactsSource(facts)
    const rows = filter.rowsWithout((position) => this.#preparedAt(position).holds(source) === false)
    byFilter.set(filter, rows)
    return rows
  }

  /** The filter for the type of a record; null if no rule reads its type. */
  #ofRecord(topic: RuleTopic, record: ScannedRecord): TypeFilter | null {
    const { numbers, symbols } = record
    const key = (numbers[TYPE] ?? 0) * MAX_SYMBOLS + (numbers[SYSCALL] ?? 0)
    const byHead = this.#byHead[symbols.place]
    const known = byHead?.get(key)
    if (known !== undefined) return known
    const name = typeOfRecord(topic, record)
    const filter = name === null || !this.eventTypes.has(name) ? null : this.#filterOf(name)
    byHead?.set(key, filter)
    return filter
  }

  preparation(symbols: Symbols): Steps<void> | null {
    return (this.#coldLeft[symbols.place] ?? 0) > 0 ? null : this.#prepare(symbols)
  }

  /** Counts a record while its topic is not worth filters yet. */
  #isCold(place: number): boolean {
    const left = this.#coldLeft[place] ?? WARM
    if (left <= 0) return false
    this.#coldLeft[place] = left - 1
    return true
  }

  /** For the types that the collector makes records of. */
  *#prepare(symbols: Symbols): Steps<void> {
    for (const type of COLLECTED_TYPES_OF[symbols.topic]) {
      if (!this.eventTypes.has(type) || this.#filters.has(type)) continue
      const filter = yield* TypeFilter.build(type, filteredRules(this.#rules, type), [symbols])
      if (!this.#filters.has(type)) this.#filters.set(type, filter)
    }
    this.#coldLeft[symbols.place] = WARM
  }

  /** Of the rules that may match events of the type. */
  #positionsOf(type: string): readonly number[] {
    const known = this.#positions.get(type)
    if (known !== undefined) return known
    const positions = this.#rules.flatMap(({ eventTypes }, position) => (eventTypes.includes(type) ? [position] : []))
    this.#positions.set(type, positions)
    return positions
  }

  /** Created with the first event of the type, unless it is prepared. */
  #filterOf(type: string): TypeFilter {
    const known = this.#filters.get(type)
    if (known !== undefined) return known
    const filter = resultOf(TypeFilter.build(type, filteredRules(this.#rules, type)))
    this.#filters.set(type, filter)
    return filter
  }

  #preparedAt(position: number): PreparedRule {
    const known = this.#prepared.get(position)
    if (known !== undefined) return known
    const rule = this.#rules[position]
    if (rule === undefined) throw new RangeError(`there is no rule ${String(position)}`)
    const prepared = this.#preparation.prepare(rule, position)
    this.#prepared.set(position, prepared)
    return prepared
  }
}

const TYPE = numberSlot('type')
const SYSCALL = numberSlot('syscall')
/** More than any of our enums has. */
const MAX_SYMBOLS = 4096

/** The type of an event as rules name it, by the symbols of its record. */
function typeOfRecord(topic: RuleTopic, { numbers, symbols }: ScannedRecord): string | null {
  const type = symbols.types[numbers[TYPE] ?? 0] ?? ''
  const syscall = symbols.syscalls[numbers[SYSCALL] ?? 0] ?? ''
  // The symbols are those of our own schemas, so they are of the enum types.
  return eventTypeOf({ topic, record: { type, syscall } } as unknown as RecordHead)
}

/** The rules that may match events of a type, with the type's own checks settled. */
export function filteredRules(rules: readonly CompiledRule[], type: string): FilteredRule[] {
  const settle = verdictsOfType(type)
  return rules.flatMap(({ eventTypes, scope, condition }, position) => {
    if (!eventTypes.includes(type)) return []
    const conditions = scope === null ? [condition] : [scope, condition]
    return [{ position, conditions: conditions.map((one) => settleEventType(one, settle)) }]
  })
}

class SourceReader implements OperandReader {
  readonly #source: RecordSource

  constructor(source: RecordSource) {
    this.#source = source
  }

  read(operand: BoundOperand): FieldValue {
    return operandValue(operand, this.#source)
  }
}
