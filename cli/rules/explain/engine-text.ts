// The text output of `rules explain --engine`.
import type { DescribedTest } from '../../../processors/rule-engine/compiled/filter-description.js'
import type { EngineExplanation } from '../../../processors/rule-engine/workbench/explain/engine-explanation.js'
import { counted, printable } from '../../../infra/text/printable.js'

/** Texts of a test that are shown without --full. */
const MAX_TEXTS = 4

/** @param isFull every text of every test */
export function engineText(name: string, described: readonly EngineExplanation[], isFull: boolean): string {
  const parts = described.map(({ eventTypes, rows }) => {
    const head = `${eventTypes.join(', ')}: ${rows.length === 0 ? 'never' : counted(rows.length, 'row')}`
    return [head, ...rows.flatMap((row, index) => rowLines(row, index, isFull))].join('\n')
  })
  return `${printable(name)}\nThe rule is evaluated on an event if all tests of one row may hold.\n\n${parts.join('\n\n')}\n`
}

function rowLines(row: readonly DescribedTest[], index: number, isFull: boolean): string[] {
  if (row.length === 0) return [`  row ${String(index + 1)}: every event`]
  return [`  row ${String(index + 1)}:`, ...row.map((test) => `    ${testLine(test, isFull)}`)]
}

function testLine({ operand, isExcluded, lookedFor, kind, plan, source }: DescribedTest, isFull: boolean): string {
  const texts = isFull ? lookedFor : lookedFor.slice(0, MAX_TEXTS)
  const more = lookedFor.length - texts.length
  const list = `${texts.map(printable).join(' | ')}${more > 0 ? ` | ... ${String(more)} more` : ''}`
  const wanted = { exact: list, necessary: `${list} (necessary)`, number: 'by its number', value: 'any value' }[kind]
  const place = plan === null ? 'decoded' : source === null ? `bytes: ${plan}` : `bytes: ${plan}, first in ${source}`
  return `${isExcluded ? 'not ' : ''}${printable(operand)}: ${wanted} [${place}]`
}
