// A collector above a limit of its own puts work off, says so everywhere, and publishes every event. Needs root.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { SelfReport } from '../../../collector/control/control-answers.js'
import { askControl } from '../../../collector/control/control-client.js'
import type { ProcessEvent } from '../../../schemas/generated/types.js'
import { skipBecause } from '../../support/runner/skip-because.js'
import { EunomiaProcess } from '../../support/system/eunomia-process.js'
import { makeCgroup } from '../native/cgroup-folder.js'
import { Workloads } from '../native/workload.js'

const EXECS = 23

describe('a collector above its limit', () => {
  const workloads = new Workloads()
  let folder = ''
  let eunomia: EunomiaProcess | undefined
  before(function () {
    if (process.getuid?.() !== 0) skipBecause(this, 'needs root')
    folder = mkdtempSync(join(tmpdir(), 'eunomia-limits-'))
  })
  after(async () => {
    await eunomia?.kill()
    workloads.close()
    rmSync(folder, { recursive: true, force: true })
  })

  it('delays hashes and counts them, and publishes every event', async () => {
    const state = join(folder, 'state')
    const cgroup = makeCgroup()
    try {
      // Less than any process of Node has; of CPU it may use none at times.
      const settings = [`collector.limits.memoryBytes=${String(64 << 20)}`, 'collector.hashExecutables=true', 'collector.openReads=false']
      const flags = ['--output', 'json', '--docker-socket', join(folder, 'no.sock'), ...settings.flatMap((setting) => ['--set', setting])]
      eunomia = new EunomiaProcess(['collect', ...flags], { EUNOMIA_STATE_FOLDER: state })
      await eunomia.says(/"msg":"above its own limit/)
      const id = cgroup.id.toString()
      workloads.run('execs', [cgroup.procs, String(EXECS)])
      const execs = (): ProcessEvent[] =>
        (eunomia?.lines ?? [])
          .filter((line) => line.includes(`"${id}"`))
          .map((line) => JSON.parse(line) as ProcessEvent)
          .filter(({ type, process }) => type === 'exec' && process.cgroupId === id && process.args[1] === 'child')
      await eunomia.until('all execs', () => execs().length >= EXECS)
      assert.equal(execs().length, EXECS)
      assert.ok(execs().every(({ process }) => process.exeSha256 === null))
      const { use } = (await askControl(join(state, 'control.sock'), 'GET', '/self')) as SelfReport
      assert.equal(use?.['isOverLimit'], 1)
      assert.ok((use['putOff.hashes'] ?? 0) >= EXECS)
      const doctor = new EunomiaProcess(['doctor', '--json'], { EUNOMIA_STATE_FOLDER: state })
      await doctor.ended()
      assert.match(
        doctor.stdout,
        /"name":"use of the collector","status":"warning","detail":"\d+ % of a core over ten seconds, \d+ MiB: above collector.limits"/,
      )
      assert.equal(await eunomia.interrupt(), 0, eunomia.stderr)
      assert.match(eunomia.stderr, /"lost":\{\}/)
    } finally {
      cgroup.remove()
    }
  })
})
