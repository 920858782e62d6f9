// The tree of a compiled condition, and of a verdict on it, as JSON; and the names of the macros and lists that its parts came from. A
// compiled condition no longer holds those names. A part is recognized by its content: if it equals a macro, it gets the macro's name.
import { substituteLists } from '../../falco/expand-lists.js'
import { countNodes } from '../../falco/expand-macros.js'
import type { FalcoDefinitions } from '../../falco/load-falco.js'
import { parseCondition, RULE_MAX_DEPTH } from '../../language/parser.js'
import { printCondition, printOperand } from '../../language/printer.js'
import { ConditionSyntaxError } from '../../language/tokenizer.js'
import type { Expression, ComparisonCheck, ExistsCheck } from '../../language/tree.js'
import { printable } from '../../../../infra/text/printable.js'
import type { VerdictNode } from '../../evaluate/explain-verdict.js'
import { fromByteText } from '../../text/byte-text.js'

/** Finds the macro or list that a part came from. */
export interface PartNames {
  /** `macro NAME`, `list NAME`, or null. Harmless for a terminal. */
  nameOf(tree: Expression): string | null
}

/** For rules without macros and lists. */
export const NO_NAMES: PartNames = { nameOf: () => null }

/** Larger parts are not recognized: that costs as much as printing. */
const MAX_NAMED_NODES = 5000

/** The names of the loaded macros and lists. */
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
    if (countNodes(whole, MAX_NAMED_NODES) > MAX_NAMED_NODES) continue
    // Of several equal macros, the first is the one that the others were copied from: never_true, not every macro that is never true.
    const text = printCondition(whole, 'parseable')
    if (!names.has(text)) names.set(text, `macro ${printable(name)}`)
  }
  return { nameOf: (tree) => nameOf(tree, names) }
}

function nameOf(tree: Expression, names: ReadonlyMap<string, string>): string | null {
  if (countNodes(tree, MAX_NAMED_NODES) > MAX_NAMED_NODES) return null
  const macro = names.get(printCondition(tree, 'parseable'))
  if (macro !== undefined) return macro
  if (tree.kind !== 'comparison' || tree.right.kind !== 'values') return null
  return names.get(listKey(tree.right.texts)) ?? null
}

const listKey = (texts: readonly string[]): string => JSON.stringify(texts)

/** Macros are defined before they are used, so an unknown macro is an error that was reported elsewhere. */
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

/** Larger trees are left out of the JSON; their text is there. */
const MAX_JSON_NODES = 20_000

/** `{"kind":"and","name"?,"children":[…]}`, `{"kind":"check","text","field","operator","modifier"?,"values"?}`; null for a tree that is too large. */
export function treeJson(tree: Expression, names: PartNames): object | null {
  return countNodes(tree, MAX_JSON_NODES) > MAX_JSON_NODES ? null : nodeJson(tree, names)
}

function nodeJson(tree: Expression, names: PartNames): object {
  const name = names.nameOf(tree)
  const named = name === null ? {} : { name }
  switch (tree.kind) {
    case 'and':
    case 'or':
      return { kind: tree.kind, ...named, children: tree.children.map((child) => nodeJson(child, names)) }
    case 'not':
      return { kind: 'not', ...named, child: nodeJson(tree.child, names) }
    case 'macro':
      return { kind: 'macro', name: tree.name }
    default:
      return { kind: 'check', ...named, ...checkJson(tree) }
  }
}

function checkJson(check: ComparisonCheck | ExistsCheck): object {
  const head = { text: printCondition(check), left: printOperand(check.left) }
  if (check.kind === 'exists') return { ...head, operator: 'exists' }
  const { operator, modifier, right } = check
  const values = right.kind === 'values' ? right.texts.map(fromByteText) : right.kind === 'value' ? [fromByteText(right.text)] : null
  return {
    ...head,
    operator,
    ...(modifier === null ? {} : { modifier }),
    ...(values === null ? {} : { values }),
    ...(values !== null || right.kind === 'value' || right.kind === 'values' ? {} : { right: printOperand(right) }),
  }
}

/** The evaluated tree: `verdict` is true, false or null (unknown), `asked` false if it was already settled, `read` has the field values. */
export function verdictJson(node: VerdictNode): object {
  const head = { verdict: node.verdict, asked: node.isAsked }
  if (node.kind !== 'check') {
    return { kind: node.kind, ...head, ...(node.isCut ? { cut: true } : {}), children: node.children.map(verdictJson) }
  }
  const { check, read, matching } = node
  return {
    kind: 'check',
    ...head,
    text: printCondition(check),
    read: read.map(({ field, state, values }) => ({ field, state, ...(state === 'present' ? { values } : {}) })),
    ...(matching.length === 0 ? {} : { matching: matching.map(fromByteText) }),
  }
}
