import assert from 'node:assert/strict'
import { MOST_SILENCES, type Silence, silenceOf, Silences } from '../../../../../processors/delivery/routing/silences.js'
import type { StateRecord } from '../../../../../schemas/generated/types.js'
import { testAlert } from '../../../../support/records/test-alert.js'

const alert = testAlert()
const atUs = alert.origin.wallTimeUs
const silence = (changes: Partial<Silence> = {}): Silence => ({
  id: 's1',
  author: 'ana',
  reason: 'migration',
  match: { host: 'node-1' },
  startsUs: atUs - 5,
  endsUs: atUs + 5,
  ...changes,
})
const withAll = (...all: Silence[]): Silences => {
  const silences = new Silences()
  for (const one of all) silences.set(one, atUs)
  return silences
}

describe('silences', () => {
  it('hold for events from their start until before their end, whenever an alert is read', () => {
    assert.equal(withAll(silence()).of(alert)?.id, 's1')
    assert.equal(withAll(silence({ startsUs: atUs })).of(alert)?.id, 's1')
    assert.equal(withAll(silence({ startsUs: atUs + 1 })).of(alert), null)
    assert.equal(withAll(silence({ endsUs: atUs })).of(alert), null)
    const past = new Silences()
    past.set(silence(), atUs + 60_000_000)
    assert.equal(past.of(alert)?.id, 's1', 'one that has ended still holds for its time')
  })

  it('hold only for alerts that match', () => {
    assert.equal(withAll(silence({ match: { host: 'node-2' } })).of(alert), null)
    assert.equal(withAll(silence({ match: { host: 'node-2' } }), silence({ id: 's2' })).of(alert)?.id, 's2')
  })

  it('are replaced by the latest record of their id, and go when that ends before it starts', () => {
    const silences = withAll(silence(), silence({ endsUs: atUs - 1 }))
    assert.equal(silences.of(alert), null)
    assert.equal(silences.list().length, 1)
    silences.set(silence({ endsUs: atUs - 5 }), atUs)
    assert.equal(silences.list().length, 0)
  })

  it('go when no alert of their time is left', () => {
    const silences = new Silences()
    silences.set(silence(), atUs + 91 * 86_400_000_000)
    assert.deepEqual(silences.list(), [])
  })

  it('are bounded: what ends first goes, and is counted', () => {
    const silences = new Silences()
    for (let index = 0; index <= MOST_SILENCES; index++)
      silences.set(silence({ id: String(index), endsUs: atUs + 10 + (index === 7 ? -1 : index) }), atUs)
    assert.equal(silences.list().length, MOST_SILENCES)
    assert.equal(silences.get('7'), undefined)
    assert.equal(silences.forgotten, 1)
  })

  const record = (match: string, endsUs = atUs + 1): StateRecord => ({
    kind: 'silence',
    id: 's1',
    author: 'ana',
    reason: 'r',
    changedUs: atUs,
    silence: { match, startsUs: atUs, endsUs },
    alertState: null,
    hunt: null,
    archiveHold: null,
  })

  it('are read from records of the state', () => {
    assert.deepEqual(silenceOf(record('{"rule":"a"}')), silence({ reason: 'r', match: { rule: 'a' }, startsUs: atUs, endsUs: atUs + 1 }))
  })

  for (const [title, wrong, expected] of [
    ['no JSON', record('{'), /not JSON/],
    ['an unknown field', record('{"rul":"a"}'), /rule/],
    ['a match of everything', record('{}'), /empty/],
    ['more than a year', record('{"rule":"a"}', atUs + 367 * 86_400_000_000), /year/],
    ['no silence', { ...record('{}'), silence: null }, /no silence/],
  ] as const)
    it(`are refused: ${title}`, () => {
      const answer = silenceOf(wrong)
      assert.ok(typeof answer === 'string')
      assert.match(answer, expected)
    })
})
