import assert from 'node:assert/strict'
import fc from 'fast-check'
import { MOST_METADATA_BYTES, type OffsetRange } from '../../../../../infra/topic-log/topic-log.js'
import { decodeMetadata, encodeMetadata } from '../../../../../processors/delivery/settlement/commit-metadata.js'

const gaps = fc.array(fc.tuple(fc.integer({ min: 1, max: 5_000 }), fc.integer({ min: 1, max: 5_000 })), { maxLength: 50 })

function rangesAbove(offset: number, parts: readonly (readonly [number, number])[]): OffsetRange[] {
  let at = offset
  return parts.map(([gap, length]): OffsetRange => {
    const from = at + gap
    at = from + length
    return [from, at]
  })
}

describe('the metadata of a commit', () => {
  it('return what was stored, at any offset', () => {
    fc.assert(
      fc.property(fc.nat(2 ** 52), gaps, (offset, parts) => {
        const stored = { epoch: 'aB3-_x', settled: rangesAbove(offset, parts) }
        assert.deepEqual(decodeMetadata(encodeMetadata(stored, offset), offset), stored)
      }),
    )
  })

  it('leave out what is below the offset', () => {
    const text = encodeMetadata(
      {
        epoch: 'e',
        settled: [
          [1, 5],
          [8, 20],
          [30, 31],
        ],
      },
      10,
    )
    assert.deepEqual(decodeMetadata(text, 10)?.settled, [
      [10, 20],
      [30, 31],
    ])
  })

  it('need two characters for a range and gap of less than 32: more than 2,000 of them fit', () => {
    const settled = rangesAbove(
      1_000_000,
      Array.from({ length: 2_000 }, () => [7, 20] as const),
    )
    assert.ok(encodeMetadata({ epoch: 'aaaaaaaaaaaa', settled }, 1_000_000).length <= MOST_METADATA_BYTES)
  })

  it('are nothing when they are those of something else', () => {
    for (const text of ['', '2e.', '1e', '1.AA', '1e.A', '1e.A*', '1e.g', `1e.${'_'.repeat(20)}A`, '{"a":1}'])
      assert.equal(decodeMetadata(text, 0), null, text)
    fc.assert(fc.property(fc.string(), (text) => void decodeMetadata(text, 0)))
  })
})
