// `npm test`: the checks of the tree, then every tier, and one last line `N passed, N failed`.
// `npm test -- unit collector` runs the tiers that are named, of them the files whose path contains one of the other words.
import { checksOfTheTree } from './support/runner/tree-checks.js'
import { runChecks } from './support/runner/run-check.js'
import { runTier } from './support/runner/run-tier.js'
import { sumReports, summaryLine, type TierReport } from './support/runner/tier-report.js'
import { TIERS } from './support/runner/tiers.js'

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
  for (const tier of named.length > 0 || words.includes('checks') ? named : TIERS) {
    print(tier.name)
    reports.push(await runTier(tier, filters, print))
  }
  const { passed, failed, skips } = sumReports(reports)
  for (const skip of skips) print(`skipped: ${skip.title}: ${skip.reason}`)
  print(summaryLine(passed, failed, skips.length))
  return failed > 0 || passed === 0 ? 1 : 0
}

process.exit(await main(process.argv.slice(2)))
