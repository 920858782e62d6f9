// A collector that is away is a reason, not a failure.
import assert from 'node:assert/strict'
import { askActivity } from '../../../../cli/top/run-top.js'

describe('events by process of a collector', () => {
  it('are away with a reason when no collector listens', async () => {
    const { activity, reason } = await askActivity('/nonexistent/control.sock')
    assert.equal(activity, null)
    assert.match(reason ?? '', /no collector is running/)
  })
})
