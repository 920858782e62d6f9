import assert from 'node:assert/strict'
import fc from 'fast-check'
import { UnconfirmedOffsets } from '../../../../infra/topic-log/unconfirmed-offsets.js'

describe('infra/topic-log/unconfirmed-offsets', () => {
  it('has the time of the batch with its first offset, also after a part of the batch is removed', () => {
    const offsets = new UnconfirmedOffsets()
    offsets.add(10, 20, 1_000)
    offsets.add(25, 30, 2_000)
    offsets.remove(10, 15)
    assert.deepEqual(offsets.first, { offset: 15, timestampMs: 1_000 })
    offsets.remove(0, 26)
    assert.deepEqual(offsets.first, { offset: 26, timestampMs: 2_000 })
    assert.equal(offsets.remove(0, 26), false)
    assert.equal(offsets.remove(0, Infinity), true)
    assert.deepEqual([offsets.first, offsets.count], [undefined, 0])
  })

  it('has the same offsets as a set, whatever is added and removed', () => {
    const steps = fc.array(
      fc.record({
        isAdd: fc.boolean(),
        gap: fc.integer({ min: 0, max: 3 }),
        at: fc.integer({ min: 0, max: 80 }),
        length: fc.integer({ min: 1, max: 9 }),
      }),
      { maxLength: 40 },
    )
    fc.assert(
      fc.property(steps, (all) => {
        const offsets = new UnconfirmedOffsets()
        const model = new Set<number>()
        let end = 0
        for (const { isAdd, gap, at, length } of all) {
          if (isAdd) {
            offsets.add(end + gap, end + gap + length, 0)
            for (let offset = end + gap; offset < end + gap + length; offset++) model.add(offset)
            end += gap + length
          } else {
            const before = model.size
            for (let offset = at; offset < at + length; offset++) model.delete(offset)
            assert.equal(offsets.remove(at, at + length), model.size < before)
          }
          assert.equal(offsets.count, model.size)
          assert.equal(offsets.first?.offset, model.size === 0 ? undefined : Math.min(...model))
        }
      }),
      { numRuns: 500 },
    )
  })
})
