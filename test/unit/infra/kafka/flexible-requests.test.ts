// Requests and answers byte by byte, from the tables of the protocol.
import assert from 'node:assert/strict'
import {
  describeProducersRequest,
  parseLastSequence,
  parseStableOffset,
  stableOffsetRequest,
} from '../../../../infra/kafka/flexible-requests.js'

const bytes = (...parts: readonly string[]): Buffer => Buffer.from(parts.join(''), 'hex')

function answer(offset: string, partitionError: string, error = '0000'): Buffer {
  return bytes(
    '00' + '00000000', // no tagged fields in the header, throttle time
    '02' + '06' + '746f706963', // one topic
    '02' + '00000003' + offset + 'ffffffff', // one partition, offset, no leader epoch
    '00' + partitionError + '00' + '00', // no metadata, error, no tagged fields
    error + '00',
  )
}

describe('the request for a stable offset', () => {
  it('requests one partition of a group, and only stable offsets', () => {
    const expected = bytes(
      '0000001f', // 31 bytes follow
      '0009' + '0007' + '00000000', // OffsetFetch, version 7, correlation id
      '0002' + '6d65' + '00', // client id "me", no tagged fields
      '03' + '6767', // group "gg"
      '02' + '06' + '746f706963', // one topic, "topic"
      '02' + '00000003' + '00', // one partition, number 3, no tagged fields
      '01' + '00', // stable only, no tagged fields
    )
    assert.equal(stableOffsetRequest('me', 'gg', 'topic', 3).toString('hex'), expected.toString('hex'))
  })

  it('returns an offset, none, or that a transaction is pending', () => {
    assert.deepEqual(parseStableOffset(answer('0000000000000102', '0000')), { errorCode: 0, offset: 258 })
    assert.deepEqual(parseStableOffset(answer('ffffffffffffffff', '0000')), { errorCode: 0, offset: -1 })
    assert.deepEqual(parseStableOffset(answer('ffffffffffffffff', '0058')), { errorCode: 0, offset: 'pending' })
  })

  it('returns the error of the group, or else that of the partition', () => {
    assert.equal(parseStableOffset(answer('ffffffffffffffff', '001d')).errorCode, 29)
    assert.equal(parseStableOffset(bytes('00' + '00000000' + '01' + '000e' + '00')).errorCode, 14)
    assert.equal(parseStableOffset(answer('ffffffffffffffff', '0058', '0010')).errorCode, 16)
  })

  it('skips the tagged fields of later brokers in every place', () => {
    const tags = '02' + '00' + '01' + 'ff' + '05' + '02' + 'abcd'
    const tagged = bytes(
      tags + '00000000',
      '02' + '06' + '746f706963',
      '02' + '00000003' + '0000000000000102' + 'ffffffff' + '03' + '6d6d' + '0000' + tags,
      tags + '0000' + tags,
    )
    assert.deepEqual(parseStableOffset(tagged), { errorCode: 0, offset: 258 })
  })

  it('refuses a truncated answer', () => {
    const whole = answer('0000000000000102', '0000')
    for (let length = 0; length < whole.length - 1; length++) {
      assert.throws(() => parseStableOffset(whole.subarray(0, length)), RangeError, String(length))
    }
  })
})

describe('the request for the producers of a partition', () => {
  it('requests one partition', () => {
    const expected = bytes(
      '0000001b', // 27 bytes follow
      '003d' + '0000' + '00000000', // DescribeProducers, version 0, correlation id
      '0002' + '6d65' + '00', // client id "me", no tagged fields
      '02' + '06' + '746f706963', // one topic, "topic"
      '02' + '00000003' + '00' + '00', // one partition, number 3, no tagged fields
    )
    assert.equal(describeProducersRequest('me', 'topic', 3).toString('hex'), expected.toString('hex'))
  })

  const producer = (id: string, epoch: string, last: string): string =>
    id + epoch + last + '00'.repeat(8) + '00000000' + 'ff'.repeat(8) + '00'
  const answerOf = (error: string, producers: readonly string[]): Buffer =>
    bytes(
      '00' + '00000000', // no tagged fields in the header, throttle time
      '02' + '06' + '746f706963', // one topic
      '02' + '00000003', // one partition
      error + '00', // error, no message
      (producers.length + 1).toString(16).padStart(2, '0') + producers.join(''),
      '00' + '00' + '00',
    )

  it('finds the last sequence of a producer among others', () => {
    const answer = answerOf('0000', [
      producer('0000000000000001', '00000000', '00000063'),
      producer('0000000000000002', '00000001', '0000002a'),
      producer('0000000000000002', '00000000', '00000007'),
    ])
    assert.equal(parseLastSequence(answer, 2n, 0), 7)
    assert.equal(parseLastSequence(answer, 2n, 1), 42)
    assert.equal(parseLastSequence(answer, 3n, 0), -1)
  })

  it('fails if the broker refuses, or the answer is truncated', () => {
    assert.throws(() => parseLastSequence(answerOf('001d', []), 1n, 0), /error 29/)
    const whole = answerOf('0000', [producer('0000000000000001', '00000000', '00000063')])
    assert.throws(() => parseLastSequence(whole.subarray(0, 24), 1n, 0), RangeError)
  })
})
