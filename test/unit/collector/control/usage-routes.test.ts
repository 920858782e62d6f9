import assert from 'node:assert/strict'
import { usageReports } from '../../../../collector/control/usage-routes.js'
import type { UsageTrackers, UsageTrackerState } from '../../../../collector/usage/usage-trackers.js'

const STATE: UsageTrackerState = {
  ...{ name: 'syscall-usage', description: 'calls', isOn: true, cause: 'settings', problem: null, records: 7, filtered: 2 },
}

describe('trackers of aggregates in the control API', () => {
  const reportOf = (state: UsageTrackerState): unknown => {
    const usage: Pick<UsageTrackers, 'states'> = { states: () => [state] }
    return usageReports(usage)[0]
  }

  it('say who has them on, and why one is off that was asked for', () => {
    const report = {
      ...{ name: 'syscall-usage', description: 'calls', state: 'on', cause: 'settings', problem: null },
      ...{ kinds: ['usage'], alwaysTold: [], emitted: 7, suppressed: 2 },
    }
    assert.deepEqual(reportOf(STATE), report)
    const stopped = reportOf({ ...STATE, isOn: false, cause: 'person', problem: 'EPERM' })
    assert.deepEqual(stopped, { ...report, state: 'off', cause: 'person', problem: 'EPERM' })
  })
})
