// Names of processes and files are anybody's: none may move the cursor, break a line, or stretch a table.
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { columnTable, cut, wrap } from '../../../../cli/terminal/terminal-text.js'
import { printable } from '../../../../infra/text/printable.js'

describe('text for a terminal', () => {
  it('shows control characters instead of obeying them', () => {
    const cases: readonly [string, string][] = [
      ['plain', 'plain'],
      ['a\nb', 'a\\nb'],
      ['\u001b[2J', '\\x1b[2J'],
      ['\u009b31m', '\\x9b31m'],
      ['\u007f', '\\x7f'],
      ['exe\u202egnp', 'exe\\u202egnp'],
      ['größe', 'größe'],
    ]
    for (const [text, shown] of cases) assert.equal(printable(text), shown)
  })

  it('never lets a control character through', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => !/[\u0000-\u001f\u007f-\u009f\u2028-\u202e]/.test(printable(text))))
  })

  it('wraps at spaces, and breaks a word that is longer than a line', () => {
    assert.deepEqual(wrap('one two three', 7), ['one two', 'three'])
    assert.deepEqual(wrap('abcdefghij', 4), ['abcd', 'efgh', 'ij'])
    assert.deepEqual(wrap('', 4), [''])
  })

  it('wraps into lines that never pass the width, and loses no character but spaces', () => {
    fc.assert(
      fc.property(fc.string(), fc.integer({ min: 1, max: 30 }), (text, width) => {
        const lines = wrap(text, width)
        assert.ok(lines.every((line) => [...line].length <= width))
        assert.equal(lines.join('').replaceAll(' ', ''), text.replaceAll(' ', ''))
      }),
    )
  })

  it('marks what it cuts', () => {
    assert.equal(cut('abcdef', 4), 'abc…')
    assert.equal(cut('abcd', 4), 'abcd')
  })
})

describe('a table', () => {
  it('keeps a row on its line and its columns aligned whatever the cells hold', () => {
    const rows = [
      { name: 'a\nb', size: 1 },
      { name: 'long name', size: 22 },
    ]
    const text = columnTable(
      [
        { title: 'NAME', value: ({ name }) => name },
        { title: 'SIZE', value: ({ size }) => String(size) },
      ],
      rows,
    )
    assert.equal(text, 'NAME       SIZE\na\\nb       1\nlong name  22\n')
  })
})
