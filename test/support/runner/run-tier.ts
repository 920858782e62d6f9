// Runs one tier as a child process with a watchdog. A tier that can't start, dies or hangs is a failure, never a silence.
import { type ChildProcess, fork } from 'node:child_process'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { setTimeout as delay } from 'node:timers/promises'
import { isFullRun, SECOND_RUNTIME } from './dose.js'
import { compiledRoot, filesOfTier, type Selection, type Tier } from './tiers.js'
import { NOTHING_YET, type TierReport } from './tier-report.js'

/** Longest wait for the last lines of a tier that has ended, milliseconds. */
const OUTPUT_END_MS = 5_000

/** Longest time of a tier in a full run, milliseconds. */
const FULL_TIMEOUT_MS = 4 * 3_600_000

/** Runs the selected files of a tier to their end and returns the counts. A problem of the tier itself is one more failure. */
export async function runTier(tier: Tier, selection: Selection, print: (line: string) => void): Promise<TierReport> {
  if (filesOfTier(tier.name, selection).length === 0) return emptyTier(tier, selection, print)
  const { node = process.execPath } = tier
  let report = NOTHING_YET
  const child = fork(join(compiledRoot(), 'test/support/runner/tier.js'), [tier.name, JSON.stringify(selection)], {
    execPath: node,
    detached: true,
    env: { ...process.env, ...(tier.node !== undefined && { [SECOND_RUNTIME]: '1' }) },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  })
  const printed = [child.stdout, child.stderr].map((stream) => printLines(stream, print))
  const stopForwarding = forwardSignals(child)
  child.on('message', (message) => {
    report = message as TierReport
  })
  const timeoutMs = isFullRun() ? FULL_TIMEOUT_MS : tier.tierTimeoutMs
  const end = await endOf(child, timeoutMs)
  stopForwarding()
  killGroup(child)
  // A service that outlives its group may hold the streams open: do not wait for it.
  await Promise.race([Promise.all(printed), delay(OUTPUT_END_MS, undefined, { ref: false })])
  if (isTrusted(report, end)) return report
  const where = report.running === null ? '' : ` in the test "${report.running}"`
  const what = end === 'watchdog' ? `was ended after ${String(timeoutMs / 1000)} s` : `ended with ${end}`
  print(`  FAILED: the tier ${tier.name} ${what}${where}`)
  return { ...report, failed: report.failed + 1 }
}

/** True when the report is all that there is to say: the tier came to its end, and its exit status fits the failures that it reported. */
export function isTrusted({ isComplete, failed }: TierReport, end: string): boolean {
  return isComplete && (end === 'exit status 0' || (end === 'exit status 1' && failed > 0))
}

/** Prints the lines of a stream, and resolves when it has ended. */
async function printLines(stream: Readable | null, print: (line: string) => void): Promise<void> {
  if (stream === null) return
  for await (const line of createInterface({ input: stream, crlfDelay: Infinity })) print(line)
}

function emptyTier(tier: Tier, { words = [] }: Selection, print: (line: string) => void): TierReport {
  const isFailure = tier.isRequired && words.length === 0
  print(isFailure ? `  FAILED: the tier ${tier.name} has no tests` : '  no tests')
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

/** Kills what is left of the tier's process group. */
function killGroup(child: ChildProcess): void {
  if (child.pid === undefined) return
  try {
    process.kill(-child.pid, 'SIGKILL')
  } catch {
    // The group is gone already.
  }
}

function forwardSignals(child: ChildProcess): () => void {
  const forward = (signal: NodeJS.Signals): void => {
    child.kill(signal)
    killGroup(child)
    // After the listeners of the other tiers that run.
    setImmediate(() => process.exit(1))
  }
  process.on('SIGINT', forward).on('SIGTERM', forward)
  return () => {
    process.off('SIGINT', forward).off('SIGTERM', forward)
  }
}
