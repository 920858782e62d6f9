// A command that answers and ends, run as a user does: `eunomia trackers`, `eunomia ledger`.
import assert from 'node:assert/strict'
import { spawnSync, type SpawnSyncReturns } from 'node:child_process'
import { mainFile } from '../runner/tiers.js'
import { runInHost } from './command-host.js'

/** Runs it to its end, with no environment but PATH and this one. */
export function runCommand(args: readonly string[], environment: Readonly<Record<string, string>> = {}): SpawnSyncReturns<string> {
  const { PATH = '' } = process.env
  return spawnSync(process.execPath, [mainFile(), ...args], { encoding: 'utf8', maxBuffer: 1 << 28, env: { PATH, ...environment } })
}

/** What it prints, run by the process that has loaded it; it must end well. */
export async function askCommand(args: readonly string[], environment: Readonly<Record<string, string>>): Promise<string> {
  const { status, stdout, stderr } = await runInHost(args, { environment })
  assert.equal(status, 0, stderr)
  return stdout
}

/** The values of whole lines of JSON. */
export function valuesOf<Value>(lines: string): Value[] {
  return lines
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as Value)
}
