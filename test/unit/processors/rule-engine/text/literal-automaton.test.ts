// Many literals in one walk: exactly those that the text holds are found.
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { LiteralAutomaton } from '../../../../../processors/rule-engine/text/literal-automaton.js'

function found(literals: readonly string[], text: string): string[] {
  const numbers = new Set<number>()
  new LiteralAutomaton(literals).scan(text, (literal) => void numbers.add(literal))
  return literals.filter((_, index) => numbers.has(index))
}

describe('a literal automaton', () => {
  it('finds literals that overlap, hold each other, and end alike', () => {
    assert.deepEqual(found(['he', 'she', 'his', 'hers'], 'ushers'), ['he', 'she', 'hers'])
    assert.deepEqual(found(['abc', 'bc', 'c', 'abcd'], 'xabcx'), ['abc', 'bc', 'c'])
  })
  it('finds what String.includes finds, for every text of bytes', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'b', 'c', '/', '\xff', '\x00'), maxLength: 40 })
    const literals = fc.uniqueArray(fc.string({ unit: fc.constantFrom('a', 'b', 'c', '/', '\xff'), minLength: 1, maxLength: 6 }), {
      maxLength: 12,
    })
    fc.assert(
      fc.property(literals, text, (given, value) =>
        assert.deepEqual(
          found(given, value),
          given.filter((one) => value.includes(one)),
        ),
      ),
      { numRuns: 2000 },
    )
  })
  it('distinguishes all bytes', () => {
    const bytes = Array.from({ length: 256 }, (_, byte) => String.fromCharCode(byte))
    assert.deepEqual(found(bytes, '\xff\x00a'), ['\x00', 'a', '\xff'])
  })
  it('refuses more literals than its table has room for', () => {
    const many = Array.from({ length: 3 }, (_, index) => String.fromCharCode(97 + index).repeat(30_000))
    assert.equal(LiteralAutomaton.fits(many), false)
    assert.throws(() => new LiteralAutomaton(many), RangeError)
  })
})
