// Rules by a literal that must be in the value of one operand: one walk over the value finds the few that are worth asking.
import { LiteralAutomaton } from '../../text/literal-automaton.js'
import type { EventMemory, SlotReader } from './event-memory.js'

/** The rules of one operand. */
export class LiteralTable<Rule> {
  readonly #read: SlotReader
  readonly #rules: readonly (readonly Rule[])[]
  readonly #automaton: LiteralAutomaton
  readonly #tell: (literal: number) => void

  /**
   * @param byLiteral rules by the literals that they need, as many as one automaton takes
   * @param found told of the rules whose literal is in a value, perhaps several times
   */
  constructor(read: SlotReader, byLiteral: ReadonlyMap<string, readonly Rule[]>, found: (rules: readonly Rule[]) => void) {
    this.#read = read
    this.#automaton = new LiteralAutomaton([...byLiteral.keys()])
    this.#rules = [...byLiteral.values()]
    this.#tell = (literal) => found(this.#rules[literal] ?? [])
  }

  /** Looks through the value of an event. */
  search(memory: EventMemory): void {
    const value = this.#read(memory)
    if (value === undefined) return
    if (typeof value === 'string') this.#automaton.scan(value, this.#tell)
    else if (Array.isArray(value)) for (const one of value) if (typeof one === 'string') this.#automaton.scan(one, this.#tell)
  }
}
