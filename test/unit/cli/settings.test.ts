// Sizes of the command line: bytes of what people write, and a mistake for everything else.
import { InvalidArgumentError } from 'commander'
import assert from 'node:assert/strict'
import { parseMoment, parseSize, parseSpan } from '../../../cli/settings.js'

describe('sizes', () => {
  for (const [text, bytes] of [
    ['65536', 65_536],
    ['64KiB', 65_536],
    ['100MiB', 104_857_600],
    ['2GiB', 2_147_483_648],
  ] as const) {
    it(`${text} are ${String(bytes)} bytes`, () => assert.equal(parseSize(text), bytes))
  }

  for (const text of ['', '0', '-1', '1.5GiB', '10MB', 'ten', '999999999999TiB', '64 KiB']) {
    it(`"${text}" is none`, () => assert.throws(() => parseSize(text), InvalidArgumentError))
  }
})

describe('a span', () => {
  it('is a number with its unit', () => {
    const cases: readonly [string, number][] = [
      ['500ms', 500],
      ['30s', 30_000],
      ['10m', 600_000],
      ['2h', 7_200_000],
      ['1d', 86_400_000],
    ]
    for (const [text, ms] of cases) assert.equal(parseSpan(text), ms)
  })

  it('is refused without a unit, with a sign or with anything else', () => {
    for (const text of ['10', '-1s', '1.5h', '1w', '', 's', '1 s', '99999999999s'])
      assert.throws(() => parseSpan(text), /Expected a span/, text)
  })
})

describe('a moment', () => {
  it('is a span ago or a time', () => {
    assert.equal(parseMoment('10m', 1_000_000), 400_000)
    assert.equal(parseMoment('2026-01-31T12:00:00Z'), Date.UTC(2026, 0, 31, 12))
  })

  it('is refused when it is neither', () => {
    for (const text of ['yesterday', '12:00', '2026-13-41T00:00:00Z', ''])
      assert.throws(() => parseMoment(text), /Expected a span ago/, text)
  })
})
