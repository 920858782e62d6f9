// Results of rule tests: as text with the coverage of the rules, and as JUnit XML for build servers.
import { counted, printable } from '../../../infra/text/printable.js'
import { type Colors, columnTable, cut } from '../../terminal/terminal-text.js'
import { VERDICT_LEGEND, verdictLines } from '../condition-lines.js'
import { type CaseResult, type RuleCoverage, countsOf } from '../../../processors/rule-engine/workbench/rule-tests/rule-test.js'

/** How results are displayed. */
export interface ReportStyle {
  readonly width: number
  readonly colors: Colors
  /** Show passed tests, too. */
  readonly isVerbose: boolean
}

/** Failures with what was expected, what happened, and why; then the counts. */
export function reportText(results: readonly CaseResult[], style: ReportStyle): string {
  const blocks = results.filter((result) => style.isVerbose || !result.isPassed).map((result) => resultText(result, style))
  const legend = results.some(({ why }) => why !== null) ? `${style.colors.dim(VERDICT_LEGEND)}\n` : ''
  return `${blocks.join('')}${legend}${summaryText(results)}\n`
}

function resultText(result: CaseResult, { width, colors }: ReportStyle): string {
  const title = printable(`${result.rule}: ${result.name}`)
  if (result.isPassed) return `${colors.green('pass')} ${title}\n`
  if (result.skipped !== null) return `${colors.yellow('skip')} ${title}: ${printable(result.skipped)}\n`
  const lines = [
    `${colors.red('FAIL')} ${title} (${printable(result.file)})`,
    `     expected: ${printable(result.expected)}`,
    `     got:      ${printable(result.got)}`,
  ]
  for (const line of result.diff) {
    const text = `     ${printable(line)}`
    lines.push(line.startsWith('-') ? colors.red(text) : line.startsWith('+') ? colors.green(text) : text)
  }
  if (result.why !== null)
    lines.push(...verdictLines(result.why, { width: width - 7, colors, isWhole: false }).map((line) => `       ${line}`))
  return `${lines.join('\n')}\n\n`
}

function summaryText(results: readonly CaseResult[]): string {
  const { passed, failed, skipped } = countsOf(results)
  return `${counted(results.length, 'test')}: ${String(passed)} passed, ${String(failed)} failed${skipped === 0 ? '' : `, ${String(skipped)} skipped`}`
}

/** JUnit XML with one suite for each test file. */
export function junitXml(results: readonly CaseResult[]): string {
  const files = [...new Set(results.map(({ file }) => file))]
  const suites = files.map((file) => {
    const own = results.filter((result) => result.file === file)
    const { failed, skipped } = countsOf(own)
    const cases = own.map(
      (result) => `    <testcase classname="${xmlText(result.rule)}" name="${xmlText(result.name)}"${caseBody(result)}\n`,
    )
    return `  <testsuite name="${xmlText(file)}" tests="${String(own.length)}" failures="${String(failed)}" skipped="${String(skipped)}">\n${cases.join('')}  </testsuite>\n`
  })
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="eunomia rules test">\n${suites.join('')}</testsuites>\n`
}

function caseBody({ isPassed, skipped, expected, got, diff }: CaseResult): string {
  if (isPassed) return '/>'
  if (skipped !== null) return `><skipped message="${xmlText(skipped)}"/></testcase>`
  return `><failure message="${xmlText(`expected: ${expected}; got: ${got}`)}">${xmlText(diff.join('\n'))}</failure></testcase>`
}

// Characters that XML 1.0 can't hold become U+FFFD.
const NO_XML = /[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu
/** Text for XML. */
export function xmlText(text: string): string {
  return text.replace(NO_XML, '\ufffd').replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;').replace(/"/g, '&quot;')
}

/** Rules without a test that must fire or without one that must not, and how many have both. */
export function coverageText(all: readonly RuleCoverage[], width: number): string {
  const lacking = all.filter(({ positive, negative }) => positive === 0 || negative === 0)
  const whole = `${String(all.length - lacking.length)} of ${counted(all.length, 'rule is', 'rules are')} tested from both sides\n`
  if (lacking.length === 0) return whole
  const count = (value: number, title: string): string => (value === 0 ? 'none' : String(value)).padStart(title.length)
  const table = columnTable<RuleCoverage>(
    [
      { title: 'MUST FIRE', value: ({ positive }) => count(positive, 'MUST FIRE') },
      { title: 'MUST NOT', value: ({ negative }) => count(negative, 'MUST NOT') },
      { title: 'RULE', value: ({ rule }) => cut(printable(rule), Math.max(30, width - 21)) },
    ],
    lacking,
  )
  return `${table}${whole}`
}
