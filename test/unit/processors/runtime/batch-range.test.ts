import assert from 'node:assert/strict'
import { BatchRange } from '../../../../processors/runtime/batch-range.js'
import { ArrayBatch } from '../../../support/records/array-batch.js'

const batchOf = (letters: string): ArrayBatch =>
  new ArrayBatch(
    'process',
    [...letters].map((letter) => ({ value: Buffer.from(letter) })),
  )

/** The letters of a range, walked from its start. */
function lettersOf(range: BatchRange): string {
  let letters = ''
  range.rewind()
  while (range.next()) letters += Buffer.from(range.batch.valueBytes).toString()
  return letters
}

describe('range of a batch', () => {
  it('walks its records only, as often as it is rewound', () => {
    const range = new BatchRange(batchOf('abcdef'), 2, 5)
    assert.equal(range.length, 3)
    assert.equal(lettersOf(range), 'cde')
    assert.equal(lettersOf(range), 'cde')
    assert.equal(range.next(), false)
  })

  it('splits so that every record is in one part', () => {
    const [left, right] = new BatchRange(batchOf('abcde')).split(3)
    assert.equal(lettersOf(right), 'de')
    assert.equal(lettersOf(left), 'abc')
    const [first, second] = new BatchRange(batchOf('abcde'), 3, 5).split(1)
    assert.equal(lettersOf(first) + lettersOf(second), 'de')
  })

  it('knows the index of its cursor before, on and after its records', () => {
    const range = new BatchRange(batchOf('abcd'), 1, 3)
    range.rewind()
    assert.equal(range.index, 0)
    range.next()
    assert.equal(range.index, 1)
    range.next()
    range.next()
    assert.equal(range.index, 3)
  })

  it('knows the offset of an index, also where offsets have gaps, and the one after the batch', () => {
    const batch = new ArrayBatch(
      'process',
      [
        { value: null, offset: 10 },
        { value: null, offset: 17 },
      ],
      10,
    )
    const range = new BatchRange(batch)
    assert.equal(range.offsetAt(1), 17)
    assert.equal(range.offsetAt(0), 10)
    assert.equal(range.offsetAt(2), 18)
  })
})
