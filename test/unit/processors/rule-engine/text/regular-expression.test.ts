// The operator regex: whole texts, escapes that rules use, replacements. Expected values from RE2's syntax and, for replacements, Sigma's pipelines.
import assert from 'node:assert/strict'
import {
  compileAnyRegularExpression,
  compileRegularExpression,
  compileReplacement,
} from '../../../../../processors/rule-engine/text/regular-expression.js'

const bytes = (text: string): string => Buffer.from(text, 'utf8').toString('latin1')

describe('the operator regex', () => {
  const CASES: readonly (readonly [pattern: string, text: string, matches: boolean])[] = [
    ['/tmp/[a-z]+\\.sh', '/tmp/run.sh', true],
    ['/tmp/[a-z]+\\.sh', '/tmp/run.sh ', false],
    ['.*(curl|wget).*', 'sh -c "wget x"', true],
    ['\\u0041\\u{42}', 'AB', true],
    ['a\\cJb', 'a\nb', true],
    ['\\\\u0041', '\\u0041', true],
    ['\\Q/tmp\\u0041\\E', '/tmp\\u0041', true],
    ['[(?<]+', '(<', true],
    ['[(?<]+', 'P', false],
    ['(?<name>ä)/', 'ä/', true],
    ['ab(?i)*', 'a', true],
  ]
  for (const [pattern, text, matches] of CASES) {
    it(`${pattern} ${matches ? 'matches' : 'does not match'} ${JSON.stringify(text)}`, () => {
      const compiled = compileRegularExpression(bytes(pattern))
      assert.ok(typeof compiled === 'function')
      assert.equal(compiled(bytes(text)), matches)
      assert.equal(compileAnyRegularExpression([bytes(pattern), 'never'])(bytes(text)), matches)
    })
  }

  it('takes bytes that are not UTF-8 for U+FFFD', () => {
    const compiled = compileRegularExpression('/tmp/.\\x{fffd}')
    assert.ok(typeof compiled === 'function')
    assert.equal(compiled('/tmp/\xff\xff'), true)
  })

  it('says what is wrong with a pattern', () => {
    assert.deepEqual(compileRegularExpression('a)(b'), { problem: 'invalid regex pattern: unexpected ): a)(b' })
    assert.deepEqual(compileReplacement('(', []), { problem: 'invalid regex pattern: missing ): (' })
  })

  it('tries patterns one by one that are too large together', () => {
    const patterns = Array.from({ length: 30 }, (_, index) => `\\pL{60}${String(index)}`)
    const matches = compileAnyRegularExpression(patterns)
    assert.equal(matches(`${'a'.repeat(60)}29`), true)
    assert.equal(matches(`${'a'.repeat(60)}30`), false)
  })
})

describe('a replacement', () => {
  const CASES: readonly (readonly [
    pattern: string,
    parts: readonly (string | { group: number | string })[],
    text: string,
    expected: string,
  ])[] = [
    ['b', ['x'], 'abcb', 'axcx'],
    ['(\\w)(\\d)?', [{ group: 2 }, '-', { group: 1 }, { group: 0 }], 'a1 b', '1-aa1 -bb'],
    ['(?P<drive>[A-Z]):', ['\\Device\\', { group: 'drive' }], 'C:\\x', '\\Device\\C\\x'],
    ['x*', ['-'], 'äb', '-ä-b-'],
    ['x*', ['-'], '', '-'],
    ['^a', ['b'], 'aaa', 'baa'],
    ['\\bb', ['x'], 'bb', 'xb'],
    ['b', ['$&$1'], 'b', '$&$1'],
    ['b', [], 'abc', 'ac'],
  ]
  for (const [pattern, parts, text, expected] of CASES) {
    it(`of ${pattern} makes ${JSON.stringify(expected)} of ${JSON.stringify(text)}`, () => {
      const replace = compileReplacement(pattern, parts)
      assert.ok(typeof replace === 'function')
      assert.equal(replace(text), expected)
    })
  }

  it('names a group that the pattern does not have', () => {
    assert.deepEqual(compileReplacement('(a)', [{ group: 2 }]), { problem: "the pattern has no group '2'" })
    assert.deepEqual(compileReplacement('(a)', [{ group: 'toString' }]), { problem: "the pattern has no group 'toString'" })
  })
})
