// One tier in a process of its own: loads its files into mocha, runs them, reports over IPC. Only run-tier.ts starts it.
import Mocha from 'mocha'
import { isFullRun } from './dose.js'
import { reporterFor } from './reporter.js'
import { filesOfTier, TIERS, type Selection } from './tiers.js'
import type { TierReport } from './tier-report.js'

/** A full run takes longer in each test. */
const FULL_TIMES = 20

const [name, selection = '{}'] = process.argv.slice(2)
const tier = TIERS.find((candidate) => candidate.name === name)
if (tier === undefined) throw new Error(`there is no tier ${String(name)}`)

/** Resolves when the parent has the message. */
function send(report: TierReport): Promise<void> {
  return new Promise((resolve) => {
    if (process.send === undefined) resolve()
    else process.send(report, undefined, undefined, () => resolve())
  })
}

let lastSent = Promise.resolve()
const mocha = new Mocha({
  timeout: tier.testTimeoutMs * (isFullRun() ? FULL_TIMES : 1),
  forbidOnly: true,
  reporter: reporterFor(
    (report) => {
      lastSent = send(report)
    },
    (line) => {
      process.stdout.write(`${line}\n`)
    },
  ),
})
for (const file of filesOfTier(tier.name, JSON.parse(selection) as Selection)) mocha.addFile(file)
await mocha.loadFilesAsync()
const failures = await new Promise<number>((resolve) => mocha.run(resolve))
await lastSent
process.exit(failures === 0 ? 0 : 1)
