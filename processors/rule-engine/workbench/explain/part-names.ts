// Which macro or list a part of a compiled condition came from. A compiled condition has neither any more; people who wrote them look for
// their names. Parts are recognised by what they say: a part that equals a macro is called by its name, wherever it was written out.
import { substituteLists } from '../../falco/expand/expand-lists.js'
import { countNodes } from '../../falco/expand/expand-macros.js'
import type { FalcoDefinitions } from '../../falco/load-falco.js'
import { parseCondition, RULE_MAX_DEPTH } from '../../language/parser.js'
import { printCondition } from '../../language/printer.js'
import { ConditionSyntaxError } from '../../language/syntax-error.js'
import type { Expression } from '../../language/tree.js'
import { printable } from '../../../../infra/text/printable.js'

/** Finds the name of a part. */
export interface PartNames {
  /** `macro NAME`, `list NAME`, or null. Harmless for a terminal. */
  nameOf(tree: Expression): string | null
}

/** For rules that know no macros and lists. */
export const NO_NAMES: PartNames = { nameOf: () => null }

/** Parts larger than this are not looked at: recognising costs as much as printing. */
const MAX_NODES = 5000

/** The names of the macros and lists of a load. */
export function partNames({ macros, lists }: Pick<FalcoDefinitions, 'macros' | 'lists'>): PartNames {
  const names = new Map<string, string>()
  const expanded = new Map<string, Expression>()
  const parse = (text: string): Expression | null => {
    try {
      return parseCondition(substituteLists(text, lists)?.text ?? '', { maxDepth: RULE_MAX_DEPTH })
    } catch (error) {
      if (error instanceof ConditionSyntaxError) return null
      throw error
    }
  }
  for (const { name } of lists) {
    const tree = parse(`a.b in (${name})`)
    if (tree?.kind === 'comparison' && tree.right.kind === 'values' && tree.right.texts.length > 1) {
      names.set(listKey(tree.right.texts), `list ${printable(name)}`)
    }
  }
  for (const { name, condition } of macros) {
    const tree = parse(condition.text)
    if (tree === null) continue
    const whole = withMacros(tree, expanded)
    expanded.set(name, whole)
    if (countNodes(whole, MAX_NODES) > MAX_NODES) continue
    // Of several that say the same the first is the one that the others were written after: never_true, not all that never hold.
    const text = printCondition(whole, 'parseable')
    if (!names.has(text)) names.set(text, `macro ${printable(name)}`)
  }
  return { nameOf: (tree) => nameOf(tree, names) }
}

function nameOf(tree: Expression, names: ReadonlyMap<string, string>): string | null {
  if (countNodes(tree, MAX_NODES) > MAX_NODES) return null
  const macro = names.get(printCondition(tree, 'parseable'))
  if (macro !== undefined) return macro
  if (tree.kind !== 'comparison' || tree.right.kind !== 'values') return null
  return names.get(listKey(tree.right.texts)) ?? null
}

const listKey = (texts: readonly string[]): string => JSON.stringify(texts)

/** Macros are defined before they are used, so what is not known here is an error that was told elsewhere. */
function withMacros(tree: Expression, known: ReadonlyMap<string, Expression>): Expression {
  switch (tree.kind) {
    case 'and':
    case 'or':
      return { ...tree, children: tree.children.map((child) => withMacros(child, known)) }
    case 'not':
      return { ...tree, child: withMacros(tree.child, known) }
    case 'macro':
      return known.get(tree.name) ?? tree
    default:
      return tree
  }
}
