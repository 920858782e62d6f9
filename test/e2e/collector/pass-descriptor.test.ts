// Descriptors that are handed to another process: the first message of a socket is an event, further ones are counted. Needs root.
import assert from 'node:assert/strict'
import { KIND } from '../../../native/generated/layout.js'
import type { NetworkEvent } from '../../../schemas/generated/types.js'
import { eventsOfCgroup, runLiveCollector, suppressedOf } from '../../support/load/live-collector.js'
import { skipBecause } from '../../support/runner/skip-because.js'
import { makeCgroup } from '../native/cgroup-folder.js'
import { Workloads } from '../native/workload.js'

/** Two messages with descriptors after the first, and one without. */
const LEFT_OUT = 3

describe('descriptors that are handed over', () => {
  const workloads = new Workloads()
  after(() => workloads.close())

  it('are an event with their number, once for a socket, and counted from then on', async function () {
    if (process.getuid?.() !== 0) skipBecause(this, 'needs root')
    const cgroup = makeCgroup()
    const running = await runLiveCollector()
    let leftOut: number
    try {
      const before = suppressedOf(running.session, [KIND.send])
      workloads.run('attacks/pass-descriptor', [cgroup.procs])
      leftOut = suppressedOf(running.session, [KIND.send]) - before
    } finally {
      await running.stop()
      cgroup.remove()
    }
    const events: readonly NetworkEvent[] = eventsOfCgroup(running.reader.network, cgroup.id).filter(({ type }) => type === 'send')
    assert.deepEqual(
      events.map(({ syscall, result, passedDescriptors, family }) => [syscall, result, passedDescriptors, family]),
      [['sendmsg', 1, 2, 1]],
    )
    assert.ok(leftOut >= LEFT_OUT, String(leftOut))
  })
})
