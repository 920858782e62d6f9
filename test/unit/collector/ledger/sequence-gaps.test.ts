// Gaps in sequences: a number that never arrives is missing, one that is a little late is not, a repeat is reported.
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { SequenceGaps } from '../../../../collector/ledger/sequence-gaps.js'

function after(numbers: readonly number[]): SequenceGaps {
  const gaps = new SequenceGaps()
  for (const seq of numbers) gaps.see(seq)
  return gaps
}

describe('sequence gaps', () => {
  it('finds none in a sequence from 1', () => {
    assert.equal(after([1, 2, 3]).missing, 0)
  })

  it('counts missing numbers at the beginning and in the middle', () => {
    assert.equal(after([3, 4, 9]).missing, 2 + 4)
  })

  it('removes a late number from the missing ones', () => {
    const gaps = after([1, 4, 3, 2, 5])
    assert.deepEqual([gaps.missing, gaps.inversions, gaps.repeated], [0, 2, 0])
  })

  it('reports a number that comes twice', () => {
    const gaps = after([1, 2])
    assert.equal(gaps.see(2), false)
    assert.equal(gaps.see(1), false)
    assert.deepEqual([gaps.repeated, gaps.missing], [2, 0])
  })

  it('remembers only the last thousand of a long gap', () => {
    const gaps = after([1, 1_000_000_000])
    assert.equal(gaps.missing, 999_999_998)
    assert.equal(gaps.see(999_999_999), true)
    assert.equal(gaps.see(2), false, 'too late to be distinguished from a repeat')
    assert.equal(gaps.missing, 999_999_997)
  })

  it('agrees with a set of everything seen, for any losses, repeats and small inversions', () => {
    const step = fc.record({ seq: fc.integer({ min: 1, max: 200 }), jitter: fc.integer({ min: -5, max: 5 }) })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 150 }), (steps) => {
        const numbers = steps.map(({ seq, jitter }) => Math.max(1, seq + jitter))
        const gaps = new SequenceGaps()
        const seen = new Set<number>()
        for (const seq of numbers) {
          assert.equal(gaps.see(seq), !seen.has(seq))
          seen.add(seq)
        }
        const highest = Math.max(0, ...seen)
        assert.equal(gaps.highest, highest)
        assert.equal(gaps.missing, highest - seen.size)
        assert.equal(gaps.repeated, numbers.length - seen.size)
      }),
    )
  })
})
