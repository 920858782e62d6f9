// Requests and answers byte by byte, from the tables of the protocol.
import assert from 'node:assert/strict'
import { offsetFetchRequest, parseOffsetFetch, type StableOffset } from '../../../../../infra/kafka/group/offset-requests.js'

const bytes = (...parts: readonly string[]): Buffer => Buffer.from(parts.join(''), 'hex')
const found = (offset: StableOffset, metadata = '') => ({
  errorCode: 0,
  offsets: [{ topic: 'topic', partition: 3, errorCode: 0, offset, metadata }],
})

function answer(offset: string, partitionError: string, error = '0000'): Buffer {
  return bytes(
    '00' + '00000000', // no tagged fields in the header, throttle time
    '02' + '06' + '746f706963', // one topic
    '02' + '00000003' + offset + 'ffffffff', // one partition, offset, no leader epoch
    '00' + partitionError + '00' + '00', // no metadata, error, no tagged fields
    error + '00',
  )
}

describe('the request for stable offsets', () => {
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
    assert.equal(offsetFetchRequest('me', 'gg', new Map([['topic', [3]]])).toString('hex'), expected.toString('hex'))
  })

  it('returns an offset, none, or that a transaction is pending', () => {
    assert.deepEqual(parseOffsetFetch(answer('0000000000000102', '0000')), found(258))
    assert.deepEqual(parseOffsetFetch(answer('ffffffffffffffff', '0000')), found(-1))
    assert.deepEqual(parseOffsetFetch(answer('ffffffffffffffff', '0058')), found('pending'))
  })

  it('returns the error of the group, and those of partitions', () => {
    assert.equal(parseOffsetFetch(answer('ffffffffffffffff', '001d')).offsets[0]?.errorCode, 29)
    assert.equal(parseOffsetFetch(bytes('00' + '00000000' + '01' + '000e' + '00')).errorCode, 14)
    assert.equal(parseOffsetFetch(answer('ffffffffffffffff', '0058', '0010')).errorCode, 16)
  })

  it('skips the tagged fields of later brokers in every place', () => {
    const tags = '02' + '00' + '01' + 'ff' + '05' + '02' + 'abcd'
    const tagged = bytes(
      tags + '00000000',
      '02' + '06' + '746f706963',
      '02' + '00000003' + '0000000000000102' + 'ffffffff' + '03' + '6d6d' + '0000' + tags,
      tags + '0000' + tags,
    )
    assert.deepEqual(parseOffsetFetch(tagged), found(258, 'mm'))
  })

  it('refuses a truncated answer', () => {
    const whole = answer('0000000000000102', '0000')
    for (let length = 0; length < whole.length - 1; length++) {
      assert.throws(() => parseOffsetFetch(whole.subarray(0, length)), RangeError, String(length))
    }
  })
})
