// DNS over TCP, as resolvers and servers speak it: one event for each message, whatever calls move it. Needs root.
import assert from 'node:assert/strict'
import { KIND } from '../../../native/generated/layout.js'
import type { NetworkEvent } from '../../../schemas/generated/types.js'
import { eventsOfCgroup, runLiveCollector, suppressedOf } from '../../support/load/live-collector.js'
import { skipBecause } from '../../support/runner/skip-because.js'
import { makeCgroup } from '../native/cgroup-folder.js'
import { Workloads } from '../native/workload.js'

/** Of loopback, and of this run: others may use port 53 of another one. */
const ADDRESS = `127.53.${String((process.pid >> 8) & 0xff)}.${String((process.pid & 0xff) | 1)}`

describe('DNS over TCP', () => {
  const workloads = new Workloads()
  let events: readonly NetworkEvent[] = []
  let lines: readonly string[] = []
  let suppressed = 0

  before(async function () {
    if (process.getuid?.() !== 0) skipBecause(this, 'needs root')
    const cgroup = makeCgroup()
    const running = await runLiveCollector()
    try {
      const before = suppressedOf(running.session, [KIND.dns])
      lines = workloads.run('dns-stream', [cgroup.procs, ADDRESS]).lines
      suppressed = suppressedOf(running.session, [KIND.dns]) - before
    } finally {
      await running.stop()
      cgroup.remove()
    }
    events = eventsOfCgroup(running.reader.network, cgroup.id).filter(({ type }) => type === 'dns')
  })
  after(() => workloads.close())

  it('is an event for each call that begins a message, with the name that is asked for', () => {
    const calls = lines.filter((line) => line.startsWith('message ')).map((line) => line.replace('message ', ''))
    assert.equal(calls.length, 8)
    assert.deepEqual(
      events.map(({ syscall, dns }) => [syscall, dns?.questionName]),
      calls.map((call) => [call, 'q.example']),
    )
  })

  it('reports questions and answers, on both sides', () => {
    const [asked, heard, answered, told] = events
    assert.deepEqual(
      [asked, heard, answered, told].map((event) => event?.dns?.isResponse),
      [false, false, true, true],
    )
    for (const event of [answered, told])
      assert.deepEqual(event?.dns?.answers, [{ name: 'q.example', type: 1, ttlSeconds: 60, value: '10.0.0.7' }])
    assert.deepEqual([asked?.protocol, asked?.remoteAddress, asked?.remotePort, heard?.localPort], [6, ADDRESS, 53, 53])
  })

  it('says of a long answer that came in pieces that some of it is missing', () => {
    for (const event of events.slice(-2)) {
      // Twelve bytes of header, 15 of the question; 16 of each answer in the 100 that were moved.
      assert.equal(event.dns?.answers.length, Math.floor((100 - 12 - 15) / 16))
      assert.equal(event.dns.answersTruncated, true)
    }
  })

  it('counts what begins no message, and only that of connections of DNS', () => {
    assert.equal(suppressed, lines.filter((line) => line === 'other').length)
  })
})
