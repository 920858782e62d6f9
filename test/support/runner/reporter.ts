// The mocha reporter of a tier: prints one line for each suite of a file and each failure at once, and sends counts to the run that started it.
import { readFileSync } from 'node:fs'
import Mocha from 'mocha'
import { skipReasonOf } from './skip-because.js'
import { NOTHING_YET, type FileTime, type Skip, type TierReport } from './tier-report.js'

const { EVENT_TEST_BEGIN, EVENT_TEST_PASS, EVENT_TEST_FAIL, EVENT_TEST_PENDING, EVENT_SUITE_BEGIN, EVENT_SUITE_END, EVENT_RUN_END } =
  Mocha.Runner.constants

/** Index of utime after the name of the program; stime, cutime and cstime follow. */
const UTIME = 11
/** USER_HZ, the same on all architectures that Node runs on. */
const TICKS_PER_S = 100

/** Receives the counts after each change. */
export type ReportListener = (report: TierReport) => void

/** A reporter class of mocha for one listener and one printer of lines. */
export function reporterFor(onReport: ReportListener, print: (line: string) => void): Mocha.ReporterConstructor {
  return class extends Mocha.reporters.Base {
    constructor(runner: Mocha.Runner, options?: Mocha.MochaOptions) {
      super(runner, options)
      observe(runner, onReport, print)
    }
  }
}

function observe(runner: Mocha.Runner, onReport: ReportListener, print: (line: string) => void): void {
  let report = NOTHING_YET
  let before = report
  let startedMs = 0
  let cpuStartedS = 0
  const update = (change: Partial<TierReport>): void => {
    report = { ...report, ...change }
    onReport(report)
  }
  runner.on(EVENT_SUITE_BEGIN, (suite) => {
    if (!isOutermost(suite)) return
    before = report
    startedMs = Date.now()
    cpuStartedS = cpuSeconds()
  })
  runner.on(EVENT_SUITE_END, (suite) => {
    if (!isOutermost(suite)) return
    const durationMs = Date.now() - startedMs
    if (suite.file !== undefined) update({ files: withTime(report.files, suite.file, durationMs) })
    print(suiteLine(suite.title, before, report, { durationMs, cpuS: cpuSeconds() - cpuStartedS }))
  })
  runner.on(EVENT_TEST_BEGIN, (test) => {
    update({ running: test.fullTitle() })
  })
  runner.on(EVENT_TEST_PASS, () => {
    update({ passed: report.passed + 1, running: null })
  })
  runner.on(EVENT_TEST_FAIL, (test, error: unknown) => {
    print(failureText(test, error))
    update({ failed: report.failed + 1, running: null })
  })
  runner.on(EVENT_TEST_PENDING, (test) => {
    const skip: Skip = { title: test.fullTitle(), reason: skipReasonOf(test) ?? 'no reason given' }
    update({ skips: [...report.skips, skip], running: null })
  })
  runner.on(EVENT_RUN_END, () => {
    update({ isComplete: true })
  })
}

/** A file may have several suites. */
function withTime(files: readonly FileTime[], path: string, durationMs: number): FileTime[] {
  const earlierMs = files.find((file) => file.path === path)?.durationMs ?? 0
  return [...files.filter((file) => file.path !== path), { path, durationMs: earlierMs + durationMs }]
}

function isOutermost(suite: Mocha.Suite): boolean {
  return suite.parent?.root === true
}

/** CPU time of this process and of the children that have ended, seconds; without services of the machine, such as Docker. @see proc_pid_stat(5) */
function cpuSeconds(): number {
  const fields = readFileSync('/proc/self/stat', 'latin1')
    .replace(/^.*\) /s, '')
    .split(' ')
  return fields.slice(UTIME, UTIME + 4).reduce((sum, ticks) => sum + Number(ticks), 0) / TICKS_PER_S
}

function suiteLine(
  title: string,
  before: TierReport,
  after: TierReport,
  { durationMs, cpuS }: { durationMs: number; cpuS: number },
): string {
  const parts = [`${String(after.passed - before.passed)} ok`]
  if (after.failed > before.failed) parts.push(`${String(after.failed - before.failed)} FAILED`)
  if (after.skips.length > before.skips.length) parts.push(`${String(after.skips.length - before.skips.length)} skipped`)
  return `  ${parts.join(', ').padEnd(14)} ${title} (${(durationMs / 1000).toFixed(1)} s, CPU ${cpuS.toFixed(1)} s)`
}

function failureText(test: Mocha.Runnable, error: unknown): string {
  const file = test.file === undefined ? '' : `\n    in ${test.file}`
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error)
  const diff = isComparison(error) ? `\n${Mocha.reporters.Base.generateDiff(printable(error.actual), printable(error.expected))}` : ''
  return `  FAILED: ${test.fullTitle()}${file}\n${indent(text + diff)}`
}

function isComparison(error: unknown): error is { actual: unknown; expected: unknown } {
  return error instanceof Error && 'actual' in error && 'expected' in error && error.message.length < 20
}

function printable(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value, null, 2) ?? String(value))
}

function indent(text: string): string {
  return text
    .split('\n')
    .map((line) => `    ${line}`)
    .join('\n')
}
