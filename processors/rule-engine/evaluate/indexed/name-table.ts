// Rules by the name of the process that they ask for, for one field that holds it.
import { indexNameOf } from '../../analysis/index-key.js'
import type { IndexKey } from '../../analysis/index-key.js'
import type { EventMemory, SlotReader } from './event-memory.js'
import type { RuleNumbers } from './rule-numbers.js'

/** The rules of one field. */
export class NameTable {
  readonly #view: IndexKey['view']
  readonly #read: SlotReader
  readonly #byName = new Map<string, number[]>()
  readonly #all: number[] = []

  constructor(view: IndexKey['view'], read: SlotReader) {
    this.#view = view
    this.#read = read
  }

  add(rule: number, names: readonly string[]): void {
    this.#all.push(rule)
    for (const name of names) {
      const named = this.#byName.get(name)
      if (named === undefined) this.#byName.set(name, [rule])
      else named.push(rule)
    }
  }

  /** Adds those that may be about the process of the event; all when it has no such name. */
  search(memory: EventMemory, found: RuleNumbers): void {
    const name = indexNameOf(this.#view, this.#read(memory))
    const rules = name === null ? this.#all : this.#byName.get(name)
    if (rules !== undefined) for (const rule of rules) found.add(rule)
  }
}
