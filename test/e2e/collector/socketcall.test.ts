// i386's multiplexer of calls on sockets: events of the call that it stood for. Needs root.
import assert from 'node:assert/strict'
import type { NetworkEvent } from '../../../schemas/generated/types.js'
import { eventsOfCgroup, runLiveCollector } from '../../support/load/live-collector.js'
import { skipBecause } from '../../support/runner/skip-because.js'
import { makeCgroup } from '../native/cgroup-folder.js'
import { Workloads } from '../native/workload.js'

const NO_I386 = 77
const ECONNREFUSED = -111

describe('socketcall', () => {
  const workloads = new Workloads()
  after(() => workloads.close())

  it('is told as the call that it stands for, with what that was given, and counted in its flow', async function () {
    if (process.getuid?.() !== 0) skipBecause(this, 'needs root')
    const cgroup = makeCgroup()
    const running = await runLiveCollector()
    let status: number | null
    try {
      status = workloads.run('socketcall', [cgroup.procs]).status
    } finally {
      await running.stop()
      cgroup.remove()
    }
    if (status === NO_I386) skipBecause(this, 'this kernel has no i386 calls')
    const events: readonly NetworkEvent[] = eventsOfCgroup(running.reader.network, cgroup.id)
    assert.deepEqual(
      events.map(({ type, syscall, result, size, remotePort }) => [type, syscall, Math.min(result, 8), size, remotePort === 1]),
      [
        ['socket', 'socket', events[0]?.result, null, false],
        ['bind', 'bind', 0, null, false],
        ['send', 'sendmsg', 8, 8, false],
        ['socket', 'socket', events[3]?.result, null, false],
        ['connect', 'connect', ECONNREFUSED, null, true],
        ['connect', 'connect', 0, null, false],
        ['close', 'UNKNOWN', 0, null, false],
      ],
    )
    assert.equal(events.at(-1)?.bytesSent, 5 * 8)
    assert.equal(events[2]?.remoteAddress, '127.0.0.1')
  })
})
