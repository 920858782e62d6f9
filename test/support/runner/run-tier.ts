// Runs one tier as a child process with a watchdog. A tier that can't start, dies or stands still is a failure, never a silence.
import { type ChildProcess, fork } from 'node:child_process'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { setTimeout as delay } from 'node:timers/promises'
import { filesOfTier, compiledRoot, type Tier } from './tiers.js'
import { NOTHING_YET, type TierReport } from './tier-report.js'

/** Longest wait for the last lines of a tier that has ended, milliseconds. */
const OUTPUT_END_MS = 5_000

/** Runs a tier to its end and returns what it counted; what went wrong with the tier itself is one more failure. */
export async function runTier(tier: Tier, filters: readonly string[], print: (line: string) => void): Promise<TierReport> {
  if (filesOfTier(tier.name, filters).length === 0) return emptyTier(tier, filters, print)
  let report = NOTHING_YET
  const child = fork(join(compiledRoot(), 'test/support/runner/tier.js'), [tier.name, ...filters], {
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  })
  const printed = [child.stdout, child.stderr].map((stream) => printLines(stream, print))
  const stopForwarding = forwardSignals(child)
  child.on('message', (message) => {
    report = message as TierReport
  })
  const end = await endOf(child, tier.tierTimeoutMs)
  stopForwarding()
  killGroup(child)
  // What a service that outlives its group holds open is not waited for.
  await Promise.race([Promise.all(printed), delay(OUTPUT_END_MS, undefined, { ref: false })])
  if (report.isComplete && end !== 'watchdog') return report
  const where = report.running === null ? '' : ` in the test "${report.running}"`
  const what = end === 'watchdog' ? `was ended after ${String(tier.tierTimeoutMs / 1000)} s` : `ended with ${end}`
  print(`  FAILED: the tier ${tier.name} ${what}${where}`)
  return { ...report, failed: report.failed + 1 }
}

/** Resolves when the stream has ended; what leads no further than the process group ends with it. */
async function printLines(stream: Readable | null, print: (line: string) => void): Promise<void> {
  if (stream === null) return
  for await (const line of createInterface({ input: stream, crlfDelay: Infinity })) print(line)
}

function emptyTier(tier: Tier, filters: readonly string[], print: (line: string) => void): TierReport {
  const isFailure = tier.isRequired && filters.length === 0
  print(isFailure ? `  FAILED: the tier ${tier.name} has no tests` : '  nothing to run')
  return { ...NOTHING_YET, failed: isFailure ? 1 : 0, isComplete: true }
}

function endOf(child: ChildProcess, timeoutMs: number): Promise<string> {
  return new Promise((resolve) => {
    const watchdog = setTimeout(() => {
      killGroup(child)
      resolve('watchdog')
    }, timeoutMs)
    child.once('error', (error) => {
      clearTimeout(watchdog)
      resolve(error.message)
    })
    child.once('exit', (code, signal) => {
      clearTimeout(watchdog)
      resolve(signal ?? `exit status ${String(code)}`)
    })
  })
}

/** Ends what the tier left behind in its own process group. */
function killGroup(child: ChildProcess): void {
  if (child.pid === undefined) return
  try {
    process.kill(-child.pid, 'SIGKILL')
  } catch {
    // The group is gone, which is what we want.
  }
}

function forwardSignals(child: ChildProcess): () => void {
  const forward = (signal: NodeJS.Signals): void => {
    child.kill(signal)
    killGroup(child)
    process.exit(1)
  }
  process.on('SIGINT', forward).on('SIGTERM', forward)
  return () => {
    process.off('SIGINT', forward).off('SIGTERM', forward)
  }
}
