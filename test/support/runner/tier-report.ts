// What one tier tells the run that started it: the message that goes from the tier's process to test/run.ts after every test.

/** A test or a check that was left out, and why. */
export interface Skip {
  readonly title: string
  readonly reason: string
}

/** Where a tier stands. */
export interface TierReport {
  readonly passed: number
  readonly failed: number
  readonly skips: readonly Skip[]
  /** Title of the test that runs now; null between tests. */
  readonly running: string | null
  /** The tier came to its end: all its tests were tried. */
  readonly isComplete: boolean
}

export const NOTHING_YET: TierReport = { passed: 0, failed: 0, skips: [], running: null, isComplete: false }

/** The last line of a run, and nothing else has its form. */
export function summaryLine(passed: number, failed: number, skipped: number): string {
  return `${String(passed)} passed, ${String(failed)} failed${skipped === 0 ? '' : `, ${String(skipped)} skipped`}`
}

/** Sum of reports. */
export function sumReports(reports: readonly TierReport[]): { passed: number; failed: number; skips: readonly Skip[] } {
  return {
    passed: reports.reduce((sum, report) => sum + report.passed, 0),
    failed: reports.reduce((sum, report) => sum + report.failed, 0),
    skips: reports.flatMap((report) => report.skips),
  }
}
