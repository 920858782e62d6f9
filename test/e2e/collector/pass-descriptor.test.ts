// Descriptors that are handed to another process: the first message of a socket is an event, further ones are counted. Needs root.
import assert from 'node:assert/strict'
import { KIND } from '../../../native/generated/layout.js'
import { eventsOfWorkload } from '../../support/load/watched-workload.js'
import { skipBecause } from '../../support/runner/skip-because.js'
import { Workloads } from '../native/workload.js'

/** Two messages with descriptors after the first, and one without. */
const LEFT_OUT = 3

describe('descriptors that are handed over', () => {
  const workloads = new Workloads()
  after(() => workloads.close())

  it('are an event with their number, once for a socket, and counted from then on', async function () {
    if (process.getuid?.() !== 0) skipBecause(this, 'needs root')
    const { network, suppressed } = await eventsOfWorkload(workloads, 'attacks/pass-descriptor')
    const sends = network.filter(({ type }) => type === 'send')
    const leftOut = suppressed(KIND.send)
    assert.deepEqual(
      sends.map(({ syscall, result, passedDescriptors, passedSource, family }) => [
        syscall,
        result,
        passedDescriptors,
        passedSource,
        family,
      ]),
      [['sendmsg', 1, 2, 'argument', 1]],
    )
    assert.ok(leftOut >= LEFT_OUT, String(leftOut))
  })
})
