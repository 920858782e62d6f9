import assert from 'node:assert/strict'
import { PeopleState } from '../../../../../processors/delivery/routing/people-state.js'
import { alertRecord, silenceRecord } from '../../../../support/records/state-records.js'
import { testAlert } from '../../../../support/records/test-alert.js'

const NOW_US = Date.now() * 1000
const alert = testAlert({ origin: { ...testAlert().origin, wallTimeUs: NOW_US } })
describe('state that people make', () => {
  it('has silences and states of alerts, the latest of each', () => {
    const state = new PeopleState()
    assert.equal(state.apply(silenceRecord(), NOW_US), null)
    assert.equal(state.silences.of(alert)?.author, 'ana')
    assert.equal(state.apply(alertRecord('a', 'acknowledged'), NOW_US), null)
    state.apply(alertRecord('a'), NOW_US)
    assert.deepEqual(state.alertState('a'), { state: 'closed', author: 'ana', reason: 'migration', changedUs: alertRecord('a').changedUs })
    state.remove('silence/s1')
    state.remove('alert/a')
    assert.equal(state.silences.of(alert), null)
    assert.equal(state.alertState('a'), undefined)
  })

  it('counts what has no effect; an invalid silence replaces the one that it changes', () => {
    const state = new PeopleState()
    state.apply(silenceRecord(), NOW_US)
    assert.match(state.apply(silenceRecord('{'), NOW_US) ?? '', /JSON/)
    assert.equal(state.silences.of(alert), null)
    assert.match(state.apply({ ...alertRecord('x'), kind: 'UNKNOWN' }, NOW_US) ?? '', /UNKNOWN/)
    assert.equal(state.invalid, 2)
    assert.equal(state.apply({ ...alertRecord('x'), kind: 'hunt' }, NOW_US), null)
    assert.equal(state.alertState('x'), undefined)
    assert.equal(state.invalid, 2)
  })

  it('remembers a bounded number of states of alerts, the latest ones, and counts the others', () => {
    const state = new PeopleState()
    for (let number = 0; number <= 100_000; number++) state.apply(alertRecord(String(number)), NOW_US)
    assert.equal(state.alertState('0'), undefined)
    assert.equal(state.alertState('100000')?.state, 'closed')
    assert.equal(state.forgottenAlerts, 1)
  })
})
