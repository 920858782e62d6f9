// How much of a test runs: `npm test` takes a dose of what is long (at most 60 s for a file), `npm run chaos` and `npm run endurance` take all of it.

/** The environment variable that test/run.ts sets for the processes of the tiers. */
export const FULL_RUN = 'EUNOMIA_TEST_FULL'

/** Whether this run takes its time. */
export function isFullRun(): boolean {
  return process.env[FULL_RUN] === '1'
}

/** Set for the processes of a tier that another tier has run with the node of this machine. */
export const SECOND_RUNTIME = 'EUNOMIA_TEST_SECOND_RUNTIME'

/** Whether the same files run once more, with another node: what is long and random is shorter in it. */
export function isSecondRuntime(): boolean {
  return process.env[SECOND_RUNTIME] === '1'
}

/** A size, count or time: `short` in `npm test`, `full` in a full run. */
export function dose(short: number, full: number): number {
  return isFullRun() ? full : short
}
