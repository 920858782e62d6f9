// Selects the rules to evaluate for an event: those that the process name, a required literal or a gate does not exclude. In load order.
import { indexKeyOf, isSameOperand } from '../../analysis/index-key.js'
import type { BoundExpression, BoundOperand } from '../../compile/bound-tree.js'
import { necessaryLiterals } from '../../analysis/necessary-literals.js'
import { LiteralAutomaton } from '../../text/literal-automaton.js'
import type { EventMemory, SlotReader } from './event-memory.js'
import { areOpen, commonGates, mayHold, type Alternatives, type Gate } from './gates.js'
import { LiteralTable, NameTable, RuleNumbers } from './rule-tables.js'

/** A rule, with its condition reduced for the event type. */
export interface IndexedRule {
  readonly condition: BoundExpression
  readonly alternatives: Alternatives
}

/** A table that is searched only if its gates, which all of its rules share, are open. */
interface GatedTable<Table> {
  readonly table: Table
  readonly gates: readonly Gate[]
}

/** Returns the reader of an operand; the same reader for the same operand. */
export type OperandReader = (operand: BoundOperand) => SlotReader

/** With fewer rules, searching the operand costs more than evaluating them. */
const MIN_RULES_ON_OPERAND = 2

/** Selects the rules to evaluate for an event. */
export class RuleIndex<Rule extends IndexedRule> {
  readonly #rules: readonly Rule[]
  readonly #always: RuleNumbers
  readonly #gatedTables: readonly GatedTable<RuleNumbers>[]
  readonly #nameTables: readonly GatedTable<NameTable>[]
  readonly #literalTables: readonly GatedTable<LiteralTable>[]
  /** Candidates for the current event. */
  readonly #candidates: RuleNumbers

  /** @param rules in load order */
  constructor(rules: readonly Rule[], reader: OperandReader) {
    const numbered = rules.map((rule, number): Numbered => ({ rule, number }))
    const { nameTables, rest } = byName(numbered, reader)
    const { literalTables, always } = byLiteral(rest, reader)
    this.#rules = rules
    this.#nameTables = nameTables
    this.#literalTables = literalTables
    this.#candidates = new RuleNumbers(rules.length)
    const { gated, rest: ungated } = byGate(always, rules.length)
    this.#gatedTables = gated
    this.#always = numbersOf(ungated, rules.length)
  }

  /** The rules to evaluate for an event, in load order. */
  rulesFor(memory: EventMemory): readonly Rule[] {
    const candidates = this.#candidates
    candidates.become(this.#always)
    for (const { table, gates } of this.#gatedTables) if (areOpen(gates, memory)) candidates.join(table)
    for (const { table, gates } of this.#nameTables) if (areOpen(gates, memory)) table.search(memory, candidates)
    for (const { table, gates } of this.#literalTables) if (areOpen(gates, memory)) table.search(memory, candidates)
    const selected: Rule[] = []
    for (let number = candidates.next(0); number >= 0; number = candidates.next(number + 1)) {
      const rule = this.#rules[number]
      if (rule !== undefined && mayHold(rule.alternatives, memory)) selected.push(rule)
    }
    return selected
  }
}

/** A rule with its number in the index. */
interface Numbered {
  readonly rule: IndexedRule
  readonly number: number
}

/** Rules that require process names, in one table for each field with such a name. */
function byName(rules: readonly Numbered[], reader: OperandReader): { nameTables: GatedTable<NameTable>[]; rest: Numbered[] } {
  const tables: { readonly operand: BoundOperand; readonly table: NameTable; readonly rules: IndexedRule[] }[] = []
  const rest: Numbered[] = []
  for (const numbered of rules) {
    const { rule, number } = numbered
    const key = indexKeyOf(rule)
    if (key === null) {
      rest.push(numbered)
      continue
    }
    let found = tables.find(({ operand }) => isSameOperand(operand, key.operand))
    if (found === undefined) {
      found = { operand: key.operand, table: new NameTable(key.view, reader(key.operand)), rules: [] }
      tables.push(found)
    }
    found.table.add(number, key.names)
    found.rules.push(rule)
  }
  return { nameTables: tables.map((found) => ({ table: found.table, gates: commonGates(found.rules) })), rest }
}

/** Rules that require a literal, in one table for each operand that must contain it. Operands with too few rules get no table. */
function byLiteral(
  rules: readonly Numbered[],
  reader: OperandReader,
): { literalTables: GatedTable<LiteralTable>[]; always: readonly Numbered[] } {
  const needs = new Map(rules.map((numbered) => [numbered, literalsByOperand(numbered.rule, reader)]))
  for (;;) {
    const users = new Map<SlotReader, Map<string, Numbered[]>>()
    for (const [rule, literals] of needs) {
      for (const [read, texts] of literals ?? []) {
        const onOperand = users.get(read) ?? new Map<string, Numbered[]>()
        users.set(read, onOperand)
        for (const text of texts) onOperand.set(text, [...(onOperand.get(text) ?? []), rule])
      }
    }
    const unfit = [...users].find(([, onOperand]) => !isWorthIt(onOperand))
    if (unfit === undefined) {
      const literalTables = [...users].map(([read, onOperand]) => literalTable(read, onOperand))
      return { literalTables, always: rules.filter((rule) => needs.get(rule) === null) }
    }
    // Rules that depend on this operand can't be excluded without it.
    for (const [rule, literals] of needs) if (literals?.has(unfit[0]) === true) needs.set(rule, null)
  }
}

/** Rules with the same first gate. */
function byGate(rules: readonly Numbered[], size: number): { gated: GatedTable<RuleNumbers>[]; rest: Numbered[] } {
  const byFirst = new Map<Gate | undefined, Numbered[]>()
  for (const numbered of rules) {
    const { alternatives } = numbered.rule
    const first = alternatives.length === 1 ? alternatives[0]?.[0] : undefined
    byFirst.set(first, [...(byFirst.get(first) ?? []), numbered])
  }
  const rest = byFirst.get(undefined) ?? []
  byFirst.delete(undefined)
  const gated = [...byFirst].map(([gate, some]) => ({ table: numbersOf(some, size), gates: gate === undefined ? [] : [gate] }))
  return { gated, rest }
}

function numbersOf(rules: readonly Numbered[], size: number): RuleNumbers {
  const numbers = new RuleNumbers(size)
  for (const { number } of rules) numbers.add(number)
  return numbers
}

function literalTable(read: SlotReader, byLiteral: ReadonlyMap<string, readonly Numbered[]>): GatedTable<LiteralTable> {
  const numbers = new Map([...byLiteral].map(([text, rules]) => [text, rules.map(({ number }) => number)]))
  const rules = [...byLiteral.values()].flat().map(({ rule }) => rule)
  return { table: new LiteralTable(read, numbers), gates: commonGates(rules) }
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
