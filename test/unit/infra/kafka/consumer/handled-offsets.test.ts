// What a reader is given of a batch when some of it, or all, was handled in a membership before.
import assert from 'node:assert/strict'
import { HandledOffsets } from '../../../../../infra/kafka/consumer/handled-offsets.js'

const messages = (from: number, to: number): { offset: string }[] =>
  Array.from({ length: to - from }, (_, index) => ({ offset: String(from + index) }))
const offsetsOf = (rest: readonly { offset: string }[]): number[] => rest.map(({ offset }) => Number(offset))

describe('infra/kafka/consumer/handled-offsets', () => {
  it('gives all of what nobody handled, as it is', () => {
    const batch = messages(5, 8)
    assert.equal(new HandledOffsets().rest('t', 0, batch, 8), batch)
  })

  it('gives the end of a batch whose beginning was handled, and nothing of a batch that was', () => {
    const handled = new HandledOffsets()
    handled.add('t', 0, 7)
    assert.deepEqual(offsetsOf(handled.rest('t', 0, messages(5, 9), 9)), [7, 8])
    assert.deepEqual(offsetsOf(handled.rest('t', 0, messages(5, 7), 7)), [])
    assert.deepEqual(offsetsOf(handled.rest('t', 0, messages(7, 9), 9)), [7, 8])
  })

  it('keeps partitions and topics apart', () => {
    const handled = new HandledOffsets()
    handled.add('t', 0, 7)
    assert.deepEqual(offsetsOf(handled.rest('t', 1, messages(5, 7), 9)), [5, 6])
    assert.deepEqual(offsetsOf(handled.rest('u', 0, messages(5, 7), 9)), [5, 6])
  })

  it('returns everything again after a reset, and for a recreated partition', () => {
    const handled = new HandledOffsets()
    handled.add('t', 0, 500)
    handled.add('t', 1, 500)
    handled.forget('t', 0)
    assert.deepEqual(offsetsOf(handled.rest('t', 0, messages(5, 7), 600)), [5, 6])
    assert.deepEqual(offsetsOf(handled.rest('t', 1, messages(0, 3), 264)), [0, 1, 2])
    assert.deepEqual(offsetsOf(handled.rest('t', 1, messages(3, 5), 600)), [3, 4])
  })
})
