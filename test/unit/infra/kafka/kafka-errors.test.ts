import assert from 'node:assert/strict'
import kafkajs from 'kafkajs'
import {
  hasKafkaLabel,
  kafkaErrorOf,
  KafkaFencedError,
  KafkaRefusedError,
  KafkaTopicError,
  KafkaUnreachableError,
} from '../../../../infra/kafka/kafka-errors.js'

const { KafkaJSConnectionError, KafkaJSNumberOfRetriesExceeded, KafkaJSNonRetriableError } = kafkajs
const protocolError = (type: string): Error => Object.assign(new KafkaJSNonRetriableError(type), { name: 'KafkaJSProtocolError', type })
const exceeded = (cause: Error): Error =>
  Object.assign(new KafkaJSNumberOfRetriesExceeded(cause, { retryCount: 5, retryTime: 1 }), { cause })

describe('infra/kafka/kafka-errors', () => {
  const TABLE: readonly (readonly [
    what: string,
    error: Error,
    expected: abstract new (...args: never[]) => Error,
    isRetryable: boolean,
  ])[] = [
    ['a connection that fails', new KafkaJSConnectionError('refused'), KafkaUnreachableError, true],
    [
      'a wrong password',
      Object.assign(new KafkaJSNonRetriableError('no'), { name: 'KafkaJSSASLAuthenticationError' }),
      KafkaRefusedError,
      false,
    ],
    ['missing rights', protocolError('TOPIC_AUTHORIZATION_FAILED'), KafkaRefusedError, false],
    ['a missing topic', protocolError('UNKNOWN_TOPIC_OR_PARTITION'), KafkaTopicError, false],
    ['an older producer', protocolError('INVALID_PRODUCER_EPOCH'), KafkaFencedError, true],
    ['missing rights after retries', exceeded(protocolError('GROUP_AUTHORIZATION_FAILED')), KafkaRefusedError, false],
    ['anything else', new Error('odd'), KafkaUnreachableError, true],
  ]
  for (const [what, error, expected, isRetryable] of TABLE) {
    it(`converts ${what} to a ${expected.name}`, () => {
      const ours = kafkaErrorOf(error, 'it failed')
      assert.ok(ours instanceof expected)
      assert.equal(ours.isRetryable, isRetryable)
      assert.equal(ours.cause, error)
      assert.match(ours.message, /^it failed: /)
    })
  }

  it('does not convert our own errors', () => {
    const ours = new KafkaTopicError('gone')
    assert.equal(kafkaErrorOf(ours, 'x'), ours)
  })

  it('finds a label inside wrappers, and none in values that are not errors', () => {
    assert.equal(hasKafkaLabel(exceeded(protocolError('ILLEGAL_GENERATION')), 'ILLEGAL_GENERATION'), true)
    assert.equal(hasKafkaLabel('text', 'ILLEGAL_GENERATION'), false)
    assert.equal(hasKafkaLabel(undefined, 'ILLEGAL_GENERATION'), false)
  })
})
