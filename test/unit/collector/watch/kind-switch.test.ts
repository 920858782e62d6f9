import assert from 'node:assert/strict'
import { KIND, KIND_MAX } from '../../../../native/generated/layout.js'
import { kindFacts } from '../../../../collector/ring-events/event-kinds.js'
import { KindSwitch } from '../../../../collector/watch/kind-switch.js'
import { FIXED_KINDS, SWITCHED_KINDS, trackerNamed, TRACKERS, type Tracker } from '../../../../collector/watch/trackers.js'

const named = (name: string): Tracker => trackerNamed(name) ?? assert.fail(name)

describe('trackers', () => {
  it('hold each kind of the ledger once', () => {
    const all = TRACKERS.flatMap(({ kinds, fixedKinds }) => [...kinds, ...fixedKinds]).sort((a, b) => a - b)
    const known = Array.from({ length: KIND_MAX }, (_none, kind) => kind).filter((kind) => kindFacts(kind) !== undefined)
    assert.deepEqual(all, known)
  })

  it('never switch the kinds that the process table and the containers need', () => {
    for (const name of ['fork', 'exec', 'exit', 'cgroupMkdir', 'cgroupRmdir', 'oomKill', 'ioUring'] as const)
      assert.ok(!SWITCHED_KINDS.has(KIND[name]))
  })
})

describe('KindSwitch', () => {
  let asked: ReadonlySet<number>[] = []
  const make = (): KindSwitch => new KindSwitch({ watchKinds: (kinds) => void asked.push(kinds) })
  beforeEach(() => (asked = []))

  it('changes nothing at its start, when everything is reported', () => {
    const kinds = make()
    assert.deepEqual(asked, [])
    assert.deepEqual(
      TRACKERS.map((tracker) => kinds.stateOf(tracker)),
      TRACKERS.map(() => 'on'),
    )
  })

  it('stops one tracker and leaves the others on', () => {
    const kinds = make()
    kinds.set(named('opens'), false)
    assert.deepEqual(asked, [new Set([...FIXED_KINDS, ...SWITCHED_KINDS].filter((kind) => kind !== KIND.open))])
    assert.equal(kinds.stateOf(named('opens')), 'off')
    assert.equal(kinds.causeOf(named('opens')), 'person')
    assert.equal(kinds.stateOf(named('files')), 'on')
  })

  it('returns partly for a tracker some of whose kinds are always reported', () => {
    const kinds = make()
    kinds.set(named('processes'), false)
    assert.equal(kinds.stateOf(named('processes')), 'partly')
  })

  it('watches what a plan wants and what a user started, also under the next plan', () => {
    const kinds = make()
    kinds.plan(new Set([KIND.open, KIND.mount]))
    assert.deepEqual(kinds.watched, new Set([KIND.open, KIND.mount]))
    assert.equal(kinds.stateOf(named('mounts')), 'partly')
    kinds.set(named('signals'), true)
    kinds.set(named('opens'), false)
    assert.deepEqual(kinds.watched, new Set([KIND.mount, KIND.signal]))
    kinds.plan(new Set([KIND.open, KIND.setns]))
    assert.deepEqual(kinds.watched, new Set([KIND.setns, KIND.signal]))
    kinds.plan(null)
    assert.deepEqual(kinds.watched, new Set([...SWITCHED_KINDS].filter((kind) => kind !== KIND.open)))
  })

  it('does not change when the kernel refuses', () => {
    const kinds = new KindSwitch({
      watchKinds: () => {
        throw new Error('refused')
      },
    })
    assert.throws(() => kinds.set(named('opens'), false), /refused/)
    assert.equal(kinds.stateOf(named('opens')), 'on')
    assert.equal(kinds.causeOf(named('opens')), 'plan')
  })
})
