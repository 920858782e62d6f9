// How long it takes until the probes emit their first event, and until `eunomia run` watches: medians. Needs root.
// Prints one JSON line per figure. Run: node dist/test/bench/start.js
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DEFAULT_KERNEL_KNOBS } from '../../native/kernel-control.js'
import { openKernelSession } from '../../native/rings.js'
import { EunomiaProcess } from '../support/system/eunomia-process.js'

const RUNS = 7
const median = (values: readonly number[]): number => Math.round([...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN)
const report = (figure: string, values: object): void =>
  void process.stdout.write(`${JSON.stringify({ bench: 'start', figure, ...values })}\n`)

/** From the call to the first record in a ring. */
function loadMs(): number {
  const started = performance.now()
  const session = openKernelSession(DEFAULT_KERNEL_KNOBS)
  const span = { startOffset: 0, endOffset: 0, endPosition: 0, bytesBehind: 0 }
  while (session.rings[0].poll(span, 4096) === 0) spawnSync('/bin/true')
  const taken = performance.now() - started
  session.close()
  return taken
}

/** From the start of the process to its message that it watches: rules are loaded by then, and processes and containers known. */
async function watchingMs(folder: string): Promise<number> {
  const started = performance.now()
  const eunomia = new EunomiaProcess(['run', '--json', '--set', 'logLevel=info', '--docker-socket', join(folder, 'no.sock')], {
    EUNOMIA_STATE_FOLDER: join(folder, 'state'),
  })
  await eunomia.says(/"msg":"watching"/)
  const taken = performance.now() - started
  await eunomia.interrupt()
  return taken
}

const folder = mkdtempSync(join(tmpdir(), 'eunomia-start-'))
try {
  report('load and attach all programs, to the first event', { medianMs: median(Array.from({ length: RUNS }, loadMs)) })
  const runs: number[] = []
  for (let run = 0; run < RUNS; run++) runs.push(await watchingMs(folder))
  report('eunomia run, until it watches', { medianMs: median(runs) })
} finally {
  rmSync(folder, { recursive: true, force: true })
}
