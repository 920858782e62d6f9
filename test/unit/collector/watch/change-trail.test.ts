import assert from 'node:assert/strict'
import { type AuditBody, ChangeTrail } from '../../../../collector/watch/change-trail.js'

describe('the trail of changes', () => {
  const change = { action: 'filters', target: '', actor: 'a', before: null } as const

  it('publishes what came before the start, first, and then each change', () => {
    const trail = new ChangeTrail()
    const seen: string[] = []
    const publish = ({ after }: AuditBody): void => void seen.push(after)
    trail.record({ ...change, after: 1 })
    trail.attach(publish)
    trail.record({ ...change, after: 2 })
    assert.deepEqual(seen, ['1', '2'])
    assert.deepEqual(trail.counters, { dropped: 0, cut: 0 })
  })

  it('counts what found no room before the start, and states that were too long', () => {
    const trail = new ChangeTrail()
    for (let count = 0; count < 300; count++) trail.record({ ...change, after: count })
    assert.deepEqual(trail.counters, { dropped: 44, cut: 0 })
    trail.record({ ...change, after: 'x'.repeat(65_536) })
    assert.deepEqual(trail.counters, { dropped: 45, cut: 1 })
  })
})
