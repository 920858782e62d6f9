// How far a ring may be freed: never beyond a record that its topic has not acknowledged, and in the end to the end.
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { AckTracker } from '../../../../collector/publish/in-flight.js'

describe('ack tracker', () => {
  it('frees nothing while the first record is under way', () => {
    const tracker = new AckTracker()
    tracker.appended('process', 100)
    tracker.handled(200)
    assert.equal(tracker.advance(), -1)
  })

  it('frees all that was handled when nothing is under way, also what no topic needed', () => {
    const tracker = new AckTracker()
    tracker.handled(80)
    assert.equal(tracker.advance(), 80)
    tracker.appended('process', 100)
    tracker.handled(200)
    tracker.acked('process', 100)
    assert.equal(tracker.advance(), 200)
    assert.equal(tracker.advance(), -1, 'reported once')
  })

  it('frees up to the slowest topic', () => {
    const tracker = new AckTracker()
    tracker.appended('process', 100)
    tracker.appended('kernel', 150)
    tracker.appended('process', 200)
    tracker.handled(200)
    tracker.acked('process', 100)
    tracker.acked('kernel', 150)
    assert.equal(tracker.advance(), 100)
    tracker.acked('process', 200)
    assert.equal(tracker.advance(), 200)
  })

  it('does not wait for a record that was not taken', () => {
    const tracker = new AckTracker()
    tracker.appended('file', 100)
    tracker.retract('file', tracker.appended('file', 200))
    tracker.handled(200)
    tracker.acked('file', 100)
    assert.equal(tracker.advance(), 200)
  })

  it('never frees an unacknowledged record, whatever the order of acknowledgements, and everything at the end', () => {
    const topics = ['a', 'b', 'c'] as const
    const step = fc.oneof(
      fc.record({ what: fc.constant('append' as const), topic: fc.constantFrom(...topics), bytes: fc.integer({ min: 8, max: 64 }) }),
      fc.record({ what: fc.constant('ack' as const), topic: fc.constantFrom(...topics), bytes: fc.constant(0) }),
    )
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const tracker = new AckTracker()
        const open: { topic: string; start: number; mark: number }[] = []
        let position = 0
        let freed = 0
        const check = (): void => {
          freed = Math.max(freed, tracker.advance())
          const oldest = Math.min(position, ...open.map(({ start }) => start))
          assert(freed <= oldest, `${String(freed)} is after the start of an unacknowledged record at ${String(oldest)}`)
        }
        for (const { what, topic, bytes } of steps) {
          if (what === 'append') {
            open.push({ topic, start: position, mark: position + bytes })
            position += bytes
            tracker.appended(topic, position)
            tracker.handled(position)
          } else {
            const first = open.findIndex((record) => record.topic === topic)
            const [acked] = first < 0 ? [] : open.splice(first, 1)
            if (acked !== undefined) tracker.acked(topic, acked.mark)
          }
          check()
        }
        for (const { topic, mark } of open.splice(0)) tracker.acked(topic, mark)
        check()
        assert.equal(freed, position)
      }),
    )
  })
})
