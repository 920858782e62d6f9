// `npm test`: the checks of the tree, then every tier, and one last line `N passed, N failed`.
// `npm test -- unit collector` runs the tiers that are named, of them the files whose path contains one of the other words.
import { checksOfTheTree } from './support/runner/tree-checks.js'
import { runChecks } from './support/runner/run-check.js'
import { runTier } from './support/runner/run-tier.js'
import { sumReports, summaryLine, type TierReport } from './support/runner/tier-report.js'
import { TIERS, type Tier } from './support/runner/tiers.js'

const CHECKS = 'checks'

const print = (line: string): void => {
  process.stdout.write(`${line}\n`)
}

/** The checks, or a tier. */
interface Step {
  readonly name: string
  run(say: (line: string) => void): Promise<TierReport>
}

async function main(words: readonly string[]): Promise<number> {
  const named = TIERS.filter((tier) => words.includes(tier.name))
  const filters = words.filter((word) => word !== CHECKS && !TIERS.some((tier) => tier.name === word))
  const isChecked = words.length === 0 || words.includes(CHECKS)
  const tiers = named.length > 0 || words.includes(CHECKS) ? named : TIERS
  const reports: TierReport[] = []
  for (const lane of lanesOf(stepsOf(isChecked, tiers, filters))) reports.push(...(await runLane(lane)))
  const { passed, failed, skips } = sumReports(reports)
  for (const skip of skips) print(`skipped: ${skip.title}: ${skip.reason}`)
  print(summaryLine(passed, failed, skips.length))
  return failed > 0 || passed === 0 ? 1 : 0
}

function stepsOf(isChecked: boolean, tiers: readonly Tier[], filters: readonly string[]): Step[] {
  const checks: Step = { name: CHECKS, run: async (say) => await runChecks(checksOfTheTree(), say) }
  const ofTiers = tiers.map((tier): Step => ({ name: tier.name, run: async (say) => await runTier(tier, filters, say) }))
  return isChecked ? [checks, ...ofTiers] : ofTiers
}

/**
 * Lanes one after the other, each of columns of steps that run at the same time: checks and unit tests need one core and no service, so they run
 * beside the tests that mostly wait for services.
 */
function lanesOf(steps: readonly Step[]): Step[][][] {
  const lanes: Step[][][] = []
  for (const step of steps) {
    const column = lanes.at(-1)?.[0]
    const before = column?.at(-1)?.name
    if (step.name === 'unit' && before === CHECKS) column?.push(step)
    else if (step.name === 'integration' && before === 'unit') lanes.at(-1)?.push([step])
    else lanes.push([[step]])
  }
  return lanes
}

/** The first column prints as it runs, the others when all have ended: no line stands between those of another. */
async function runLane(columns: readonly (readonly Step[])[]): Promise<TierReport[]> {
  const kept: string[][] = columns.map(() => [])
  const reports = await Promise.all(
    columns.map((steps, index) => runSteps(steps, index === 0 ? print : (line: string) => void kept[index]?.push(line))),
  )
  kept.flat().forEach(print)
  return reports.flat()
}

async function runSteps(steps: readonly Step[], say: (line: string) => void): Promise<TierReport[]> {
  const reports: TierReport[] = []
  for (const step of steps) {
    say(step.name)
    reports.push(await step.run(say))
  }
  return reports
}

process.exit(await main(process.argv.slice(2)))
