// Many literals in a text, at its beginning and at its end.
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { compileContainsAny, compileEndsWithAny, compileStartsWithAny } from '../../../../../processors/rule-engine/text/match-any.js'
describe('beginnings and ends', () => {
  const text = fc.array(fc.constantFrom('a', 'b', '/', '\xff'), { maxLength: 5 }).map((chars) => chars.join(''))

  for (const maxLength of [6, 60])
    it(`are found as they are one by one, up to ${String(maxLength)} of them`, () => {
      fc.assert(
        fc.property(fc.array(text, { maxLength, size: 'max' }), text, (texts, value) => {
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

  it('may be longer than what is distinguished', () => {
    const long = 'x'.repeat(100)
    assert.deepEqual([`${long}a`, `${long}b`, long].map(compileStartsWithAny([`${long}a`, `${long}b`])), [true, true, false])
    assert.deepEqual([`a${long}`, `b${long}`, long].map(compileEndsWithAny([`a${long}`])), [true, false, false])
  })
})

describe('literals in a text', () => {
  const hashes = Array.from({ length: 8_000 }, (_, index) => `sha256=${(index * 7_919).toString(16).padStart(64, '0')}`)
  const isIn = compileContainsAny(hashes)

  it('are found in a list that needs several automata', () => {
    for (const hash of [hashes[0], hashes[4_000], hashes.at(-1)]) assert.equal(isIn(`md5=0,${String(hash)},imphash=1`), true)
    assert.equal(isIn(`md5=0,sha256=${'f'.repeat(64)}`), false)
    assert.equal(isIn(''), false)
  })

  it('may be longer than one automaton holds', () => {
    const long = 'x'.repeat(70_000)
    assert.deepEqual([long, `a${long}b`, long.slice(1)].map(compileContainsAny([long, 'y'.repeat(70_000)])), [true, true, false])
  })
})
