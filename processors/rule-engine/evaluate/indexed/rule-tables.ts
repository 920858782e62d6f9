// Tables that find the rules to evaluate for an event: by process name, and by literals that a value contains. The result is a bit set of
// rule numbers, which is filled, read in order and cleared for each event.
import { indexNameOf, type IndexKey } from '../../analysis/index-key.js'
import type { EventMemory, SlotReader } from './event-memory.js'
import { LiteralAutomaton } from '../../text/literal-automaton.js'

const WORD_BITS = 32

/** A set of numbers from 0 up to its size. */
export class RuleNumbers {
  readonly #words: Uint32Array

  constructor(size: number) {
    this.#words = new Uint32Array(Math.ceil(size / WORD_BITS))
  }

  /** Replaces the content with that of another set of the same size. */
  become(other: RuleNumbers): void {
    this.#words.set(other.#words)
  }

  /** Adds the numbers of another set of the same size. */
  join(other: RuleNumbers): void {
    const words = this.#words
    for (let word = 0; word < words.length; word++) words[word] = (words[word] ?? 0) | (other.#words[word] ?? 0)
  }

  add(number: number): void {
    const word = number >>> 5
    this.#words[word] = (this.#words[word] ?? 0) | (1 << (number & 31))
  }

  /** The first number that is not below `from`; -1 if there is none. */
  next(from: number): number {
    const words = this.#words
    let word = from >>> 5
    let bits = (words[word] ?? 0) & (-1 << (from & 31))
    while (bits === 0) {
      if (++word >= words.length) return -1
      bits = words[word] ?? 0
    }
    // The lowest bit only.
    return word * WORD_BITS + (31 - Math.clz32(bits & -bits))
  }
}

/** Rules by the process name that they require, for one field that holds it. */
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

  /** Adds the rules that the process name does not exclude; all rules if the event has no such name. */
  search(memory: EventMemory, found: RuleNumbers): void {
    const value = this.#read(memory)
    if (this.#view === 'each') {
      if (!Array.isArray(value)) return addAll(this.#all, found)
      for (const name of value) addAll(typeof name === 'string' ? (this.#byName.get(name) ?? NO_RULES) : this.#all, found)
      return
    }
    const name = indexNameOf(this.#view, value)
    addAll(name === null ? this.#all : (this.#byName.get(name) ?? NO_RULES), found)
  }
}

const NO_RULES: readonly number[] = []

function addAll(rules: readonly number[], found: RuleNumbers): void {
  for (const rule of rules) found.add(rule)
}

/** Rules by a literal that the value of one operand must contain: one pass over the value finds the candidates. */
export class LiteralTable {
  readonly #read: SlotReader
  readonly #rules: readonly (readonly number[])[]
  readonly #automaton: LiteralAutomaton

  /** @param byLiteral rule numbers by required literal, as many as one automaton can hold */
  constructor(read: SlotReader, byLiteral: ReadonlyMap<string, readonly number[]>) {
    this.#read = read
    this.#automaton = new LiteralAutomaton([...byLiteral.keys()])
    this.#rules = [...byLiteral.values()]
  }

  /** Adds the rules whose literal is in the value. */
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
