import assert from 'node:assert/strict'
import fc from 'fast-check'
import { isInLog, produceOutcome, sequenceAfter } from '../../../../../infra/kafka/publisher/produce-outcome.js'

describe('infra/kafka/publisher/produce-outcome', () => {
  // Codes: https://kafka.apache.org/protocol#protocol_error_codes
  const TABLE: readonly (readonly [code: number, name: string, outcome: string])[] = [
    [0, 'NONE', 'acked'],
    [46, 'DUPLICATE_SEQUENCE_NUMBER', 'acked'],
    [45, 'OUT_OF_ORDER_SEQUENCE_NUMBER', 'verify'],
    [47, 'INVALID_PRODUCER_EPOCH', 'verify'],
    [59, 'UNKNOWN_PRODUCER_ID', 'verify'],
    [10, 'MESSAGE_TOO_LARGE', 'tooMuch'],
    [18, 'RECORD_LIST_TOO_LARGE', 'tooMuch'],
    [32, 'INVALID_TIMESTAMP', 'tooLate'],
    [87, 'INVALID_RECORD', 'tooMuch'],
    [76, 'UNSUPPORTED_COMPRESSION_TYPE', 'refused'],
    [6, 'NOT_LEADER_OR_FOLLOWER', 'retry'],
    [7, 'REQUEST_TIMED_OUT', 'retry'],
    [19, 'NOT_ENOUGH_REPLICAS', 'retry'],
    [20, 'NOT_ENOUGH_REPLICAS_AFTER_APPEND', 'retry'],
    [29, 'TOPIC_AUTHORIZATION_FAILED', 'retry'],
    [3, 'UNKNOWN_TOPIC_OR_PARTITION', 'retry'],
    [9999, 'a code that does not exist yet', 'retry'],
  ]
  for (const [code, name, outcome] of TABLE) {
    it(`takes ${name} as ${outcome}`, () => {
      assert.equal(produceOutcome(code, 1), outcome)
    })
  }

  it('tries a corrupt batch again a few times only', () => {
    assert.equal(produceOutcome(2, 1), 'retry')
    assert.equal(produceOutcome(2, 5), 'refused')
  })

  it('goes on at 0 behind 2^31 - 1', () => {
    assert.equal(sequenceAfter(2_147_483_647, 1), 0)
    assert.equal(sequenceAfter(2_147_483_640, 10), 2)
    assert.equal(sequenceAfter(5, 10), 15)
  })

  it('finds a batch in the log whose last sequence is its own or a later one, across the wrap too', () => {
    assert.equal(isInLog(-1, 0, 5), false)
    assert.equal(isInLog(4, 0, 5), true)
    assert.equal(isInLog(3, 0, 5), false)
    assert.equal(isInLog(2, 2_147_483_646, 5), true)
    assert.equal(isInLog(2_147_483_645, 2_147_483_646, 5), false)
    fc.assert(
      fc.property(
        fc.nat(2_147_483_647),
        fc.integer({ min: 1, max: 10_000 }),
        fc.integer({ min: 0, max: 1_000_000 }),
        (base, records, ahead) => {
          const last = sequenceAfter(base, records - 1)
          assert.equal(isInLog(sequenceAfter(last, ahead), base, records), true)
          assert.equal(isInLog(last, sequenceAfter(base, ahead + 1), records), false)
        },
      ),
    )
  })
})
