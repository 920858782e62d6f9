import assert from 'node:assert/strict'
import { trackerTable } from '../../../../cli/trackers/trackers-command.js'
import type { TrackerReport } from '../../../../collector/control/control-answers.js'

const USAGE: TrackerReport = {
  ...{ name: 'syscall-usage', description: 'calls', state: 'on', cause: 'settings', problem: null },
  ...{ kinds: ['usage'], alwaysEmitted: [], emitted: 7, suppressed: 0 },
}

describe('table of trackers', () => {
  const stateOf = (change: Partial<TrackerReport>): string | undefined =>
    trackerTable([{ ...USAGE, ...change }])
      .split('\n')[1]
      ?.split(/ {2,}/)[1]

  it('says by hand of what a person switched, and of nothing else', () => {
    assert.deepEqual(
      [stateOf({}), stateOf({ cause: 'plan' }), stateOf({ cause: 'person' }), stateOf({ state: 'off', cause: 'person' })],
      ['on', 'on', 'on (by hand)', 'off (by hand)'],
    )
  })

  it('says below why one is off that was asked for, harmless to the terminal', () => {
    const text = trackerTable([USAGE, { ...USAGE, name: 'capability-usage', state: 'off', problem: 'needs Linux 6.14\u001b[2J' }])
    assert.match(text, /capability-usage +off \(failed\)/)
    assert.match(text, /\n\ncapability-usage is off: needs Linux 6\.14/)
    assert.ok(!text.includes('\u001b'))
  })
})
