// Globs: fnmatch(3) without flags, in bounded time.
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { matchesGlob } from '../../../../infra/text/glob.js'

describe('a glob', () => {
  const CASES: readonly (readonly [pattern: string, text: string, matches: boolean])[] = [
    ['*', '', true],
    ['a*b*c', 'a/x/b/y/c', true],
    ['a?c', 'a/c', true],
    ['a?c', 'ac', false],
    ['[abc]', 'b', true],
    ['[!abc]', 'b', false],
    ['[^abc]', 'd', true],
    ['[a-c]x', 'bx', true],
    ['[]]', ']', true],
    ['[a', '[a', true],
    ['\\*', '*', true],
    ['\\*', 'x', false],
    ['[[:digit:]]*', '7x', true],
    ['[[:digit:]]*', 'x', false],
    ['a**b', 'ab', true],
    ['', '', true],
    ['', 'x', false],
  ]
  for (const [pattern, text, matches] of CASES) {
    it(`${JSON.stringify(pattern)} ${matches ? 'matches' : 'does not match'} ${JSON.stringify(text)}`, () =>
      assert.equal(matchesGlob(pattern, text), matches))
  }

  it('of stars and letters agrees with the equivalent regular expression', () => {
    const letters = fc.string({ unit: fc.constantFrom('a', 'b', '*', '?'), maxLength: 10 })
    const words = fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 12 })
    fc.assert(
      fc.property(letters, words, (pattern, text) => {
        const expression = new RegExp(`^${pattern.replace(/\*+/g, '*').replaceAll('*', '[ab]*').replaceAll('?', '[ab]')}$`)
        assert.equal(matchesGlob(pattern, text), expression.test(text))
      }),
      { numRuns: 2000 },
    )
  })

  it('that takes exponential time with backtracking is matched in bounded time', () => {
    assert.equal(matchesGlob('*a'.repeat(40), 'a'.repeat(5000) + 'b'), false)
  })
})
