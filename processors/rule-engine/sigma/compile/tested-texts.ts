// The texts that a condition compares a field with: for sentences that say why it never holds.
import type { BoundExpression } from '../../compile/bound-tree.js'
import { fromByteText } from '../../text/byte-text.js'

/** Unicode texts, each once, in their order. @param key of the field, as the rule writes it */
export function testedTexts(condition: BoundExpression, key: string): string[] {
  const texts = new Set<string>()
  const visit = (node: BoundExpression): void => {
    switch (node.kind) {
      case 'and':
      case 'or':
        return node.children.forEach(visit)
      case 'not':
        return visit(node.child)
      case 'exists':
        return
      case 'comparison': {
        const { left, right } = node
        const operand = left.kind === 'transformer' ? left.inputs[0] : left
        if (operand?.kind !== 'field' || operand.field.key !== key || right.kind !== 'constants') return
        for (const constant of right.constants) if (typeof constant === 'string') texts.add(fromByteText(constant))
      }
    }
  }
  visit(condition)
  return [...texts]
}
