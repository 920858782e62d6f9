// What a backtest says, as a table and as JUnit XML.
import type { BacktestReport, ChangedAlert, RuleComparison } from '../../processors/forensics/hunt/backtest.js'
import { counted, printable } from '../../infra/text/printable.js'
import { xmlText } from '../rules/test/test-report.js'
import { columnTable, cut } from '../terminal/terminal-text.js'

const SHOWN_CHANGES = 20

/** Rules of which a test of a pipeline fails: they differ, or make more noise than allowed. */
export function failureOf(rule: RuleComparison, mostPerHostDay: number | undefined): string | null {
  if (mostPerHostDay !== undefined && rule.perHostDay > mostPerHostDay) {
    return `${rule.perHostDay.toFixed(2)} alerts per host and day, more than ${String(mostPerHostDay)}`
  }
  if (mostPerHostDay === undefined && rule.fresh + rule.gone > 0) return `${String(rule.fresh)} new, ${String(rule.gone)} gone`
  return null
}

export function replayText({ rules, changes, otherRules, uncompared }: BacktestReport, repeated: number, width: number): string {
  const table = columnTable<RuleComparison>(
    [
      { title: 'NEW', value: ({ fresh }) => String(fresh).padStart(5) },
      { title: 'GONE', value: ({ gone }) => String(gone).padStart(5) },
      { title: 'SAME', value: ({ same }) => String(same).padStart(6) },
      { title: 'PER HOST AND DAY', value: ({ perHostDay }) => perHostDay.toFixed(2).padStart(9) },
      {
        title: 'NOISIEST',
        value: ({ noisiest }) => (noisiest === null ? '' : `${cut(noisiest.hostName, 24)} ${noisiest.perDay.toFixed(1)}/d`),
      },
      {
        title: 'RULE',
        value: ({ rule, isCorrelation }) => cut(`${rule}${isCorrelation ? ' (correlation)' : ''}`, Math.max(30, width - 80)),
      },
    ],
    rules,
  )
  const absent = rules.filter(({ absentHere, absentThen }) => absentHere + absentThen > 0)
  const lines = [
    ...changeLines(changes, 'new', width),
    ...changeLines(changes, 'gone', width),
    ...absent.map(
      ({ rule, absentHere, absentThen }) => `without facts: ${printable(rule)}: ${String(absentHere)} here, ${String(absentThen)} then`,
    ),
    ...(rules.some(({ isCorrelation }) => isCorrelation)
      ? ['correlations: events that came late then are in order here, so that theirs may differ']
      : []),
    ...(repeated > 0 ? [`${counted(repeated, 'alert')} of records that were sent twice left out`] : []),
    ...(otherRules > 0 ? [`${counted(otherRules, 'alert')} of that time of rules that are not in the set`] : []),
    ...(uncompared > 0 ? [`${counted(uncompared, 'alert')} of that time not compared: not read, gone, or too many`] : []),
  ]
  return `${rules.length === 0 ? 'no alerts, then or here\n' : table}${lines.map((line) => `${line}\n`).join('')}`
}

function changeLines(changes: readonly ChangedAlert[], change: ChangedAlert['change'], width: number): string[] {
  const some = changes.filter((each) => each.change === change).slice(0, SHOWN_CHANGES)
  return some.map(({ time, hostName, rule, output }) =>
    cut(`${change}: ${time} ${printable(hostName)} ${printable(rule)}: ${printable(output)}`, width),
  )
}

/** One test for each rule. */
export function replayJunit({ rules, changes }: BacktestReport, mostPerHostDay: number | undefined): string {
  const cases = rules.map((rule) => {
    const name = `    <testcase classname="replay" name="${xmlText(rule.rule)}"`
    const failure = failureOf(rule, mostPerHostDay)
    if (failure === null) return `${name}/>\n`
    const own = changes.filter((each) => each.rule === rule.rule).slice(0, SHOWN_CHANGES)
    const body = own.map(({ change, time, hostName, output }) => `${change} ${time} ${hostName} ${output}`).join('\n')
    return `${name}><failure message="${xmlText(failure)}">${xmlText(body)}</failure></testcase>\n`
  })
  const failures = rules.filter((rule) => failureOf(rule, mostPerHostDay) !== null).length
  const suite = `  <testsuite name="backtest" tests="${String(rules.length)}" failures="${String(failures)}" skipped="0">\n${cases.join('')}  </testsuite>\n`
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="eunomia replay">\n${suite}</testsuites>\n`
}
