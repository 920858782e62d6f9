// What every match of a regular expression must have, and the matcher that rests on it.
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { compileRegex } from '../../../../../native/regex.js'
import { compileAnyRegularExpression, compileRegularExpression } from '../../../../../processors/rule-engine/text/regular-expression.js'
import { requirementOf } from '../../../../../processors/rule-engine/text/required-texts.js'

describe('a regular expression', () => {
  const CASES: readonly (readonly [pattern: string, anyOf: readonly string[] | null, minLength: number])[] = [
    ['/tmp/[a-z]+\\.sh', ['/tmp/'], 9],
    ['(?s:.*)(?:/mail/tmp/[a-zA-Z0-9]{3}\\.tar\\.gz)(?s:.*)', ['/mail/tmp/'], 20],
    ['ab+cdef', ['cdef'], 6],
    ['abcd*efg', ['abc'], 6],
    ['abc(def)?', ['abc'], 3],
    ['abc|def', ['abc', 'def'], 3],
    ['abc|', null, 0],
    ['abc|d?ef', ['abc', 'ef'], 2],
    ['(abc|def)ghij', ['abcghij', 'defghij'], 7],
    ['(ab|[cd])efg', ['efg'], 4],
    ['-(W|R)\\s?', ['-W', '-R'], 2],
    ['abc{0,3}de', ['ab'], 4],
    ['abc{2}', ['ab'], 4],
    ['(abcd){2}', ['abcd'], 8],
    ['[abc]def', ['def'], 4],
    ['[]abc]xyz', ['xyz'], 4],
    ['[^/]{100,}$', null, 100],
    ['^abc$', ['abc'], 3],
    ['\\d\\w\\.conf', ['.conf'], 7],
    ['\\x41bcdef', null, 0],
    ['\\pLabcdef', null, 0],
    ['(?i)/ETC/Passwd', ['/etc/passwd'], 11],
    ['(?is:ABC).*', ['abc'], 3],
    ['(?i)(?s)ABC', ['abc'], 3],
    ['äbcdef', ['bcdef'], 5],
    ['a', null, 1],
    ['(', null, 0],
    ['a{0100}', null, 0],
    ['.*evil{010}.*', null, 0],
    ['(a{1000}){1000}b{1000}', null, 1_000_000],
    ['abc(?i)*', null, 0],
  ]
  for (const [pattern, anyOf, minLength] of CASES) {
    it(`${pattern} asks for ${anyOf?.join(' or ') ?? 'nothing in particular'}`, () => {
      const requirement = requirementOf(pattern)
      assert.deepEqual([requirement.anyOf, requirement.minLength], [anyOf, minLength])
    })
  }

  it('ignores case after (?i) also when other flags follow', () => {
    const matches = compileRegularExpression('(?i)(?s)abc')
    assert.ok(typeof matches === 'function')
    assert.equal(matches('ABC'), true)
  })

  const atom = fc.constantFrom('a', 'b', 'K', 'abc', 'k', '.', '[ab]', '[^b]', '\\.', '\\d', '(?i)', '(?s)', 'ä', '^', '$')
  const pattern = fc.letrec<{ node: string }>((tie) => ({
    node: fc.oneof(
      { depthSize: 'small' },
      atom,
      fc.array(tie('node'), { minLength: 2, maxLength: 4 }).map((parts) => parts.join('')),
      fc.tuple(tie('node'), tie('node')).map(([a, b]) => `(?:${a}|${b})`),
      fc
        .tuple(tie('node'), fc.constantFrom('*', '+', '?', '{2}', '{0,2}', '{1,}', '*?', '{02}', '{,2}', '{2', '{1,01}'))
        .map(([inner, repeat]) => `(?:${inner})${repeat}`),
      fc.tuple(fc.constantFrom('(', '(?i:', '(?s:', '(?P<n>'), tie('node')).map(([open, inner]) => `${open}${inner})`),
    ),
  })).node
  const value = fc
    .array(fc.constantFrom('a', 'b', 'c', 'abc', 'k', 'K', 'A', 'B', '.', '1', '{02}', '\u212a', 'ä'), { maxLength: 8 })
    .map((parts) => parts.join(''))

  it('matches with its literal looked at first as it does without', () => {
    fc.assert(
      fc.property(fc.array(pattern, { minLength: 1, maxLength: 3 }), fc.array(value, { maxLength: 6 }), (patterns, values) => {
        const sound = patterns.filter((one) => typeof compileRegularExpression(one) === 'function')
        if (sound.length === 0) return
        const bytes = (text: string): string => Buffer.from(text, 'utf8').toString('latin1')
        const matches = compileAnyRegularExpression(sound.map(bytes))
        for (const text of values) {
          const expected = sound.some((one) => compileRegex(one, { isWhole: true }).test(bytes(text)))
          assert.equal(matches(bytes(text)), expected, JSON.stringify([sound, text]))
        }
      }),
      { numRuns: 3000 },
    )
  })
})
