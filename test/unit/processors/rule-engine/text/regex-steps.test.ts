// What expressions cost, and the patterns that search for them.
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { compileRegularExpression } from '../../../../../processors/rule-engine/text/regular-expression.js'
import { regexSteps, searchFor } from '../../../../../processors/rule-engine/text/regex-steps.js'
import { toByteText } from '../../../../../processors/rule-engine/text/byte-text.js'
const matcherOf = (pattern: string): ((text: string) => boolean) => {
  const compiled = compileRegularExpression(toByteText(pattern))
  return typeof compiled === 'function' ? compiled : assert.fail(compiled.problem)
}

describe('the steps of an expression', () => {
  const CHEAP = [
    'abc',
    '.{1000,}',
    '^.{1000,}$',
    '(?s:.*)(?:^.{1000})(?s:.*)',
    '(?:ab|cd|ef){1000}',
    '[a-f0-9]{32}:[a-f0-9]{64}',
    'a{1000}b{1000}',
  ]
  for (const pattern of CHEAP) {
    it(`of ${pattern} are few: it is in one copy of a repetition at a time`, () =>
      assert.ok(regexSteps(pattern) < 100, String(regexSteps(pattern))))
  }

  const COSTLY: readonly (readonly [pattern: string, copies: number])[] = [
    ['.*a.{900}', 900],
    ['(?m:.*)(?m:^.{900})', 900],
    ['[ab]*a[ab]{900}', 900],
    ['x?y{900}', 900],
    ['(?:a|bc){900}', 900],
    ['(?:é|..){900}', 900],
    ['(?:\\b){900}', 900],
    ['(?:a?){900}', 900],
    ['(?:\\x61|.b){900}', 900],
    ['(?:\\Q)\\E|b){900}', 900],
    ['(?:(?s:.*)(?:\\n))?(?:.[\\s\\S]{900})', 900],
    ['(?:(?s:.*)(?:x))?(?:.{900,})', 900],
    ['.*(?:\\pL{10}){10}', 100_000],
    // What looks like a search of the Sigma compiler gets no credit: with the flag s, `.` takes line ends, too.
    ['(?:(?s:.*)(?s:\\n))?(?s:.{1000,})z', 1_000],
    ['(?:(?s:.*)(?i:\\n))?(?i:.{1000,})z', 1_000],
  ]
  for (const [pattern, copies] of COSTLY) {
    it(`of ${pattern} count every copy`, () => assert.ok(regexSteps(toByteText(pattern)) >= copies, String(regexSteps(pattern))))
  }
})

describe('the search for an expression', () => {
  const LONG = [
    '.{3,}',
    '(.{3,})',
    '.{2,}a',
    '[ab]{2,}',
    '[^ab]{2,}b',
    '\\w{3,}',
    '\\D+x',
    '[a-b.]{2,}$',
    '.+\\b',
    'a.{2}',
    '(.{2,}a){0,1}b',
    '.{2,}|b',
    'a',
  ]
  const text = fc
    .array(fc.constantFrom('a', 'b', 'A', 'é', '\n', '.', '1', 'x', '\u212a'), { maxLength: 12 })
    .map((chars) => chars.join(''))

  for (const flags of ['', 's', 'i', 'ims']) {
    it(`finds what the expression matches at any place (flags '${flags}')`, () => {
      fc.assert(
        fc.property(fc.constantFrom(...LONG), text, (pattern, value) => {
          const search = matcherOf(searchFor(pattern, flags, '(?s:.*)').pattern)
          const plain = matcherOf(`(?s:.*)(?${flags}:${pattern})(?s:.*)`)
          assert.equal(search(toByteText(value)), plain(toByteText(value)), `${pattern} in ${JSON.stringify(value)}`)
        }),
        { numRuns: 3000 },
      )
    })
  }

  it('takes few steps for a long run, with what follows it', () => {
    for (const pattern of ['.{1000,}', '(.{1000,})', '[a-zA-Z0-9+/=]{1000,}', '\\S{1000,}', '[^ ]{1000,}\\.exe']) {
      for (const flags of ['', 'i', 's']) assert.ok(searchFor(pattern, flags, '(?s:.*)').steps < 200, pattern)
    }
  })
})
