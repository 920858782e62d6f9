// The request and its answer byte by byte, from the tables of the protocol.
import assert from 'node:assert/strict'
import { describeProducersRequest, parseLastSequence } from '../../../../../infra/kafka/publisher/describe-producers.js'

const bytes = (...parts: readonly string[]): Buffer => Buffer.from(parts.join(''), 'hex')

describe('the request for the producers of a partition', () => {
  it('requests one partition', () => {
    const expected = bytes(
      '0000001b', // 27 bytes follow
      '003d' + '0000' + '00000000', // DescribeProducers, version 0, correlation id
      '0002' + '6d65' + '00', // client id "me", no tagged fields
      '02' + '06' + '746f706963', // one topic, "topic"
      '02' + '00000003' + '00' + '00', // one partition, number 3, no tagged fields
    )
    assert.equal(describeProducersRequest('me', 'topic', [3]).toString('hex'), expected.toString('hex'))
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
