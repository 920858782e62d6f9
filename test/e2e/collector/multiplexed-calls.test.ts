// i386's multiplexers of socket calls and System V IPC: events of the calls that they multiplex. Needs root.
import assert from 'node:assert/strict'
import { eventsOfWorkload } from '../../support/load/watched-workload.js'
import { skipBecause } from '../../support/runner/skip-because.js'
import { Workloads } from '../native/workload.js'

const NO_I386 = 77
const ECONNREFUSED = -111

describe("i386's multiplexers", () => {
  const workloads = new Workloads()
  after(() => workloads.close())

  /** Events that a collector emits while a workload runs in a separate cgroup. */
  async function collected(context: Mocha.Context, workload: string) {
    if (process.getuid?.() !== 0) skipBecause(context, 'needs root')
    const watched = await eventsOfWorkload(workloads, workload)
    if (watched.status === NO_I386) skipBecause(context, 'this kernel has no i386 calls')
    return watched
  }

  it('of sockets are reported as the multiplexed calls, with their arguments, and counted in their flow', async function () {
    const { network: events } = await collected(this, 'socketcall')
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

  it('of ipc are reported as the multiplexed calls, with arguments in their usual order; others are not reported', async function () {
    const { kernel: events } = await collected(this, 'ipccall')
    assert.deepEqual(
      events.map(({ type, syscall, result, size, flags, request }) => [type, syscall, Math.min(result, 0), size, flags, request]),
      [
        ['ipc', 'shmget', 0, 8192, 0o600, null],
        ['ipc', 'shmat', 0, null, 0o10000, null],
        ['ipc', 'shmctl', 0, null, null, 0],
        ['ipc', 'semget', -2, 3, 0, null],
        ['ipc', 'semctl', -22, null, null, 0],
        ['ipc', 'msgget', -2, null, 0, null],
        ['ipc', 'msgctl', -22, null, null, 0],
      ],
    )
  })
})
