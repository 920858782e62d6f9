// Requests and answers byte by byte, from the protocol specification.
import assert from 'node:assert/strict'
import fc from 'fast-check'
import {
  isInLog,
  parseProduceAnswer,
  produceHead,
  produceOutcome,
  sequenceAfter,
  stampProduceHead,
} from '../../../../../infra/kafka/publisher/produce-request.js'

const bytes = (...parts: readonly string[]): Buffer => Buffer.from(parts.join(''), 'hex')

describe('infra/kafka/publisher/produce-request', () => {
  it('wraps the batch in one topic and one partition', () => {
    const head = produceHead('me', 'topic')
    const frame = Buffer.concat([head, Buffer.from('BATCH')])
    stampProduceHead(frame, head.length, 3, frame.length)
    const expected = bytes(
      '00000030', // 48 bytes follow
      '0000' + '0007' + '00000000', // Produce, version 7, correlation id
      '0002' + '6d65', // client id "me"
      'ffff', // no transactional id
      'ffff' + '00007530', // all in-sync replicas, 30 s
      '00000001' + '0005' + '746f706963', // one topic, "topic"
      '00000001' + '00000003', // one partition, number 3
      '00000005' + '4241544348', // 5 bytes of records
    )
    assert.equal(frame.toString('hex'), expected.toString('hex'))
  })

  it('reads the broker time of an append to a topic with LogAppendTime', () => {
    const offsets = ['0000000000000007', '0000018bcfe56800', '0000000000000000']
    const answer = bytes('00000001', '0005' + '746f706963', '00000001', '00000003' + '0000', ...offsets, '00000000')
    assert.deepEqual(parseProduceAnswer(answer), { errorCode: 0, appendedMs: 1_700_000_000_000, throttleMs: 0 })
  })

  it('reads error and throttle time of the answer', () => {
    const answer = bytes('00000001', '0005' + '746f706963', '00000001', '00000003' + '002d', 'ff'.repeat(24), '0000012c')
    assert.deepEqual(parseProduceAnswer(answer), { errorCode: 45, appendedMs: -1, throttleMs: 300 })
  })

  it('refuses an answer that is truncated or has another shape', () => {
    assert.throws(() => parseProduceAnswer(bytes('00000001', '0005', '746f')), RangeError)
    assert.throws(() => parseProduceAnswer(bytes('00000002', '00'.repeat(60))), RangeError)
    assert.throws(() => parseProduceAnswer(Buffer.alloc(0)), RangeError)
  })
})

describe('the outcome of a produce request', () => {
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
    it(`maps ${name} to ${outcome}`, () => {
      assert.equal(produceOutcome(code, 1), outcome)
    })
  }

  it('retries a corrupt batch only a few times', () => {
    assert.equal(produceOutcome(2, 1), 'retry')
    assert.equal(produceOutcome(2, 5), 'refused')
  })

  it('continues with 0 after 2^31 - 1', () => {
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
