// Which parts of a run are at work at the same time. A run is three columns of steps, for the two cores of a small machine: what needs a core all the
// time (checks, unit tests, commands), what executes much on the kernel (e2e), and what mostly waits, for sessions, transactions and killed services to
// end.
import { checksOfTheTree } from './tree-checks.js'
import { runChecks } from './run-check.js'
import { runTier } from './run-tier.js'
import { slowestLine, type TierReport } from './tier-report.js'
import { filesOfTier, TIERS } from './tiers.js'

/** The checks, a tier, or some folders of one. */
export interface Step {
  /** `checks`, or the name of a tier. */
  readonly name: string
  readonly folders?: readonly string[]
}

export const CHECKS = 'checks'

/** The steps of a whole run. Each folder of a divided tier is in one of its steps: a unit test compares. */
export const COLUMNS: readonly (readonly Step[])[] = [
  [
    { name: CHECKS },
    { name: 'unit' },
    { name: 'unit-node-24' },
    { name: 'integration', folders: ['bpf', 'cli', 'collector', 'processors', 'schemas'] },
  ],
  [{ name: 'e2e' }, { name: 'browser' }],
  [{ name: 'integration', folders: ['infra'] }, { name: 'chaos' }, { name: 'endurance' }],
]

/** Runs the steps that are named, each of the files whose path contains one of `words`. @returns the reports of all steps */
export async function runColumns(
  names: ReadonlySet<string>,
  words: readonly string[],
  print: (line: string) => void,
): Promise<TierReport[]> {
  const isNamed = ({ name, folders = [] }: Step): boolean =>
    names.has(name) && (words.length === 0 || name === CHECKS || filesOfTier(name, { folders, words }).length > 0)
  const columns = COLUMNS.map((steps) => steps.filter(isNamed)).filter((steps) => steps.length > 0)
  if (columns.length === 0) print('no file of tests matches')
  const reports = await Promise.all(columns.map((steps, index) => runColumn(steps, words, print, index > 0)))
  return reports.flat()
}

/** The first column prints as it runs, another the whole of a step at its end: their lines do not mix within a step. */
async function runColumn(
  steps: readonly Step[],
  words: readonly string[],
  print: (line: string) => void,
  isHeld: boolean,
): Promise<TierReport[]> {
  const reports: TierReport[] = []
  for (const step of steps) {
    const lines: string[] = []
    const say = isHeld ? (line: string): void => void lines.push(line) : print
    const startedMs = performance.now()
    say(titleOf(step))
    const report = await runStep(step, words, say)
    reports.push(report)
    const slowest = slowestLine(report.files)
    if (slowest !== null) say(`  ${slowest}`)
    say(`  ${titleOf(step)}: ${((performance.now() - startedMs) / 1000).toFixed(0)} s`)
    if (isHeld) print(lines.join('\n'))
  }
  return reports
}

function titleOf({ name, folders }: Step): string {
  return folders === undefined ? name : `${name} of ${folders.join(', ')}`
}

async function runStep({ name, folders = [] }: Step, words: readonly string[], print: (line: string) => void): Promise<TierReport> {
  if (name === CHECKS) return await runChecks(checksOfTheTree(), print)
  const tier = TIERS.find((candidate) => candidate.name === name)
  if (tier === undefined) throw new Error(`there is no tier ${name}`)
  return await runTier(tier, { folders, words }, print)
}
