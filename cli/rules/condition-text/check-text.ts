// One check of a condition as a line: written as in a rule, a long list of values folded to the first few and the number of the others.
import { printable } from '../../../infra/text/printable.js'
import { printCondition } from '../../../processors/rule-engine/language/printer.js'
import type { ComparisonCheck, ExistsCheck } from '../../../processors/rule-engine/language/tree.js'
import { cut } from '../../terminal/terminal-text.js'

/** Fewer values than this are never folded: a number says less than they do. */
const NEVER_FOLDED = 3

/** The check in at most `width` columns where folding can reach that; harmless for a terminal. */
export function checkText(check: ComparisonCheck | ExistsCheck, width: number): string {
  const whole = printable(printCondition(check))
  if (whole.length <= width || check.kind === 'exists' || check.right.kind !== 'values') return cut(whole, Math.max(width, 40))
  const { texts } = check.right
  let shown = ''
  for (let count = NEVER_FOLDED; count < texts.length; count++) {
    const folded = foldedText(check, count, texts.length - count)
    if (shown !== '' && folded.length > width) break
    shown = folded
    if (folded.length > width) break
  }
  return cut(shown === '' ? whole : shown, Math.max(width, 40))
}

function foldedText(check: ComparisonCheck, count: number, others: number): string {
  if (check.right.kind !== 'values') return printCondition(check)
  const texts = check.right.texts.slice(0, count)
  const text = printable(printCondition({ ...check, right: { ...check.right, texts } }))
  return `${text.slice(0, -1)}, … ${String(others)} more)`
}
