// Checks of capabilities counted in the running kernel. Needs root, and Linux 6.14 or later.
import assert from 'node:assert/strict'
import { release } from 'node:os'
import { CAPABILITY_TRACKER } from '../../../../collector/usage/readers/capability-usage.js'
import { isAtLeast } from '../../../../native/requirements.js'
import { openUsageTables } from '../../../../native/usage-tables.js'
import { skipBecause } from '../../../support/runner/skip-because.js'
import { usageRound } from '../../../support/usage/usage-round.js'
import { makeCgroup } from '../../native/cgroup-folder.js'
import { Workloads } from '../../native/workload.js'

const GRANTED = 101
const DENIED = 53

describe('usage of capabilities in the kernel', () => {
  const workloads = new Workloads()
  before(function () {
    if (process.getuid?.() !== 0) skipBecause(this, 'needs root')
    if (!isAtLeast(release(), [6, 14])) skipBecause(this, `the tracepoint cap_capable is there since Linux 6.14, this is ${release()}`)
  })
  after(() => workloads.close())

  it('is exact for granted and denied checks of a process', async () => {
    const cgroup = makeCgroup()
    const tables = openUsageTables('capabilities', { entries: CAPABILITY_TRACKER.entries(4096), ignoredPid: process.pid })
    try {
      tables.attach()
      workloads.run('capability-checks', [cgroup.procs, String(GRANTED), String(DENIED)])
      const reading = await tables.turn()
      const { records } = CAPABILITY_TRACKER.reader().read({ ...usageRound({}), reading, top: 10_000 })
      const ours = records.filter(({ cgroupId }) => cgroupId === String(cgroup.id))
      assert.deepEqual(
        ours.map(({ process }) => process?.name),
        ['capability-chec'],
      )
      assert.deepEqual(
        ours[0]?.capabilities?.find(({ name }) => name === 'CAP_SYS_CHROOT'),
        { name: 'CAP_SYS_CHROOT', number: 18, granted: GRANTED, denied: DENIED },
      )
    } finally {
      tables.close()
      cgroup.remove()
    }
  })
})
