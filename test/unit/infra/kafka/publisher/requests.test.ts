// Requests and answers byte by byte, from the protocol's description.
import assert from 'node:assert/strict'
import { describeProducersRequest, parseLastSequence } from '../../../../../infra/kafka/publisher/describe-producers-request.js'
import { parseProduceAnswer, produceHead, stampProduceHead } from '../../../../../infra/kafka/publisher/produce-request.js'

const bytes = (...parts: readonly string[]): Buffer => Buffer.from(parts.join(''), 'hex')

describe('infra/kafka/publisher/produce-request', () => {
  it('puts one topic and one partition around the batch', () => {
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

  it('refuses an answer that is cut or about something else', () => {
    assert.throws(() => parseProduceAnswer(bytes('00000001', '0005', '746f')), RangeError)
    assert.throws(() => parseProduceAnswer(bytes('00000002', '00'.repeat(60))), RangeError)
    assert.throws(() => parseProduceAnswer(Buffer.alloc(0)), RangeError)
  })
})

describe('infra/kafka/publisher/describe-producers-request', () => {
  it('asks about one partition', () => {
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

  it('fails when the broker refuses to tell, or the answer is cut', () => {
    assert.throws(() => parseLastSequence(answerOf('001d', []), 1n, 0), /error 29/)
    const whole = answerOf('0000', [producer('0000000000000001', '00000000', '00000063')])
    assert.throws(() => parseLastSequence(whole.subarray(0, 24), 1n, 0), RangeError)
  })
})
