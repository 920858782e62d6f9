// The text that every match of a regular expression contains, and the matcher that rests on it.
import assert from 'node:assert/strict'
import fc from 'fast-check'
import RE2 from 're2'
import { compileAnyRegularExpression, compileRegularExpression } from '../../../../../processors/rule-engine/text/regular-expression.js'
import { requiredLiteral } from '../../../../../processors/rule-engine/text/required-literal.js'

describe('a regular expression', () => {
  const CASES: readonly (readonly [pattern: string, literal: string | null])[] = [
    ['/tmp/[a-z]+\\.sh', '/tmp/'],
    ['(?s:.*)(?:/mail/tmp/[a-zA-Z0-9]{3}\\.tar\\.gz)(?s:.*)', '/mail/tmp/'],
    ['ab+cdef', 'cdef'],
    ['abcd*efg', 'abc'],
    ['abc(def)?', 'abc'],
    ['abc|def', null],
    ['(abc|def)ghij', 'ghij'],
    ['abc{0,3}de', null],
    ['abc{2}', null],
    ['(abcd){2}', 'abcd'],
    ['[abc]def', 'def'],
    ['[]abc]xyz', 'xyz'],
    ['\\d\\w\\.conf', '.conf'],
    ['\\x41bcdef', null],
    ['\\pLabcdef', null],
    ['(?i)/ETC/Passwd', '/etc/passwd'],
    ['(?is:ABC).*', 'abc'],
    ['(?i)(?s)ABC', 'abc'],
    ['äbcdef', 'bcdef'],
    ['ab', null],
    ['(', null],
  ]
  for (const [pattern, literal] of CASES) {
    it(`${pattern} asks for ${literal ?? 'nothing in particular'}`, () => assert.equal(requiredLiteral(pattern)?.text ?? null, literal))
  }

  it('ignores case behind (?i) also where other flags follow', () => {
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
      fc.tuple(tie('node'), fc.constantFrom('*', '+', '?', '{2}', '{0,2}', '{1,}', '*?')).map(([inner, repeat]) => `(?:${inner})${repeat}`),
      fc.tuple(fc.constantFrom('(', '(?i:', '(?s:', '(?P<n>'), tie('node')).map(([open, inner]) => `${open}${inner})`),
    ),
  })).node
  const value = fc
    .array(fc.constantFrom('a', 'b', 'c', 'abc', 'k', 'K', 'A', 'B', '.', '1', '\u212a', 'ä'), { maxLength: 8 })
    .map((parts) => parts.join(''))

  it('matches with its literal looked at first as it does without', () => {
    fc.assert(
      fc.property(fc.array(pattern, { minLength: 1, maxLength: 3 }), fc.array(value, { maxLength: 6 }), (patterns, values) => {
        const sound = patterns.filter((one) => typeof compileRegularExpression(one) === 'function')
        if (sound.length === 0) return
        const bytes = (text: string): string => Buffer.from(text, 'utf8').toString('latin1')
        const matches = compileAnyRegularExpression(sound.map(bytes))
        for (const text of values) {
          const expected = sound.some((one) => new RE2(`^(?:${one})$`, 'u').test(text))
          assert.equal(matches(bytes(text)), expected, JSON.stringify([sound, text]))
        }
      }),
      { numRuns: 3000 },
    )
  })
})
