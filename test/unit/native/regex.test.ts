// RE2 over bytes: expected values from https://github.com/google/re2/wiki/Syntax and, for bytes that are not UTF-8, the Encoding Standard.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { Worker } from 'node:worker_threads'
import { join } from 'node:path'
import fc from 'fast-check'
import { packageRoot } from '../../../infra/process/package-root.js'
import { compileRegex, compileRegexSet } from '../../../native/regex.js'

const bytes = (text: string): string => Buffer.from(text, 'utf8').toString('latin1')

describe('a compiled regular expression', () => {
  const WHOLE: readonly (readonly [pattern: string, text: string, matches: boolean])[] = [
    ['abc', 'abc', true],
    ['abc', 'abcd', false],
    ['a|ab', 'ab', true],
    ['', '', true],
    ['.', '\n', false],
    ['(?s).', '\n', true],
    ['a$', 'a\n', false],
    ['(?m)a$\n^b', 'a\nb', true],
    ['a\\z', 'a', true],
    ['(?i)straße', 'STRAßE', true],
    ['(?i)k', '\u212a', true],
    ['.', 'ä', true],
    ['..', 'ä', false],
    ['\\C\\C', 'ä', true],
    ['\\pL+', 'äΩ', true],
    ['\\p{Greek}', 'Ω', true],
    ['\\w', 'ä', false],
    ['[[:alpha:]]', 'ä', false],
    ['\\x{1f600}', '\u{1f600}', true],
    ['a\\x00b', 'a\0b', true],
    ['\\Qa.b\\E', 'a.b', true],
    ['\\Qa.b\\E', 'axb', false],
    ['(?U)a+', 'aa', true],
    ['(?P<name>a)(?<other>b)', 'ab', true],
  ]
  for (const [pattern, text, matches] of WHOLE) {
    it(`${JSON.stringify(pattern)} ${matches ? 'matches' : 'does not match'} ${JSON.stringify(text)} as a whole`, () => {
      const regex = compileRegex(pattern, { isWhole: true })
      assert.equal(regex.test(bytes(text)), matches)
      const padded = Buffer.from(`abc${text}\xff`, 'utf8')
      assert.equal(regex.testBytes(padded, 3, padded.length - 2), matches)
    })
  }

  it('matches anywhere unless the whole text is asked for', () => {
    assert.equal(compileRegex('b+').test('abba'), true)
    assert.equal(compileRegex('^b').test('abba'), false)
  })

  it('takes each invalid part of UTF-8 for one U+FFFD', () => {
    const { test } = compileRegex('\\x{fffd}{3}', { isWhole: true })
    assert.equal(test('\xff\xc3\xe2\x82'), true)
    assert.equal(test('\xed\xa0\x80'), true, 'a surrogate is three')
    assert.equal(test('\xf0\x9f\x98'), false, 'a truncated sequence is one')
  })

  it('reads bytes as the decoder of Node does', () => {
    const parts = fc.constantFrom(
      'a',
      '\xc3',
      '\xa4',
      '\xe2',
      '\x82',
      '\xac',
      '\xf0',
      '\x9f',
      '\x98',
      '\x80',
      '\xed',
      '\xf4',
      '\x90',
      '\xff',
      '\xc0',
    )
    fc.assert(
      fc.property(fc.array(parts, { maxLength: 12 }), (chosen) => {
        const text = chosen.join('')
        const decoded = Buffer.from(text, 'latin1').toString('utf8')
        const escaped = [...decoded].map((char) => `\\x{${(char.codePointAt(0) ?? 0).toString(16)}}`).join('')
        assert.ok(compileRegex(escaped, { isWhole: true }).test(text), JSON.stringify(text))
      }),
      { numRuns: 500 },
    )
  })

  it('reads long texts whole', () => {
    const { test, testBytes } = compileRegex('a{2,}b', { isWhole: true })
    for (const length of [2046, 2047, 2048, 2049, 100_000]) {
      const text = `${'a'.repeat(length - 1)}b`
      assert.equal(test(text), true, String(length))
      assert.equal(testBytes(Buffer.from(text), 0, length), true)
      assert.equal(testBytes(Buffer.from(text), 0, length - 1), false)
    }
  })

  it('refuses what is not a text, and offsets outside of the bytes', () => {
    const { test, testBytes } = compileRegex('a')
    assert.throws(() => test(1 as never), TypeError)
    assert.throws(() => testBytes('a' as never, 0, 1), TypeError)
    const outside: readonly (readonly [number, number])[] = [
      [0, 4],
      [2, 1],
      [-1, 1],
      [Number.NaN, 5],
      [2 ** 32, 1],
      [0, 2 ** 32 + 1],
    ]
    for (const [start, end] of outside) assert.throws(() => testBytes(Buffer.from('abc'), start, end), TypeError)
  })

  it('finds a match with its groups at or after an offset', () => {
    const regex = compileRegex('(?P<key>\\w+)=(\\d+)?')
    assert.equal(regex.groupCount, 2)
    assert.deepEqual({ ...regex.groupNames }, { key: 1 })
    const offsets = new Int32Array(6)
    const text = Buffer.from('ä a=1 b=')
    assert.equal(regex.find(text, 0, offsets), true)
    assert.deepEqual([...offsets], [3, 6, 3, 4, 5, 6])
    assert.equal(regex.find(text, 6, offsets), true)
    assert.deepEqual([...offsets], [7, 9, 7, 8, -1, -1])
    assert.equal(regex.find(text, 9, offsets), false)
    assert.equal(compileRegex('^').find(Buffer.alloc(0), 0, offsets), true)
    assert.deepEqual([...offsets.subarray(0, 2)], [0, 0])
    assert.equal(regex.find(text, text.length + 1, offsets), false)
    for (const from of [2 ** 32, -1, Number.NaN, Infinity]) assert.throws(() => regex.find(text, from, offsets), RangeError, String(from))
    assert.throws(() => regex.find('a=1' as never, 0, offsets), TypeError)
    assert.throws(() => regex.find(text, 0, new Uint32Array(6) as never), TypeError)
  })

  const REFUSED: readonly (readonly [pattern: string, problem: RegExp])[] = [
    ['(abc', /missing \): \(abc/],
    ['abc)', /unexpected \): abc\)/],
    ['a)(b', /unexpected \)/],
    ['[a', /missing \]: \[a/],
    ['*', /no argument for repetition operator: \*/],
    ['a**b{2}{3}', /bad repetition operator: \*\*/],
    ['a{1001}', /invalid repetition size: \{1001\}/],
    ['\\8', /invalid escape sequence: \\8/],
    ['(?=a)', /invalid perl operator: \(\?=/],
    ['(?P<a>x)(?P<a>y)', /duplicate capture group name/],
    ['((a{100}){100}){100}', /pattern too large|invalid repetition size/],
  ]
  for (const [pattern, problem] of REFUSED) {
    it(`says what is wrong with ${pattern}`, () => {
      assert.throws(() => compileRegex(pattern, { isWhole: true }), problem)
    })
  }

  it('is bounded in memory', () => {
    assert.throws(() => compileRegex('\\pL{900}', { maxBytes: 64 << 10 }), /pattern too large/)
    assert.throws(() => compileRegex('a', { maxBytes: 1 }), RangeError)
    assert.throws(() => compileRegex('a', { maxBytes: 2 ** 31 }), RangeError)
    assert.ok(compileRegex('a{100}').programSize > compileRegex('a{10}').programSize)
  })

  it('takes time that is linear in the text', () => {
    const { test } = compileRegex('(a*)*b', { isWhole: true })
    assert.equal(test('a'.repeat(100_000)), false)
  })

  it('works in several threads of one process', async () => {
    const module = join(packageRoot(), 'dist/native/regex.js')
    const script = `import(${JSON.stringify(module)}).then(({ compileRegex }) => { require('node:worker_threads').parentPort.postMessage(compileRegex('a+').test('caat')) })`
    const answers = await Promise.all(
      [1, 2].map((_) => new Promise((done, failed) => new Worker(script, { eval: true }).once('message', done).once('error', failed))),
    )
    assert.deepEqual(answers, [true, true])
  })

  // An abort ends the process, so the workers run in a process of their own.
  it('survives the end of workers that compile', () => {
    const module = JSON.stringify(join(packageRoot(), 'dist/native/regex.js'))
    const worker = `import(${module}).then(({ compileRegex, compileRegexSet }) => {
      for (let i = 0; ; i++) {
        compileRegex('(?P<a>a' + i + ')(?P<b>.*)b')
        compileRegexSet(['a' + i, 'b'])
        try { compileRegex('(') } catch {}
      }
    })`
    const script = `const { Worker } = require('node:worker_threads')
      const one = (index) => new Promise((ended) => {
        const worker = new Worker(${JSON.stringify(worker)}, { eval: true })
        worker.once('online', () => setTimeout(() => worker.terminate().then(ended), 100 + 10 * index))
      })
      const round = () => Promise.all(Array.from({ length: 12 }, (_, index) => one(index)))
      round().then(round).then(round).then(round).then(round).then(() => console.log('ended'))`
    const { status, stdout, stderr } = spawnSync(process.execPath, ['-e', script], { encoding: 'utf8' })
    assert.equal(status, 0, stderr)
    assert.equal(stdout, 'ended\n')
  }).timeout(60_000)
})

describe('a compiled set of regular expressions', () => {
  const found = (patterns: readonly string[], text: string, isWhole = false): number[] => {
    const ids = new Uint32Array(patterns.length)
    const set = compileRegexSet(patterns, { isWhole })
    const count = set.match(bytes(text), ids)
    const padded = Buffer.from(`x${text}x`)
    const ofBytes = new Uint32Array(patterns.length)
    assert.equal(set.matchBytes(padded, 1, padded.length - 1, ofBytes), count)
    assert.deepEqual(ofBytes, ids)
    return [...ids.subarray(0, count)]
  }

  it('names every pattern that matches, in their order', () => {
    assert.deepEqual(found(['b', 'x', 'a.', '^a', 'c$'], 'abc'), [0, 2, 3, 4])
    assert.deepEqual(found(['abc', 'ab', 'ab.', 'bc'], 'abc', true), [0, 2])
    assert.deepEqual(found(['a'], 'b'), [])
    assert.deepEqual(found([], 'b'), [])
    assert.deepEqual(found(['.', '\\x{fffd}', 'ä'], 'ä', true), [0, 2])
  })

  it('says which pattern is wrong, and when all are too large together', () => {
    assert.throws(() => compileRegexSet(['a', '(']), /pattern 1: missing \)/)
    const many = Array.from({ length: 50 }, (_, index) => `\\pL{50}${String(index)}`)
    assert.throws(() => compileRegexSet(many, { maxBytes: 1 << 20 }), /the patterns are too large together/)
  })

  it('is bounded in number and size', () => {
    const patterns = (count: number, bytes: number): string[] => Array.from({ length: count }, () => 'a'.repeat(bytes))
    assert.ok(compileRegexSet(patterns(1_000, 1)))
    assert.throws(() => compileRegexSet(patterns(1_001, 1)), new RangeError('a set has at most 1000 patterns, found 1001'))
    assert.ok(compileRegexSet(patterns(2, 32 << 10)))
    assert.throws(
      () => compileRegexSet(['ä'.repeat(32 << 10), 'a']),
      /^RangeError: the patterns of a set have at most 65536 bytes together, found 65537$/,
    )
  })

  it('refuses ids without room for every pattern', () => {
    assert.throws(() => compileRegexSet(['a', 'b']).match('a', new Uint32Array(1)), TypeError)
    assert.throws(() => compileRegexSet(['a']).match('a', new Uint8Array(4) as never), TypeError)
  })

  it('agrees with each pattern alone', () => {
    const pattern = fc
      .array(fc.constantFrom('a', 'b', '.', '[^a]', '(?i)', 'ä', '^', '$', '\\b', 'a*', '(?:ab|b)', 'b?'), { minLength: 1, maxLength: 5 })
      .map((parts) => parts.join(''))
    const text = fc.array(fc.constantFrom('a', 'b', 'A', '\n', '\xc3\xa4', '\xff', ' '), { maxLength: 6 }).map((parts) => parts.join(''))
    fc.assert(
      fc.property(fc.array(pattern, { maxLength: 5 }), text, fc.boolean(), (patterns, value, isWhole) => {
        const ids = new Uint32Array(patterns.length)
        const count = compileRegexSet(patterns, { isWhole }).match(value, ids)
        const expected = patterns.flatMap((one, index) => (compileRegex(one, { isWhole }).test(value) ? [index] : []))
        assert.deepEqual([...ids.subarray(0, count)], expected)
      }),
      { numRuns: 500 },
    )
  })
})
