// Conditions and judged conditions as JSON, for programs: what `rules explain --json` and `rules eval --explain --json` tell.
import type { VerdictNode } from '../../evaluate/explain-verdict.js'
import { countNodes } from '../../falco/expand/expand-macros.js'
import { printCondition, printOperand } from '../../language/printer.js'
import type { ComparisonCheck, ExistsCheck, Expression } from '../../language/tree.js'
import { fromByteText } from '../../text/byte-text.js'
import type { PartNames } from './part-names.js'

/** Larger trees are not told as JSON; their text is. */
const MAX_NODES = 20_000

/** `{"kind":"and","name"?,"children":[…]}`, `{"kind":"check","text","field","operator","modifier"?,"values"?}`; null for a tree that is too large. */
export function treeJson(tree: Expression, names: PartNames): object | null {
  return countNodes(tree, MAX_NODES) > MAX_NODES ? null : nodeJson(tree, names)
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

/** The judged tree: `verdict` true, false or null (unknown), `asked` false where it was settled before, `read` the values of fields. */
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
