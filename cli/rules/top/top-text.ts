// The table of `rules top`: which rule costs, which is noisy, which never fires.
import { counted } from '../../../infra/text/counted.js'
import { printable } from '../../../infra/text/printable.js'
import { columnTable, cut } from '../../terminal/terminal-text.js'
import { type TopRule, costUs } from './top-rule.js'

/** Columns before the name, with the blanks between. */
const NUMBERS_WIDTH = 44

/** @param shown the rows; @param all what they were chosen from */
export function topText(shown: readonly TopRule[], all: readonly TopRule[], width: number): string {
  const totalSeconds = all.reduce((sum, { seconds }) => sum + seconds, 0)
  const share = (seconds: number): string => (totalSeconds === 0 ? '-' : `${((seconds / totalSeconds) * 100).toFixed(1)} %`)
  const table = columnTable<TopRule>(
    [
      { title: 'TIME', value: ({ seconds }) => share(seconds).padStart(7) },
      { title: 'US/JUDGED', value: (rule) => (rule.seconds === 0 ? '-' : costUs(rule).toFixed(2)).padStart(9) },
      { title: 'JUDGED', value: ({ evaluated }) => String(evaluated).padStart(9) },
      { title: 'MATCHED', value: ({ matched }) => String(matched).padStart(8) },
      { title: 'RULE', value: ({ name }) => cut(printable(name), Math.max(20, width - NUMBERS_WIDTH)) },
    ],
    shown,
  )
  const matched = all.filter((rule) => rule.matched > 0).length
  const unjudged = all.filter(({ evaluated }) => evaluated === 0).length
  const summary = [
    `${counted(all.length, 'rule')}: ${String(matched)} matched, ${String(all.length - matched)} never did`,
    `${String(unjudged)} ${unjudged === 1 ? 'was' : 'were'} never even judged`,
    `${totalSeconds.toFixed(3)} s in all`,
  ]
  const rest = shown.length < all.length ? `... ${counted(all.length - shown.length, 'more rule')}; --limit 0 shows all\n` : ''
  return `${table}${rest}${summary.join('; ')}\n`
}
