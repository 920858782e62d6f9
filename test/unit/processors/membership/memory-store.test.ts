import assert from 'node:assert/strict'
import { Metrics } from '../../../../infra/process/metrics.js'
import { KIND_SETTINGS, cgroupKey, factsKey } from '../../../../processors/membership/membership-key.js'
import { MemoryStore } from '../../../../processors/membership/memory-store.js'
import { describeMembershipStore } from '../../../conformance/membership-store.js'
import { shortLived } from '../../../support/fakes/short-lived-kinds.js'

const BOOT = { hostId: 'host', bootId: 'boot' }

describe('memory store of memberships', () => {
  let nowMs = 0
  describeMembershipStore({
    open: (ttlMs) => new MemoryStore({ kinds: shortLived(ttlMs), nowMs: () => nowMs }),
    pass: (ms) => {
      nowMs += ms
      return Promise.resolve()
    },
  })

  it('stays within its bound for each kind: evicts what was written longest ago, and counts it', async () => {
    const metrics = new Metrics()
    const store = new MemoryStore({ maxEntries: 3, evicted: metrics.counter('evicted_total', 'Evicted').with() })
    const write = (id: string): Promise<void> => store.write([{ key: cgroupKey(BOOT, id), bootTimeUs: 1, value: Buffer.from(id) }])
    await store.write([{ key: factsKey(BOOT, 'c'), bootTimeUs: 1, value: Buffer.from('facts') }])
    for (const id of ['1', '2', '3', '1', '4']) await write(id)
    const known = await store.read(['1', '2', '3', '4'].map((id) => cgroupKey(BOOT, id)))
    assert.deepEqual(
      known.map((value) => value !== null),
      [true, false, true, true],
    )
    assert.equal(store.sizeOf('cgroup'), 3)
    assert.equal(store.sizeOf('facts'), 1)
    assert.match(await metrics.text(), /^evicted_total 1$/m)
  })

  it('stores a copy of the entry', async () => {
    const store = new MemoryStore({ kinds: KIND_SETTINGS })
    const value = Buffer.from('facts')
    await store.write([{ key: factsKey(BOOT, 'c'), bootTimeUs: 1, value }])
    value.fill(0)
    const [stored] = await store.read([factsKey(BOOT, 'c')])
    assert.equal(Buffer.from(stored ?? []).toString(), 'facts')
  })
})
