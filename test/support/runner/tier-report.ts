// The report of a tier: the message that its process sends to test/run.ts after every test, and the lines that sum up a run.

/** A test or a check that was skipped, and why. */
export interface Skip {
  readonly title: string
  readonly reason: string
}

/** How long a file of tests took. */
export interface FileTime {
  /** Path below the checkout, compiled. */
  readonly path: string
  readonly durationMs: number
}

/** The state of a tier. */
export interface TierReport {
  readonly passed: number
  readonly failed: number
  readonly skips: readonly Skip[]
  /** Title of the test that runs now; null between tests. */
  readonly running: string | null
  /** The tier came to its end: all its tests were tried. */
  readonly isComplete: boolean
  readonly files: readonly FileTime[]
}

export const NOTHING_YET: TierReport = { passed: 0, failed: 0, skips: [], running: null, isComplete: false, files: [] }

const SLOWEST = 8

/** The last line of a run, and nothing else has its form. */
export function summaryLine(passed: number, failed: number, skipped: number): string {
  return `${String(passed)} passed, ${String(failed)} failed${skipped === 0 ? '' : `, ${String(skipped)} skipped`}`
}

/** One line for each reason, the most frequent first. */
export function skipLines(skips: readonly Skip[]): string[] {
  const counts = new Map<string, number>()
  for (const { reason } of skips) counts.set(reason, (counts.get(reason) ?? 0) + 1)
  return [...counts].sort(([, a], [, b]) => b - a).map(([reason, count]) => `skipped ${String(count)}: ${reason}`)
}

/** The files that took longest, in one line; null when no file took a second. */
export function slowestLine(files: readonly FileTime[]): string | null {
  const slowest = files
    .filter(({ durationMs }) => durationMs >= 1000)
    .sort((a, b) => b.durationMs - a.durationMs)
    .slice(0, SLOWEST)
    .map(({ path, durationMs }) => `${path.replace(/^.*\btest\/|\.test\.js$/g, '')} ${(durationMs / 1000).toFixed(0)} s`)
  return slowest.length === 0 ? null : `slowest: ${slowest.join(', ')}`
}

/** Sum of reports. */
export function sumReports(reports: readonly TierReport[]): Pick<TierReport, 'passed' | 'failed' | 'skips' | 'files'> {
  return {
    passed: reports.reduce((sum, report) => sum + report.passed, 0),
    failed: reports.reduce((sum, report) => sum + report.failed, 0),
    skips: reports.flatMap((report) => report.skips),
    files: reports.flatMap((report) => report.files),
  }
}
