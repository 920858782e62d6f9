// Which of the rules for a type of event are asked about one event: those that nothing rules out by the name of its process, or by a literal that it
// does not hold. In load order.
import { indexKeyOf, isSameOperand } from '../../analysis/index-key.js'
import type { BoundExpression, BoundOperand } from '../../compile/bound-tree.js'
import { necessaryLiterals } from '../../analysis/necessary-literals.js'
import { LiteralAutomaton } from '../../text/literal-automaton.js'
import type { EventMemory, SlotReader } from './event-memory.js'
import { LiteralTable } from './literal-table.js'
import { NameTable } from './name-table.js'

/** A rule by its place in the load order, with its condition as it is for events of the type. */
export interface IndexedRule {
  readonly position: number
  readonly condition: BoundExpression
}

/** What reads an operand, the same for the same operand. */
export type OperandReader = (operand: BoundOperand) => SlotReader

/** With fewer rules on it a walk over an operand costs more than to ask them. */
const MIN_RULES_ON_OPERAND = 4

/** Picks the rules to ask about an event. */
export class RuleIndex<Rule extends IndexedRule> {
  readonly #always: readonly Rule[]
  readonly #nameTables: readonly NameTable<Rule>[]
  readonly #literalTables: readonly LiteralTable<Rule>[]
  /** Of the event under judgement: rules that a table named, each once. */
  readonly #named = new Set<Rule>()

  /** @param rules in load order */
  constructor(rules: readonly Rule[], reader: OperandReader) {
    const { tables, rest } = byName(rules, reader)
    const { literalTables, always } = byLiteral(rest, reader, (found) => found.forEach(this.#add))
    this.#nameTables = tables
    this.#literalTables = literalTables
    this.#always = always
  }

  /** The rules to ask about an event, in load order. */
  rulesFor(memory: EventMemory): readonly Rule[] {
    const named = this.#named
    // Clearing makes a new table, also of an empty set.
    if (named.size > 0) named.clear()
    for (const table of this.#nameTables) table.rulesFor(memory)?.forEach(this.#add)
    for (const table of this.#literalTables) table.search(memory)
    return named.size === 0 ? this.#always : merged(this.#always, [...named].sort(byPosition))
  }

  readonly #add = (rule: Rule): void => void this.#named.add(rule)
}

function byPosition(a: IndexedRule, b: IndexedRule): number {
  return a.position - b.position
}

/** Both lists in load order to one. */
function merged<Rule extends IndexedRule>(a: readonly Rule[], b: readonly Rule[]): readonly Rule[] {
  const all: Rule[] = []
  let at = 0
  for (const rule of b) {
    for (let next = a[at]; next !== undefined && next.position < rule.position; next = a[++at]) all.push(next)
    all.push(rule)
  }
  for (let next = a[at]; next !== undefined; next = a[++at]) all.push(next)
  return all
}

/** Rules that ask for names of processes, in one table for each field that holds such a name. */
function byName<Rule extends IndexedRule>(rules: readonly Rule[], reader: OperandReader): { tables: NameTable<Rule>[]; rest: Rule[] } {
  const tables: { readonly operand: BoundOperand; readonly table: NameTable<Rule> }[] = []
  const rest: Rule[] = []
  for (const rule of rules) {
    const key = indexKeyOf(rule)
    if (key === null) {
      rest.push(rule)
      continue
    }
    let found = tables.find(({ operand }) => isSameOperand(operand, key.operand))
    if (found === undefined) {
      found = { operand: key.operand, table: new NameTable<Rule>(key.view, reader(key.operand)) }
      tables.push(found)
    }
    found.table.add(rule, key.names)
  }
  return { tables: tables.map(({ table }) => table), rest }
}

/** Rules that need a literal, in one table for each operand that must hold it; where too few do, they are asked always. */
function byLiteral<Rule extends IndexedRule>(
  rules: readonly Rule[],
  reader: OperandReader,
  found: (rules: readonly Rule[]) => void,
): { literalTables: LiteralTable<Rule>[]; always: Rule[] } {
  const needs = new Map(rules.map((rule) => [rule, literalsByOperand(rule, reader)]))
  for (;;) {
    const users = new Map<SlotReader, Map<string, Rule[]>>()
    for (const [rule, literals] of needs) {
      for (const [read, texts] of literals ?? []) {
        const onOperand = users.get(read) ?? new Map<string, Rule[]>()
        users.set(read, onOperand)
        for (const text of texts) onOperand.set(text, [...(onOperand.get(text) ?? []), rule])
      }
    }
    const unfit = [...users].find(([, onOperand]) => !isWorthIt(onOperand))
    if (unfit === undefined) {
      const always = rules.filter((rule) => needs.get(rule) === null)
      return { literalTables: [...users].map(([read, onOperand]) => new LiteralTable(read, onOperand, found)), always }
    }
    // What rests on this operand can't be ruled out without it.
    for (const [rule, literals] of needs) if (literals?.has(unfit[0]) === true) needs.set(rule, null)
  }
}

function isWorthIt<Rule>(onOperand: ReadonlyMap<string, readonly Rule[]>): boolean {
  return new Set([...onOperand.values()].flat()).size >= MIN_RULES_ON_OPERAND && LiteralAutomaton.fits([...onOperand.keys()])
}

function literalsByOperand({ condition }: IndexedRule, reader: OperandReader): ReadonlyMap<SlotReader, readonly string[]> | null {
  const literals = necessaryLiterals(condition)
  if (literals === null) return null
  const byOperand = new Map<SlotReader, string[]>()
  for (const { operand, text } of literals) {
    const read = reader(operand)
    byOperand.set(read, [...(byOperand.get(read) ?? []), text])
  }
  return byOperand
}
