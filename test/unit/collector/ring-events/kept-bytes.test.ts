// Shared copies: equal to their source, whatever came before, and independent of it.
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { KeptBytes } from '../../../../collector/ring-events/kept-bytes.js'

describe('kept bytes', () => {
  it('are those of the source, for any sequence of them', () => {
    const kept = new KeptBytes()
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), fc.nat(40), fc.nat(40), (source, one, other) => {
        const [start, end] = [Math.min(one, other, source.length), Math.min(Math.max(one, other), source.length)]
        assert.deepEqual(kept.of(source, start, end), source.slice(start, end))
      }),
      { numRuns: 2000 },
    )
  })

  it('are one copy for equal bytes, which does not change with the source', () => {
    const kept = new KeptBytes()
    const source = Uint8Array.of(9, 1, 2, 3, 1, 2, 3)
    const copy = kept.of(source, 1, 4)
    assert.equal(kept.of(source, 4, 7), copy)
    source.fill(7)
    assert.deepEqual(copy, Uint8Array.of(1, 2, 3))
    assert.notEqual(kept.of(source, 1, 4), copy)
  })

  it('are not shared when they are long', () => {
    const kept = new KeptBytes()
    const long = new Uint8Array(5000)
    assert.notEqual(kept.of(long, 0, 5000), kept.of(long, 0, 5000))
  })
})
