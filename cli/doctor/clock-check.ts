// The clocks: wall time is plausible, and runs with the time since boot by which events are ordered.
import { statSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { packageRoot } from '../../infra/process/package-root.js'
import { ill, well, type CheckResult } from './check.js'

const WATCH_MS = 200
/** More than slewing does (500 ppm) and less than a step that matters. */
const STEP_MS = 5

/** Watches both clocks for a moment. */
export async function checkClock(): Promise<readonly CheckResult[]> {
  const wall = Date.now()
  const built = statSync(join(packageRoot(), 'package.json')).mtimeMs
  const mend = 'let NTP keep the clock (systemd-timesyncd, chrony); events keep their order, but their wall times are wrong'
  if (wall < built) return [ill('clock', `it is ${new Date(wall).toISOString()}, before this version was made`, mend)]
  const monotonic = performance.now()
  const before = Date.now() - monotonic
  await delay(WATCH_MS)
  const step = Date.now() - performance.now() - before
  if (Math.abs(step) > STEP_MS) return [ill('clock', `stepped by ${step.toFixed(0)} ms within ${String(WATCH_MS)} ms`, mend)]
  return [well('clock', new Date(wall).toISOString())]
}
