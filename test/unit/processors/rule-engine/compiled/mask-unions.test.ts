// Numbers of unions of masks: equal unions have one number, and there is an end of numbers.
import assert from 'node:assert/strict'
import { MaskUnions, NOT_NUMBERED } from '../../../../../processors/rule-engine/compiled/mask-unions.js'

describe('unions of masks', () => {
  it('have one number, in whatever order their masks came', () => {
    const unions = new MaskUnions(Uint32Array.of(1, 0), Uint32Array.of(0, 0, 2, 0, 4, 0, 0, 8))
    const [a, b, c] = [2, 4, 6]
    const one = unions.join(unions.join(unions.join(0, a), b), c)
    assert.deepEqual([...unions.words(one)], [7, 8])
    assert.equal(unions.join(unions.join(unions.join(0, c), a), b), one)
    assert.equal(unions.join(one, a), one)
    assert.equal(unions.of(Uint32Array.of(7, 8)), one)
    assert.equal(unions.join(0, 0), 0)
    unions.clear()
    assert.deepEqual([...unions.words(0)], [1, 0])
    assert.deepEqual([...unions.words(unions.join(0, b))], [5, 0])
  })

  it('have no number when there are too many, and are right all the same', () => {
    const bits = 16
    const unions = new MaskUnions(
      Uint32Array.of(0),
      Uint32Array.from({ length: bits }, (_, bit) => 1 << bit),
    )
    let without = 0
    for (let words = 0; words < 2 ** bits; words += 7) {
      let number = 0
      for (let bit = 0; bit < bits; bit++) if ((words & (1 << bit)) !== 0) number = unions.join(number, bit)
      assert.deepEqual([...unions.words(number)], [words])
      if (number === NOT_NUMBERED) without++
    }
    assert.ok(without > 1_000)
    unions.clear()
    assert.ok(unions.join(0, 3) > 0)
  })
})
