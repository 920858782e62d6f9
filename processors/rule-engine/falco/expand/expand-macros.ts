// Macros are put into trees. A macro sees the macros defined before it, rules see all. Trees are shared, not copied, so what a macro
// that doubles itself again and again would cost is counted instead of built.
import type { Expression, MacroReference } from '../../language/tree.js'

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
}

/** Most nodes of one condition with its macros put in. */
export const MAX_NODES = 500_000

export class MacroExpander {
  readonly #macros: ReadonlyMap<string, ParsedMacro>
  readonly #expanded = new Map<string, Expression>()
  readonly used = new Set<string>()

  /** @param macros in load order */
  constructor(macros: readonly ParsedMacro[]) {
    this.#macros = new Map(macros.map((macro) => [macro.name, macro]))
  }

  /** Expands every macro by itself, in load order, so that each sees only those before it. */
  expandMacros(onProblem: (macro: ParsedMacro, problem: MacroProblem) => void): ReadonlyMap<string, Expression> {
    for (const macro of this.#macros.values()) {
      this.#expanded.set(
        macro.name,
        this.#expand(macro.tree, macro.visibility, [], (problem) => onProblem(macro, problem)),
      )
    }
    return this.#expanded
  }

  /** Expands the condition of a rule. Call after expandMacros. */
  expandRule(tree: Expression, onProblem: (problem: MacroProblem) => void): Expression {
    return this.#expand(tree, Infinity, [], onProblem)
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
      onProblem({ kind: 'undefined', reference })
      return reference
    }
    if (path.includes(macro.name)) {
      onProblem({ kind: 'loop', reference })
      return reference
    }
    this.used.add(macro.name)
    const expanded = this.#expanded.get(macro.name)
    return expanded ?? this.#expand(macro.tree, visibility, [...path, macro.name], onProblem)
  }
}

/** Nodes of a tree, shared ones counted each time they occur; stops counting above the limit. */
export function countNodes(tree: Expression, limit = MAX_NODES): number {
  const sizes = new Map<Expression, number>()
  const size = (node: Expression): number => {
    const known = sizes.get(node)
    if (known !== undefined) return known
    let total = 1
    if (node.kind === 'and' || node.kind === 'or') for (const child of node.children) total += size(child)
    else if (node.kind === 'not') total += size(node.child)
    const bounded = Math.min(total, limit + 1)
    sizes.set(node, bounded)
    return bounded
  }
  return size(tree)
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
