// Expands macros in trees. A macro sees only the macros defined before it; rules see all. Trees are shared, not copied, so the size of a macro that
// doubles again and again is counted without building the tree.
import type { Expression, MacroReference } from '../language/tree.js'

/** A macro with its parsed condition and its place in the load order. */
export interface ParsedMacro {
  readonly name: string
  readonly tree: Expression
  readonly index: number
  readonly visibility: number
}

/** A macro that a tree names but can't see, or one that contains itself. */
export interface MacroProblem {
  readonly kind: 'undefined' | 'loop'
  readonly reference: MacroReference
  /** Macros that contain each other, with the first one again at the end; empty if there is no cycle. */
  readonly circle: readonly string[]
  /** The macro is defined after the one that names it. */
  readonly isLater: boolean
}

/** Called for a macro that is too large or too deep after expansion. It is not expanded anywhere. */
export type OversizeReporter = (macro: ParsedMacro, problem: string) => void

/** Most nodes of one condition with its macros expanded: a hundred times the largest public rule. */
export const MAX_NODES = 50_000
/** Deepest nesting with macros expanded: functions on trees are recursive. */
export const MAX_DEPTH = 500

/** Expands the macros of one load, each macro once. */
export class MacroExpander {
  readonly sizes = new TreeSizes()
  readonly #macros: Map<string, ParsedMacro>
  readonly #expanded = new Map<string, Expression>()
  readonly used = new Set<string>()

  /** @param macros in load order */
  constructor(macros: readonly ParsedMacro[]) {
    this.#macros = new Map(macros.map((macro) => [macro.name, macro]))
  }

  /** Expands every macro, in load order, so that each sees only those before it. */
  expandMacros(onProblem: (macro: ParsedMacro, problem: MacroProblem) => void, onOversize: OversizeReporter): void {
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

  /** The path from a macro through one that it names back to itself. */
  #circle(owner: string, mentioned: string): readonly string[] {
    const seen = new Set<string>()
    const paths: (readonly string[])[] = [[owner, mentioned]]
    for (let path = paths.pop(); path !== undefined; path = paths.pop()) {
      const name = path.at(-1) ?? owner
      if (name === owner) return path
      if (seen.has(name)) continue
      seen.add(name)
      const macro = this.#macros.get(name)
      for (const { name: next } of macro === undefined ? [] : macrosIn(macro.tree)) paths.push([...path, next])
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

/** Counts nodes and levels of trees, with shared nodes counted each time they occur, and caches the results. */
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

/** Size of a tree with its macros expanded. */
export interface TreeSize {
  readonly nodes: number
  readonly depth: number
}

/** Why a tree is too large to be evaluated; null if it is not. */
export function sizeProblem({ nodes, depth }: TreeSize): string | null {
  if (nodes > MAX_NODES) return `the condition has more than ${String(MAX_NODES)} terms with its macros expanded`
  return depth > MAX_DEPTH ? `the condition is nested deeper than ${String(MAX_DEPTH)} with its macros expanded` : null
}

/** The macros that remain in a tree. Each shared node is visited once. */
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

/** Number of nodes of a tree, with shared nodes counted each time they occur; at most one above the limit. */
export function countNodes(tree: Expression, limit = MAX_NODES): number {
  return Math.min(new TreeSizes().of(tree).nodes, limit + 1)
}

/** Most terms of all conditions of one load, with macros expanded: hundreds of times those of all public rules. Many rules within their own bounds must not
 * delay a start for hours. */
const MAX_TERMS = 3_000_000

/** The terms that remain for the following rules. */
export class LoadBudget {
  #terms = 0

  /** Takes the terms of one condition. @returns why they are too many; null if they are not */
  problemWith(terms: number): string | null {
    if (this.#terms + terms > MAX_TERMS)
      return `all conditions together have more than ${String(MAX_TERMS)} terms with their macros expanded`
    this.#terms += terms
    return null
  }
}
