import assert from 'node:assert/strict'
import fc from 'fast-check'
import { OffsetRanges, rangesOf } from '../../../../../processors/delivery/settlement/offset-ranges.js'

const step = fc.record({ isAdd: fc.boolean(), from: fc.nat(60), length: fc.nat(20) })

describe('ranges of offsets', () => {
  it('hold the same offsets as a set, in order, with a gap between two of them', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const ranges = new OffsetRanges()
        const set = new Set<number>()
        for (const { isAdd, from, length } of steps) {
          if (isAdd) ranges.add(from, from + length)
          else ranges.remove(from, from + length)
          for (let offset = from; offset < from + length; offset++)
            if (isAdd) set.add(offset)
            else set.delete(offset)
        }
        const sorted = [...set].sort((a, b) => a - b)
        assert.deepEqual([...ranges.ranges], rangesOf(sorted))
        assert.equal(ranges.count, set.size)
        assert.equal(ranges.isEmpty, set.size === 0)
        for (let offset = 0; offset < 90; offset++) assert.equal(ranges.has(offset), set.has(offset))
      }),
    )
  })

  it('are made of increasing offsets', () => {
    assert.deepEqual(rangesOf([]), [])
    assert.deepEqual(rangesOf([1, 2, 3, 7, 9, 10]), [
      [1, 4],
      [7, 8],
      [9, 11],
    ])
  })
})
