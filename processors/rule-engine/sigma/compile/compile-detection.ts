// Compiles the detection of a rule or filter, its searches and conditions, to one term.
import { nearestName } from '../../../../infra/text/nearest.js'
import { ItemError, type LoadReport } from '../../read/load-report.js'
import { compileItem } from './compile-field.js'
import type { CompileScope } from './compile-scope.js'
import { SigmaConditionError, parseSigmaCondition, type ConditionNode } from '../read/condition.js'
import { conditionProblem, type DetectionNode } from '../read/detection.js'
import type { SigmaDetection, SigmaMetadata, WrittenCondition } from '../read/sigma-document.js'
import { NEVER, allTerms, anyTerm, notTerm, type Term } from '../term.js'

type Titled = Pick<SigmaMetadata, 'title'>

/** Compiles every search, also one that no condition names, so that all mistakes are reported. null if there are any. */
export function compileDetection(metadata: Titled, detection: SigmaDetection, scope: CompileScope, report: LoadReport): Term | null {
  const searches = new Map<string, Term | null>()
  let isWhole = true
  for (const [name, node] of detection.searches) {
    isWhole = attempt(metadata, report, () => searches.set(name, compileSearch(node, scope))) && isWhole
  }
  const compiler = new ConditionCompiler(searches)
  const terms: Term[] = []
  for (const condition of detection.conditions) {
    // A broken search is not reported as a missing one.
    if (isWhole) isWhole = attempt(metadata, report, () => terms.push(...present(compileOne(condition, compiler, metadata, report), false)))
  }
  const additions: Term[] = []
  for (const { node, isNegated } of detection.additions) {
    isWhole = attempt(metadata, report, () => additions.push(...present(compileSearch(node, scope), isNegated))) && isWhole
  }
  for (const obstacle of detection.obstacles) scope.obstacles.add(obstacle)
  if (terms.length === 0) scope.obstacles.add('a pipeline left nothing of the condition')
  return isWhole ? allTerms([anyTerm(terms), ...additions]) : null
}

function present(term: Term | null, isNegated: boolean): Term[] {
  if (term === null) return []
  return [isNegated ? notTerm(term) : term]
}

/** Reports a mistake with the title of the rule. @returns whether there was none */
function attempt({ title }: Titled, report: LoadReport, work: () => void): boolean {
  return report.attempt(() => {
    try {
      work()
    } catch (error) {
      if (error instanceof ItemError) throw new ItemError(error.code, error.message, title, error.place)
      throw error
    }
  })
}

function compileOne({ text, node }: WrittenCondition, compiler: ConditionCompiler, metadata: Titled, report: LoadReport): Term | null {
  try {
    const before = compiler.emptyPatterns.length
    const term = compiler.compile(parseSigmaCondition(text))
    for (const { pattern, index } of compiler.emptyPatterns.slice(before)) {
      const message = `'${pattern}' names no search: it never holds`
      report.warn('LOAD_EMPTY_PATTERN', message, metadata.title, node.places.at(index))
    }
    return term
  } catch (error) {
    if (error instanceof SigmaConditionError) throw conditionProblem(error.message, node.places.at(error.index))
    throw error
  }
}

/** Most values in a condition with its searches expanded: ten times the largest real condition. */
const MAX_SIZE = 50_000

/** Compiles the conditions of one rule over its searches. */
export class ConditionCompiler {
  /** null for a search that a pipeline emptied: the condition ignores it. */
  readonly #searches: ReadonlyMap<string, Term | null>
  /** Patterns that name no search and never hold. */
  readonly emptyPatterns: { readonly pattern: string; readonly index: number }[] = []
  #size = 0

  constructor(searches: ReadonlyMap<string, Term | null>) {
    this.#searches = searches
  }

  /** @returns null if pipelines left nothing of it. @throws SigmaConditionError */
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

  /** At least `count` of the terms: any combination of that many. */
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

/** `them` and patterns skip names that begin with an underscore, which a condition must name one by one. */
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

/** Compiles a search. @returns null if a pipeline left nothing of it. @throws ItemError */
export function compileSearch(node: DetectionNode, scope: CompileScope): Term | null {
  switch (node.kind) {
    case 'item':
      return compileItem(node, scope)
    case 'dropped':
      return null
    case 'broken':
      throw node.error
    case 'all':
    case 'any': {
      const terms = node.children.map((child) => compileSearch(child, scope)).filter((term) => term !== null)
      if (terms.length === 0) return null
      return node.kind === 'all' ? allTerms(terms) : anyTerm(terms)
    }
  }
}
