// The table of `rules top`.
import assert from 'node:assert/strict'
import { topText } from '../../../../cli/rules/top-command.js'
import type { TopRule } from '../../../../processors/rule-engine/workbench/rule-figures.js'

describe('the table of rules top', () => {
  const ROWS: readonly TopRule[] = [
    { name: 'cheap', evaluated: 1_000, matched: 5, seconds: 0.001, events: 2_000 },
    { name: 'costly', evaluated: 10, matched: 0, seconds: 0.002, events: 2_000 },
    { name: 'asleep', evaluated: 0, matched: 0, seconds: 0, events: 2_000 },
  ]

  it('is a table that fits the terminal, and sums up', () => {
    const long: TopRule = { name: 'x'.repeat(300), evaluated: 123_456_789, matched: 12_345_678, seconds: 1, events: 200_000_000 }
    const lines = topText([...ROWS, long], [...ROWS, long], 120)
      .trimEnd()
      .split('\n')
    assert.ok(
      lines.every((line) => line.length <= 120),
      lines.join('\n'),
    )
    assert.match(lines[2] ?? '', /^ {2}0\.2 % {5}200\.00 {9}10 {4}0\.500 % {9}0 {2}costly$/)
    assert.equal(lines.at(-1), '4 rules: 2 matched, 2 never did; 1 was never evaluated; 1.003 s in all')
  })

  it('shows no control characters of names', () => {
    assert.ok(!topText([{ name: 'a\u001b[2Jb', evaluated: 1, matched: 1, seconds: 0, events: 2_000 }], ROWS, 120).includes('\u001b'))
  })
})
