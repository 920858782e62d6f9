// `npm test`: the checks of the tree and every tier, two at a time, and one last line `N passed, N failed`.
// `npm test -- unit collector` runs the tiers that are named, of them the files whose path contains one of the other words.
import { CHECKS, runColumns } from './support/runner/columns.js'
import { FULL_RUN } from './support/runner/dose.js'
import { skipLines, slowestLine, summaryLine, sumReports } from './support/runner/tier-report.js'
import { TIERS } from './support/runner/tiers.js'

const print = (line: string): void => {
  process.stdout.write(`${line}\n`)
}

async function main(args: readonly string[]): Promise<number> {
  const words = args.filter((word) => !word.startsWith('--'))
  const unknown = args.filter((word) => word.startsWith('--') && word !== '--full')
  if (unknown.length > 0) throw new Error(`unknown option ${unknown.join(' ')}: see --help`)
  if (args.includes('--full')) process.env[FULL_RUN] = '1'
  const all = [CHECKS, ...TIERS.map(({ name }) => name)]
  const named = all.filter((name) => words.includes(name))
  const filters = words.filter((word) => !all.includes(word))
  // Words alone are words of paths: checks have none.
  const tiers = named.length > 0 ? named : all.filter((name) => filters.length === 0 || name !== CHECKS)
  const { passed, failed, skips, files } = sumReports(await runColumns(new Set(tiers), filters, print))
  for (const line of skipLines(skips)) print(line)
  const slowest = slowestLine(files)
  if (slowest !== null) print(slowest)
  print(summaryLine(passed, failed, skips.length))
  return failed > 0 || passed === 0 ? 1 : 0
}

process.exit(await main(process.argv.slice(2)))
