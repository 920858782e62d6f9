import assert from 'node:assert/strict'
import { ofLedger } from '../../../../cli/doctor/ledger-check.js'

const ACCOUNT = {
  ...{ topic: 'process', kind: 'exec', cpu: 0, emitted: 10, published: 10, spooled: 0, inFlight: 0, isInherited: false },
  ...{ droppedRing: 0, droppedCollector: 0, droppedSpool: 0, suppressed: 0 },
}

describe('the check of the ledger', () => {
  it('is well while nothing was lost, refused or unknown', () => {
    assert.equal(ofLedger({ accounts: [ACCOUNT], losses: [], counters: {} }).status, 'ok')
  })

  it('names lost events, kinds over their budget, and unknown calls', () => {
    const { status, detail } = ofLedger({
      accounts: [{ ...ACCOUNT, droppedRing: 3, droppedSpool: 4 }],
      losses: [],
      counters: { 'suppressed.budget.call': 9, 'suppressed.budget.prctl': 2, 'calls.unknown.native.600': 1 },
    })
    assert.equal(status, 'warning')
    assert.equal(
      detail,
      '7 events were lost; over the budget of their process or cgroup: call 9, prctl 2; calls that no table has: native.600 1',
    )
  })
})
