// What a person is spared: repeats of an alert within ten seconds.
import assert from 'node:assert/strict'
import { AlertRepeats, type Repeats } from '../../../../cli/run/alert-repeats.js'
import { repeatsText } from '../../../../cli/run/live-view.js'
import type { Alert } from '../../../../schemas/generated/types.js'
import { testAlert } from '../../../support/records/test-alert.js'

const counted = (repeats: readonly Repeats[]): [string, number][] => repeats.map(({ alert, count }) => [alert.rule, count])

describe('repeats of an alert', () => {
  const alert = testAlert({ rule: 'Shadow' })
  const inContainer = (containerId: string): Alert => testAlert({ rule: 'Shadow', containerId })

  it('are shown once and counted until ten seconds after the first', () => {
    const repeats = new AlertRepeats()
    assert.equal(repeats.take(alert, 0), true)
    for (let count = 0; count < 22; count++) assert.equal(repeats.take(alert, 400 * count), false)
    assert.deepEqual(repeats.ended(9_999), [])
    assert.deepEqual(counted(repeats.ended(10_000)), [['Shadow', 22]])
    assert.deepEqual(repeats.ended(20_000), [], 'told once')
    assert.equal(repeats.take(alert, 10_000), true, 'and the next one is shown again')
  })

  it('are none of another rule, container, host or program', () => {
    const repeats = new AlertRepeats()
    const { process, origin } = alert
    const others = [
      alert,
      testAlert({ rule: 'Other' }),
      inContainer('a'.repeat(64)),
      inContainer('b'.repeat(64)),
      testAlert({ rule: 'Shadow', process: { ...process, name: 'another' } }),
      testAlert({ rule: 'Shadow', origin: { ...origin, hostName: 'another' } }),
    ]
    assert.deepEqual(
      others.map((other) => repeats.take(other, 0)),
      others.map(() => true),
    )
  })

  it('of which there was none are not told', () => {
    const repeats = new AlertRepeats()
    repeats.take(alert, 0)
    assert.deepEqual(repeats.ended(10_000), [])
  })

  it('of too many kinds at once: the oldest are told early, none is left out of the counts', () => {
    const repeats = new AlertRepeats(2)
    const names = ['one', 'two', 'three']
    for (const rule of names) for (let count = 0; count < 3; count++) repeats.take(testAlert({ rule }), 0)
    assert.deepEqual(counted(repeats.ended(1)), [['one', 2]])
    assert.deepEqual(counted(repeats.ended(10_000)), [
      ['two', 2],
      ['three', 2],
    ])
  })

  it('are one line that names the rule, the place and the program, and can not harm a terminal', () => {
    const process = { ...alert.process, name: 'ev\u001b[2Jil' }
    const line = repeatsText({ alert: testAlert({ rule: 'Shadow', containerId: null, container: null, process }), count: 22 })
    assert.equal(line, `... 22 more of Shadow by ev\\x1b[2Jil on host ${alert.origin.hostName} within 10 s`)
  })
})
