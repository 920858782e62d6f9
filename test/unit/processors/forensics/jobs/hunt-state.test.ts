import assert from 'node:assert/strict'
import { gzipSync } from 'node:zlib'
import { HuntState, MOST_HUNTS } from '../../../../../processors/forensics/jobs/hunt-state.js'
import { packed, planOf, savedHuntOf } from '../../../../../processors/forensics/jobs/packed.js'
import type { Hunt, StateRecord } from '../../../../../schemas/generated/types.js'
import { silenceRecord } from '../../../../support/records/state-records.js'

const SLICE = { topic: 'file', partition: 0, from: 0, to: 5, fromMs: 0, toMs: 9, keys: null, object: null, sha256: null, records: 5 }
const RULES = { files: [{ name: 'a.yaml', text: '' }], matching: 'first' }
const PLAN = {
  ...{ version: 1, fromMs: 0, toMs: 9, mostRows: 5, rules: RULES, slices: [SLICE] },
  ...{ containers: [], images: [], unknownHosts: [], partitions: [], hosts: [] },
}
const SAVED = { spanMs: 60_000, rules: RULES }

function record(id: string, change: Partial<Hunt> = {}, kind: StateRecord['kind'] = 'hunt'): StateRecord {
  const hunt = {
    status: 'running',
    startedUs: 7,
    startedBy: 'ana',
    plan: packed(PLAN),
    savedAs: null,
    schedule: null,
    account: null,
    ...change,
  } as const
  return { ...silenceRecord(), kind, id, silence: null, hunt }
}

describe('hunts of the state', () => {
  it('has the latest record of each hunt and saved hunt, and says when one changes', () => {
    const changed: string[] = []
    const state = new HuntState(({ id, status }) => changed.push(`${id} ${status}`))
    assert.equal(state.apply(record('h1')), null)
    state.apply(record('h1', { status: 'ended', account: packed({ rows: 3 }) }))
    state.apply(record('nightly/1', { status: 'saved', schedule: '0 3 * * *', plan: packed(SAVED) }, 'savedHunt'))
    const { status, author } = state.hunts.get('h1') ?? {}
    assert.deepEqual([status, author], ['ended', 'ana'])
    assert.deepEqual(planOf(state.hunts.get('h1') ?? assert.fail('it is not known')), PLAN)
    assert.equal(state.saved.get('nightly/1')?.schedule, '0 3 * * *')
    assert.deepEqual(savedHuntOf(state.saved.get('nightly/1') ?? assert.fail('it is not known')), SAVED)
    assert.deepEqual(changed, ['h1 running', 'h1 ended', 'nightly/1 saved'])
    state.remove('hunt/h1')
    state.remove('savedHunt/nightly/1')
    assert.deepEqual([state.hunts.size, state.saved.size], [0, 0])
  })

  it('leaves out what is no hunt, and what unpacks to more than a plan', () => {
    const state = new HuntState()
    assert.equal(state.apply(silenceRecord()), null)
    assert.match(state.apply({ ...record('h1'), hunt: null }) ?? '', /no hunt/)
    assert.match(state.apply(record('h1', { plan: Buffer.from('{}') })) ?? '', /can't be read/)
    assert.match(state.apply(record('h1', { plan: gzipSync(Buffer.alloc(65 << 20, '1')) })) ?? '', /can't be read/)
    // Whoever may write the topic must not end the workers.
    const strange = [{}, { ...PLAN, version: 2 }, { ...PLAN, slices: [{ ...SLICE, topic: 'x' }] }, { ...PLAN, rules: 'all' }]
    for (const plan of strange) assert.match(state.apply(record('h1', { plan: packed(plan) })) ?? '', /no plan of this version/)
    assert.match(state.apply(record('n', { status: 'saved', plan: packed(PLAN) }, 'savedHunt')) ?? '', /no saved hunt/)
    assert.deepEqual([state.hunts.size, state.saved.size, state.invalid], [0, 0, 8])
  })

  it('keeps a bounded number of hunts: those under way, and the latest of the others', () => {
    const state = new HuntState()
    state.apply(record('first'))
    for (let number = 0; number <= MOST_HUNTS; number++) state.apply(record(String(number), { status: 'ended' }))
    assert.equal(state.hunts.size, MOST_HUNTS)
    assert.ok(state.hunts.has('first') && !state.hunts.has('0') && state.hunts.has(String(MOST_HUNTS)))
    assert.equal(state.forgotten, 2)
  })
})
