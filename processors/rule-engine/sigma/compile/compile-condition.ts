// The condition of a rule, with its searches put in, to one term.
import { nearestName } from '../../../../infra/text/nearest.js'
import type { ConditionNode } from '../condition/condition-tree.js'
import { SigmaConditionError } from '../condition/parse-condition.js'
import { allTerms, anyTerm, NEVER, notTerm } from './term.js'
import type { Term } from './term.js'

/** Most values that a condition may compare with once its searches stand in it: ten times the largest real one. */
const MAX_SIZE = 50_000

/** Compiles the conditions of one rule over its searches. */
export class ConditionCompiler {
  /** null for a search of which a pipeline left nothing: a condition is read without it. */
  readonly #searches: ReadonlyMap<string, Term | null>
  /** Patterns that name no search: what they ask can't hold. */
  readonly emptyPatterns: { readonly pattern: string; readonly index: number }[] = []
  #size = 0

  constructor(searches: ReadonlyMap<string, Term | null>) {
    this.#searches = searches
  }

  /** @returns null when nothing is left of it. @throws SigmaConditionError */
  compile(node: ConditionNode): Term | null {
    switch (node.kind) {
      case 'and':
      case 'or': {
        const terms = node.children.map((child) => this.compile(child)).filter((term) => term !== null)
        if (terms.length === 0) return null
        return node.kind === 'and' ? allTerms(terms) : anyTerm(terms)
      }
      case 'not': {
        const term = this.compile(node.child)
        return term === null ? null : notTerm(term)
      }
      case 'search': {
        const term = this.#search(node.name, node.index)
        return term === null ? null : this.#counted(term, node.index)
      }
      case 'of':
        return this.#of(node)
    }
  }

  #counted(term: Term, index: number): Term {
    this.#size += term.size
    if (this.#size > MAX_SIZE) throw new SigmaConditionError(`the condition compares with more than ${String(MAX_SIZE)} values`, index)
    return term
  }

  #search(name: string, index: number): Term | null {
    const term = this.#searches.get(name)
    if (term !== undefined) return term
    const near = nearestName(name, this.#searches.keys())
    throw new SigmaConditionError(`search '${name}' is not defined${near === undefined ? '' : ` (did you mean '${near}'?)`}`, index)
  }

  #of({ count, pattern, index }: ConditionNode & { kind: 'of' }): Term | null {
    const named = [...this.#searches].flatMap(([name, term]) => (isNamedBy(pattern, name) ? [term] : []))
    const terms = named.filter((term) => term !== null)
    if (named.length > 0 && terms.length === 0) return null
    if (terms.length === 0) {
      this.emptyPatterns.push({ pattern, index })
      return NEVER
    }
    if (count === 'all') return allTerms(terms.map((term) => this.#counted(term, index)))
    return this.#atLeast(count, terms, index)
  }

  /** At least `count` of the terms: any of all choices of that many. */
  #atLeast(count: number, terms: readonly Term[], index: number): Term {
    if (count > terms.length) return NEVER
    if (count === 1) return anyTerm(terms.map((term) => this.#counted(term, index)))
    const choices: Term[] = []
    const choose = (from: number, chosen: readonly Term[]): void => {
      if (chosen.length === count) {
        choices.push(allTerms(chosen.map((term) => this.#counted(term, index))))
        return
      }
      for (let next = from; next <= terms.length - (count - chosen.length); next++) {
        const term = terms[next]
        if (term !== undefined) choose(next + 1, [...chosen, term])
      }
    }
    choose(0, [])
    return anyTerm(choices)
  }
}

/** `them` and patterns pass over names that begin with an underscore: those are named one by one. */
function isNamedBy(pattern: string, name: string): boolean {
  if (name.startsWith('_')) return false
  if (pattern === 'them') return true
  const [first = '', ...rest] = pattern.split('*')
  const last = rest.pop()
  if (last === undefined) return name === pattern
  if (!name.startsWith(first) || !name.endsWith(last)) return false
  let at = first.length
  for (const part of rest) {
    const found = name.indexOf(part, at)
    if (found < 0) return false
    at = found + part.length
  }
  return at + last.length <= name.length
}
