// Macros are put into trees. A macro sees the macros defined before it, rules see all. Trees are shared, not copied, so what a macro
// that doubles itself again and again would cost is counted instead of built.
import type { Expression, MacroReference } from '../language/tree.js'

/** A macro with its parsed condition and its place in the load order. */
export interface ParsedMacro {
  readonly name: string
  readonly tree: Expression
  readonly index: number
  readonly visibility: number
}

/** Macro names that a tree mentions but can't see, and macros that contain themselves. */
export interface MacroProblem {
  readonly kind: 'undefined' | 'loop'
  readonly reference: MacroReference
  /** Macros that contain each other, the first again at the end; empty when there is no such circle. */
  readonly circle: readonly string[]
  /** The macro is there, behind the one that mentions it. */
  readonly isLater: boolean
}

/** Told of a macro that is too large or too deep with those in it put in: it is not put in anywhere. */
export type OversizeTeller = (macro: ParsedMacro, problem: string) => void

/** Most nodes of one condition with its macros put in: a hundred times the largest public rule. */
export const MAX_NODES = 50_000
/** Deepest nesting of the same: what works on trees calls itself for each level. */
export const MAX_DEPTH = 500

/** Puts the macros of one load into trees, each macro once. */
export class MacroExpander {
  readonly sizes = new TreeSizes()
  readonly #macros: Map<string, ParsedMacro>
  readonly #expanded = new Map<string, Expression>()
  readonly used = new Set<string>()

  /** @param macros in load order */
  constructor(macros: readonly ParsedMacro[]) {
    this.#macros = new Map(macros.map((macro) => [macro.name, macro]))
  }

  /** Expands every macro by itself, in load order, so that each sees only those before it. */
  expandMacros(onProblem: (macro: ParsedMacro, problem: MacroProblem) => void, onOversize: OversizeTeller): void {
    for (const macro of [...this.#macros.values()]) {
      const tree = this.#expand(macro.tree, macro.visibility, [], (problem) => {
        onProblem(macro, problem.isLater ? { ...problem, circle: this.#circle(macro.name, problem.reference.name) } : problem)
      })
      const problem = sizeProblem(this.sizes.of(tree))
      if (problem === null) this.#expanded.set(macro.name, tree)
      else {
        this.#macros.delete(macro.name)
        onOversize(macro, problem)
      }
    }
  }

  /** Expands the condition of a rule. Call after expandMacros. */
  expandRule(tree: Expression, onProblem: (problem: MacroProblem) => void): Expression {
    return this.#expand(tree, Infinity, [], onProblem)
  }

  /** The way from a macro over one that it mentions back to itself. */
  #circle(owner: string, mentioned: string): readonly string[] {
    const seen = new Set<string>()
    const ways: (readonly string[])[] = [[owner, mentioned]]
    for (let way = ways.pop(); way !== undefined; way = ways.pop()) {
      const name = way.at(-1) ?? owner
      if (name === owner) return way
      if (seen.has(name)) continue
      seen.add(name)
      const macro = this.#macros.get(name)
      for (const { name: next } of macro === undefined ? [] : macrosIn(macro.tree)) ways.push([...way, next])
    }
    return []
  }

  #expand(tree: Expression, visibility: number, path: readonly string[], onProblem: (problem: MacroProblem) => void): Expression {
    switch (tree.kind) {
      case 'and':
      case 'or': {
        const children = tree.children.map((child) => this.#expand(child, visibility, path, onProblem))
        return children.every((child, index) => child === tree.children[index]) ? tree : { ...tree, children }
      }
      case 'not': {
        const child = this.#expand(tree.child, visibility, path, onProblem)
        return child === tree.child ? tree : { ...tree, child }
      }
      case 'macro':
        return this.#reference(tree, visibility, path, onProblem)
      default:
        return tree
    }
  }

  #reference(
    reference: MacroReference,
    visibility: number,
    path: readonly string[],
    onProblem: (problem: MacroProblem) => void,
  ): Expression {
    const macro = this.#macros.get(reference.name)
    if (macro === undefined || macro.index >= visibility) {
      onProblem({ kind: 'undefined', reference, circle: [], isLater: macro !== undefined })
      return reference
    }
    if (path.includes(macro.name)) {
      onProblem({ kind: 'loop', reference, circle: [...path.slice(path.indexOf(macro.name)), macro.name], isLater: false })
      return reference
    }
    this.used.add(macro.name)
    const expanded = this.#expanded.get(macro.name)
    return expanded ?? this.#expand(macro.tree, visibility, [...path, macro.name], onProblem)
  }
}

/** Nodes and levels of trees, shared ones counted each time they occur. Remembers what it measured. */
export class TreeSizes {
  readonly #known = new WeakMap<Expression, TreeSize>()

  of(node: Expression): TreeSize {
    const known = this.#known.get(node)
    if (known !== undefined) return known
    const children = node.kind === 'and' || node.kind === 'or' ? node.children : node.kind === 'not' ? [node.child] : []
    let nodes = 1
    let depth = 0
    for (const child of children) {
      const size = this.of(child)
      nodes += size.nodes
      depth = Math.max(depth, size.depth)
    }
    const measured = { nodes: Math.min(nodes, Number.MAX_SAFE_INTEGER), depth: depth + 1 }
    this.#known.set(node, measured)
    return measured
  }
}

/** How large a tree is with its macros put in. */
export interface TreeSize {
  readonly nodes: number
  readonly depth: number
}

/** Why a tree is too large to be judged; null when it is not. */
export function sizeProblem({ nodes, depth }: TreeSize): string | null {
  if (nodes > MAX_NODES) return `the condition has more than ${String(MAX_NODES)} terms with its macros put in`
  return depth > MAX_DEPTH ? `the condition is nested deeper than ${String(MAX_DEPTH)} with its macros put in` : null
}

/** The macros that are left in a tree, each node visited once however often it is shared. */
export function macrosIn(tree: Expression): MacroReference[] {
  const seen = new Set<Expression>()
  const found: MacroReference[] = []
  const visit = (node: Expression): void => {
    if (seen.has(node)) return
    seen.add(node)
    if (node.kind === 'macro') found.push(node)
    else if (node.kind === 'and' || node.kind === 'or') node.children.forEach(visit)
    else if (node.kind === 'not') visit(node.child)
  }
  visit(tree)
  return found
}

/** Nodes of a tree, shared ones counted each time they occur; no more than one above the limit. */
export function countNodes(tree: Expression, limit = MAX_NODES): number {
  return Math.min(new TreeSizes().of(tree).nodes, limit + 1)
}

// What all rules of one load may cost together: many rules that are each within their bounds must not hold up a start for hours either.

/** Most terms of all conditions together, with their macros put in: hundreds of times those of all public rules. */
const MAX_TERMS = 3_000_000

/** The terms that are left for the rules still to come. */
export class LoadBudget {
  #terms = 0

  /** Takes the terms of one condition. @returns why there is no room for them; null when there is */
  problemWith(terms: number): string | null {
    if (this.#terms + terms > MAX_TERMS) return `all conditions together have more than ${String(MAX_TERMS)} terms with their macros put in`
    this.#terms += terms
    return null
  }
}
