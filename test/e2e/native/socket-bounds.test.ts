// The maps of sockets at their bound: what is pushed out of them is closed without an event, and counted.
import assert from 'node:assert/strict'
import { DEFAULT_KERNEL_KNOBS } from '../../../native/kernel-control.js'
import { openKernelSession } from '../../../native/rings.js'
import { skipBecause } from '../../support/runner/skip-because.js'
import { makeCgroup } from './cgroup-folder.js'
import { drain } from './kernel-records.js'
import { totalOf } from './watch.js'
import { Workloads } from './workload.js'

const CLOSE = 27
const CONNECTIONS = 307
const BOUND = 64

describe('connections beyond the bound of their map', () => {
  const workloads = new Workloads()
  after(() => workloads.close())

  it('are closed without an event, and counted: reported + suppressed = closed', function () {
    if (process.getuid?.() !== 0) skipBecause(this, 'needs root')
    const cgroup = makeCgroup()
    const session = openKernelSession(DEFAULT_KERNEL_KNOBS, { socketEntries: BOUND })
    try {
      workloads.run('connections', [cgroup.procs, String(CONNECTIONS)])
      const reported = drain(session.rings[0]).filter(({ kind, cgroupId }) => kind === CLOSE && cgroupId === cgroup.id).length
      const suppressed = totalOf(session, 'suppressed', CLOSE)
      assert.ok(reported <= BOUND, String(reported))
      assert.ok(reported + suppressed >= 2 * CONNECTIONS, `${String(reported)} + ${String(suppressed)}`)
      assert.equal(totalOf(session, 'dropped', CLOSE), 0)
    } finally {
      session.close()
      cgroup.remove()
    }
  })
})
