// A user fills a mount namespace of their own with as many mounts as the kernel allows: they are given up at a bound and counted, and every change
// there is reported all the same. Needs root.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { LivePaths } from '../../../../collector/mounts/live-paths.js'
import { HOST_FILES } from '../../../../infra/config/config-schema.js'
import { MOUNT_INFO_BOUNDS } from '../../../../infra/process/mount-info.js'
import { eventsOfCgroup, runLiveCollector } from '../../../support/load/live-collector.js'
import { skipBecause } from '../../../support/runner/skip-because.js'
import { waitFor, waitForCount } from '../../../support/wait-for.js'
import { makeCgroup } from '../../native/cgroup-folder.js'
import { Workloads } from '../../native/workload.js'

const NO_NAMESPACES = 77
const RENAMES = 500

describe('mounts of a user beyond all bounds', () => {
  const workloads = new Workloads()
  before(function () {
    if (process.getuid?.() !== 0) skipBecause(this, 'needs root')
  })
  after(() => workloads.close())

  it('are given up and counted, and hide no change', async function () {
    const folder = join(workloads.folder, 'flooded')
    mkdirSync(folder)
    chmodSync(workloads.folder, 0o755)
    const paths = new LivePaths({ hostFiles: HOST_FILES })
    await paths.refresh()
    const cgroup = makeCgroup()
    const running = await runLiveCollector({}, { host: { paths: paths.knowledge } })
    const flood = spawn(workloads.program('attacks/mount-flood'), [cgroup.procs, folder, String(RENAMES)], {
      stdio: ['pipe', 'pipe', 'inherit'],
    })
    let said = ''
    flood.stdout.setEncoding('utf8').on('data', (text: string) => (said += text))
    const ended = once(flood, 'exit') as Promise<[number | null]>
    const renames = () => eventsOfCgroup(running.reader.file, cgroup.id).filter(({ type }) => type === 'rename')
    try {
      await waitFor('the flood', () => said.includes('renamed\n') || flood.exitCode !== null, { progress: () => said })
      if (flood.exitCode === NO_NAMESPACES) skipBecause(this, 'users can not make namespaces here')
      assert.equal(flood.exitCode, null)
      assert.ok(Number(said.split('\n')[0]) > MOUNT_INFO_BOUNDS.mounts, said)
      await waitForCount('all renames', () => renames().length, RENAMES)
    } finally {
      flood.stdin.end()
      await ended
      await running.stop()
      cgroup.remove()
    }
    assert.ok((paths.counters()['tooManyMounts'] ?? 0) > 0, JSON.stringify(paths.counters()))
    const seen = renames().map(({ path, newPath, place }) => [path, newPath, place?.isForeignRoot])
    const names = [join(folder, 'name0'), join(folder, 'name1')]
    assert.deepEqual(
      seen,
      Array.from({ length: RENAMES }, (_, index) => [names[index % 2], names[(index + 1) % 2], true]),
    )
  })
})
