// Rules by a literal that must be in the value of one operand: one walk over the value finds the few that are worth asking.
import { LiteralAutomaton } from '../../text/literal-automaton.js'
import type { EventMemory, SlotReader } from './event-memory.js'

export class LiteralTable<Rule> {
  readonly #read: SlotReader
  readonly #rules: (readonly Rule[])[] = []
  readonly #automaton: LiteralAutomaton

  /** @param byLiteral rules by the literals that they need; as many as one automaton takes */
  constructor(read: SlotReader, byLiteral: ReadonlyMap<string, readonly Rule[]>) {
    this.#read = read
    this.#automaton = new LiteralAutomaton([...byLiteral.keys()])
    this.#rules = [...byLiteral.values()]
  }

  /** Calls back for the rules whose literal is in the value, perhaps several times. */
  findRules(memory: EventMemory, found: (rules: readonly Rule[]) => void): void {
    const value = this.#read(memory)
    if (value === undefined) return
    const tell = (literal: number): void => found(this.#rules[literal] ?? [])
    if (typeof value === 'string') this.#automaton.scan(value, tell)
    else if (Array.isArray(value)) for (const one of value) if (typeof one === 'string') this.#automaton.scan(one, tell)
  }
}
