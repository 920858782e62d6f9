// What every settlement store does: in memory, and in Redis.
import assert from 'node:assert/strict'
import { OffsetRanges } from '../../processors/delivery/settlement/offset-ranges.js'
import type { OwnerView, SettlementStore } from '../../processors/delivery/settlement/settlement-store.js'

/** How a store is opened and emptied. */
export interface SettlementGround {
  /** A store that nobody else uses. */
  open(): SettlementStore
  /** Loses everything of that store. */
  clear(store: SettlementStore): Promise<void>
}

const EPOCH = 'epoch-1'

export function describeSettlementStore(name: string, ground: SettlementGround): void {
  describe(name, () => {
    let store: SettlementStore
    const view = (generation: number, owner = 'a'): OwnerView => ({ partition: 3, epoch: EPOCH, owner, generation })
    const job = (jobId: string, epoch = EPOCH): Parameters<SettlementStore['begin']>[0] => ({ partition: 3, epoch, jobId })

    beforeEach(async () => {
      store = ground.open()
      await store.reset(3, { epoch: EPOCH, owner: 'a', watermark: 100, settled: [[110, 120]], repeatsUntilMs: 1_800_000_000_007 })
    })

    it('passes claims from the owner to jobs, and what they settled back', async () => {
      const generation = await store.claim(view(1), [
        { jobId: 'j1', ranges: [[100, 105]] },
        {
          jobId: 'j2',
          ranges: [
            [105, 108],
            [109, 110],
          ],
        },
      ])
      assert.equal(generation, 2)
      assert.deepEqual(await store.begin(job('j1')), [[100, 105]])
      assert.deepEqual(await store.begin(job('j2')), [
        [105, 108],
        [109, 110],
      ])
      assert.equal(await store.begin(job('j3')), null)

      assert.equal(await store.settle(job('j2'), [[109, 110]], [[105, 108]]), 3)
      assert.deepEqual(await store.begin(job('j2')), [[105, 108]])
      assert.deepEqual(await store.look(view(2), 100), { generation: 3, settled: [[109, 120]] })
      assert.equal(await store.look(view(3), 100), null)

      assert.equal(await store.settle(job('j2'), [[105, 108]], []), 4)
      assert.equal(await store.begin(job('j2')), null)
      assert.equal(await store.settle(job('j2'), [[105, 108]], []), null)
      assert.deepEqual([...(await store.claims(3))], [['j1', [[100, 105]]]])
    })

    it('takes failed claims back in the step in which it makes others', async () => {
      await store.claim(view(1), [
        { jobId: 'j1', ranges: [[100, 105]] },
        { jobId: 'j2', ranges: [[105, 108]] },
      ])
      assert.equal(await store.claim(view(2), [{ jobId: 'j3', ranges: [[100, 108]] }], ['j1', 'j2', 'unknown']), 3)
      assert.deepEqual([...(await store.claims(3))], [['j3', [[100, 108]]]])
      assert.equal(await store.claim(view(3), [], ['j3']), 4)
      assert.equal(await store.begin(job('j3')), null)
    })

    it('forgets what is below the watermark, and keeps the watermark', async () => {
      await store.claim(view(1), [{ jobId: 'j1', ranges: [[100, 110]] }])
      await store.settle(job('j1'), [[100, 110]], [])
      assert.deepEqual(await store.look(view(2), 115), { generation: 3, settled: [[115, 120]] })
      const state = await store.takeOver(3, EPOCH, 'b')
      assert.deepEqual([state?.watermark, state?.settled], [115, [[115, 120]]])
    })

    it('gives the partition to a new owner, with claims, and refuses the former one', async () => {
      await store.claim(view(1), [{ jobId: 'j1', ranges: [[100, 105]] }])
      const state = await store.takeOver(3, EPOCH, 'b')
      const claims = new Map([['j1', [[100, 105]]]])
      assert.deepEqual(state, { generation: 3, watermark: 100, settled: [[110, 120]], repeatsUntilMs: 1_800_000_000_007, claims })
      assert.equal(await store.claim(view(2), [{ jobId: 'j2', ranges: [[105, 106]] }]), 'taken')
      assert.equal(await store.look(view(2), 100), 'taken')
      assert.equal(await store.release(view(3, 'b'), ['j1']), 4)
      assert.equal(await store.begin(job('j1')), null)
    })

    it('does not know another epoch, and says when it was emptied or went back', async () => {
      assert.equal(await store.takeOver(3, 'another', 'b'), null)
      assert.equal(await store.takeOver(4, EPOCH, 'b'), null)
      await store.claim(view(1), [{ jobId: 'j1', ranges: [[100, 105]] }])
      assert.equal(await store.begin(job('j1', 'another')), null)
      assert.equal(await store.settle(job('j1', 'another'), [[100, 105]], []), null)
      // The owner knows a later state than the store has.
      assert.equal(await store.look(view(7), 100), 'gone')
      assert.equal(await store.look(view(7, 'b'), 100), 'gone')
      await ground.clear(store)
      assert.equal(await store.look(view(2), 100), 'gone')
      assert.equal(await store.claim(view(2), []), 'gone')
      assert.equal(await store.begin(job('j1')), null)
    })

    it('merges settled ranges in any order, with large offsets', async () => {
      const base = 2 ** 52
      await store.reset(3, { epoch: EPOCH, owner: 'a', watermark: base, settled: [], repeatsUntilMs: 0 })
      const expected = new OffsetRanges()
      const order = Array.from({ length: 60 }, (_, index) => (index * 37) % 60)
      await store.claim(view(1), [{ jobId: 'j', ranges: [[base, base + 180]] }])
      let generation = 2
      for (const index of order) {
        const range = [base + 3 * index, base + 3 * index + (index % 3) + 1] as const
        expected.add(...range)
        generation = (await store.settle(job('j'), [range], [[base + 1_000, base + 1_001]])) ?? 0
      }
      assert.deepEqual(await store.look(view(2), base), { generation, settled: [...expected.ranges] })
    })
  })
}
