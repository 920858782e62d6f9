// Macros of rule files, expanded as trees. A macro sees the macros that were defined before it, a rule sees all.
import type { Condition } from './condition.js'
import { parseCondition } from './parse-condition.js'
import type { Lists } from './lists.js'

interface Macro {
  readonly text: string
  /** Position of the first definition, and of the last change. */
  readonly index: number
  readonly changedAt: number
}

export class Macros {
  readonly #macros = new Map<string, Macro>()
  #count = 0

  define(name: string, text: string): void {
    const index = this.#macros.get(name)?.index ?? this.#count
    this.#macros.set(name, { text, index, changedAt: this.#count++ })
  }

  append(name: string, text: string): void {
    const macro = this.#macros.get(name)
    if (macro === undefined) throw new TypeError(`no macro ${name}`)
    this.#macros.set(name, { text: `${macro.text} ${text}`, index: macro.index, changedAt: this.#count++ })
  }

  /** The condition of a rule with macros and lists expanded. */
  expand(text: string, lists: Lists): Condition {
    return this.#replace(parseCondition(lists.expand(text)), lists, Infinity)
  }

  #replace(condition: Condition, lists: Lists, below: number): Condition {
    switch (condition.kind) {
      case 'check':
        return condition
      case 'not':
        return { kind: 'not', term: this.#replace(condition.term, lists, below) }
      case 'and':
      case 'or':
        return { kind: condition.kind, terms: condition.terms.map((term) => this.#replace(term, lists, below)) }
      case 'macro': {
        const macro = this.#macros.get(condition.name)
        if (macro === undefined || macro.index >= below) throw new TypeError(`no macro ${condition.name} here`)
        return this.#replace(parseCondition(lists.expand(macro.text)), lists, macro.changedAt)
      }
    }
  }
}
