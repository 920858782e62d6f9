// Beginnings and ends of texts.
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { compileEndsWithAny, compileStartsWithAny } from '../../../../../processors/rule-engine/text/affixes.js'

describe('beginnings and ends', () => {
  const text = fc.array(fc.constantFrom('a', 'b', '/', '\xff'), { maxLength: 5 }).map((chars) => chars.join(''))

  it('are found as they are one by one', () => {
    fc.assert(
      fc.property(fc.array(text, { maxLength: 6 }), text, (texts, value) => {
        assert.equal(
          compileStartsWithAny(texts)(value),
          texts.some((one) => value.startsWith(one)),
        )
        assert.equal(
          compileEndsWithAny(texts)(value),
          texts.some((one) => value.endsWith(one)),
        )
      }),
      { numRuns: 2000 },
    )
  })

  it('may be longer than what is told apart', () => {
    const long = 'x'.repeat(100)
    assert.deepEqual([`${long}a`, `${long}b`, long].map(compileStartsWithAny([`${long}a`, `${long}b`])), [true, true, false])
    assert.deepEqual([`a${long}`, `b${long}`, long].map(compileEndsWithAny([`a${long}`])), [true, false, false])
  })
})
