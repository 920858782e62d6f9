// Rules by a literal that must be in the value of one operand: one walk over the value finds the few that are worth asking.
import { LiteralAutomaton } from '../../text/literal-automaton.js'
import type { EventMemory, SlotReader } from './event-memory.js'
import type { RuleNumbers } from './rule-numbers.js'

/** The rules of one operand. */
export class LiteralTable {
  readonly #read: SlotReader
  readonly #rules: readonly (readonly number[])[]
  readonly #automaton: LiteralAutomaton

  /** @param byLiteral numbers of rules by the literals that they need, as many as one automaton takes */
  constructor(read: SlotReader, byLiteral: ReadonlyMap<string, readonly number[]>) {
    this.#read = read
    this.#automaton = new LiteralAutomaton([...byLiteral.keys()])
    this.#rules = [...byLiteral.values()]
  }

  /** Adds the rules whose literal is in the value of an event. */
  search(memory: EventMemory, found: RuleNumbers): void {
    const value = this.#read(memory)
    if (value === undefined) return
    const add = (literal: number): void => {
      for (const rule of this.#rules[literal] ?? []) found.add(rule)
    }
    if (typeof value === 'string') this.#automaton.scan(value, add)
    else if (Array.isArray(value)) for (const one of value) if (typeof one === 'string') this.#automaton.scan(one, add)
  }
}
