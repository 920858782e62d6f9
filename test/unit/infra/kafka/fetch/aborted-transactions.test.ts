import assert from 'node:assert/strict'
import { AbortedTransactions } from '../../../../../infra/kafka/fetch/aborted-transactions.js'

describe('infra/kafka/fetch/aborted-transactions', () => {
  it('hides a producer from the first offset of its transaction to its marker', () => {
    const aborted = new AbortedTransactions([
      { producerId: 1n, firstOffset: 30 },
      { producerId: 2n, firstOffset: 5 },
      { producerId: 1n, firstOffset: 10 },
    ])
    assert.equal(aborted.hides(1n, 9), false)
    assert.equal(aborted.hides(2n, 9), true)
    assert.equal(aborted.hides(1n, 10), true)
    aborted.end(1n)
    assert.equal(aborted.hides(1n, 29), false)
    aborted.end(2n)
    assert.equal(aborted.isEmpty, false)
    assert.equal(aborted.hides(1n, 35), true)
    aborted.end(1n)
    assert.equal(aborted.isEmpty, true)
  })
})
