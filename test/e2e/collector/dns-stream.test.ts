// DNS over TCP, as resolvers and servers speak it: one event for each message, whatever calls move it. Needs root.
import assert from 'node:assert/strict'
import { KIND } from '../../../native/generated/layout.js'
import type { NetworkEvent } from '../../../schemas/generated/types.js'
import { eventsOfWorkload } from '../../support/load/watched-workload.js'
import { skipBecause } from '../../support/runner/skip-because.js'
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
    const watched = await eventsOfWorkload(workloads, 'dns-stream', [ADDRESS])
    lines = watched.lines
    suppressed = watched.suppressed(KIND.dns)
    events = watched.network.filter(({ type }) => type === 'dns')
  })
  after(() => workloads.close())

  it('emits an event for each call that begins a message, with the queried name', () => {
    const calls = lines.filter((line) => line.startsWith('message ')).map((line) => line.replace('message ', ''))
    assert.equal(calls.length, 8)
    assert.deepEqual(
      events.map(({ syscall, dns }) => [syscall, dns?.questionName]),
      calls.map((call) => [call, 'q.example']),
    )
  })

  it('reports queries and responses on both sides', () => {
    const [sentQuery, receivedQuery, sentResponse, receivedResponse] = events
    assert.deepEqual(
      [sentQuery, receivedQuery, sentResponse, receivedResponse].map((event) => event?.dns?.isResponse),
      [false, false, true, true],
    )
    for (const event of [sentResponse, receivedResponse])
      assert.deepEqual(event?.dns?.answers, [{ name: 'q.example', type: 1, ttlSeconds: 60, value: '10.0.0.7' }])
    assert.deepEqual([sentQuery?.protocol, sentQuery?.remoteAddress, sentQuery?.remotePort, receivedQuery?.localPort], [6, ADDRESS, 53, 53])
  })

  it('marks a long response in pieces as incomplete', () => {
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
