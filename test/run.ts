// `npm test`: the checks of the tree, then every tier, and one last line `N passed, N failed`.
// `npm test -- unit collector` runs the tiers that are named, of them the files whose path contains one of the other words.
import { checksOfTheTree } from './support/runner/tree-checks.js'
import { runChecks } from './support/runner/run-check.js'
import { runTier } from './support/runner/run-tier.js'
import { sumReports, summaryLine, type TierReport } from './support/runner/tier-report.js'
import { TIERS, type Tier } from './support/runner/tiers.js'

const print = (line: string): void => {
  process.stdout.write(`${line}\n`)
}

async function main(words: readonly string[]): Promise<number> {
  const named = TIERS.filter((tier) => words.includes(tier.name))
  const filters = words.filter((word) => word !== 'checks' && !TIERS.some((tier) => tier.name === word))
  const reports: TierReport[] = []
  if (words.length === 0 || words.includes('checks')) {
    print('checks')
    reports.push(await runChecks(checksOfTheTree(), print))
  }
  const tiers = named.length > 0 || words.includes('checks') ? named : TIERS
  for (const together of lanesOf(tiers))
    reports.push(...(await Promise.all(together.map((tier, index) => runInLane(tier, filters, index)))))
  const { passed, failed, skips } = sumReports(reports)
  for (const skip of skips) print(`skipped: ${skip.title}: ${skip.reason}`)
  print(summaryLine(passed, failed, skips.length))
  return failed > 0 || passed === 0 ? 1 : 0
}

/** Tiers that run at the same time: the unit tests need one core and no service, so they run beside those that mostly wait for services. */
function lanesOf(tiers: readonly Tier[]): Tier[][] {
  const lanes: Tier[][] = []
  for (const tier of tiers) {
    const last = lanes.at(-1)
    if (tier.name === 'integration' && last?.[0]?.name === 'unit') last.push(tier)
    else lanes.push([tier])
  }
  return lanes
}

/** The first of a lane prints as it runs, the others when they have ended: no line stands between those of another tier. */
async function runInLane(tier: Tier, filters: readonly string[], index: number): Promise<TierReport> {
  const kept: string[] = []
  const say = index === 0 ? print : (line: string) => void kept.push(line)
  say(tier.name)
  const report = await runTier(tier, filters, say)
  kept.forEach(print)
  return report
}

process.exit(await main(process.argv.slice(2)))
