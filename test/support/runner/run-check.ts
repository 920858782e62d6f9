// A check that is one command: lint, format, generated files. Prints its output only when it fails.
import { spawn } from 'node:child_process'
import { packageRoot } from '../../../infra/process/package-root.js'
import { NOTHING_YET, type TierReport } from './tier-report.js'

/** One command that must end with exit status 0. */
export interface Check {
  readonly name: string
  readonly command: readonly [program: string, ...args: string[]]
}

const CHECK_TIMEOUT_MS = 600_000

/** Runs the checks of the tree itself, one after the other. */
export async function runChecks(checks: readonly Check[], print: (line: string) => void): Promise<TierReport> {
  let report = NOTHING_YET
  for (const check of checks) {
    const { isPassed, output } = await run(check.command)
    print(isPassed ? `  ok             ${check.name}` : `  FAILED: ${check.name} (${check.command.join(' ')})\n${output}`)
    report = { ...report, passed: report.passed + (isPassed ? 1 : 0), failed: report.failed + (isPassed ? 0 : 1) }
  }
  return { ...report, isComplete: true }
}

function run([program, ...args]: Check['command']): Promise<{ isPassed: boolean; output: string }> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = []
    const child = spawn(program, args, { cwd: packageRoot(), stdio: ['ignore', 'pipe', 'pipe'], timeout: CHECK_TIMEOUT_MS })
    child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk))
    child.stderr.on('data', (chunk: Buffer) => chunks.push(chunk))
    child.once('error', (error) => resolve({ isPassed: false, output: error.message }))
    child.once('close', (code) => resolve({ isPassed: code === 0, output: Buffer.concat(chunks).toString('utf8') }))
  })
}
