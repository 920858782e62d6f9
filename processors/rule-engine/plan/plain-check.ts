// A check of one field with texts of which one is enough, which is what most rules are made of.
import type { BoundCheck } from '../compile/bound-tree.js'
import { fromByteText, toByteText } from '../text/byte-text.js'

export interface PlainCheck {
  readonly field: string
  readonly operator: string
  /** Unicode texts. */
  readonly texts: readonly string[]
}

/** Null for every other check, and for texts that are no UTF-8: they can't be told in JSON. */
export function plainCheckOf(check: BoundCheck): PlainCheck | null {
  if (check.kind === 'exists' || check.left.kind !== 'field' || check.right.kind !== 'constants') return null
  if (check.modifier === 'allof') return null
  const { constants } = check.right
  const bytes = constants.filter((constant) => typeof constant === 'string')
  const texts = bytes.map(fromByteText)
  if (bytes.length !== constants.length || texts.some((text, index) => toByteText(text) !== bytes[index])) return null
  return { field: check.left.field.key, operator: check.operator, texts }
}
