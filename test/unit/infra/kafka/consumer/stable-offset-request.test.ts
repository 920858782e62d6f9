// What goes over the wire when a group's offset is asked for, and what comes back: bytes as the protocol's tables have them.
import assert from 'node:assert/strict'
import { parseStableOffset, stableOffsetRequest } from '../../../../../infra/kafka/consumer/stable-offset-request.js'

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

describe('infra/kafka/consumer/stable-offset-request', () => {
  it('asks for one partition of a group, and for stable offsets only', () => {
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

  it('tells the offset, that there is none, and that a transaction holds one back', () => {
    assert.deepEqual(parseStableOffset(answer('0000000000000102', '0000')), { errorCode: 0, offset: 258 })
    assert.deepEqual(parseStableOffset(answer('ffffffffffffffff', '0000')), { errorCode: 0, offset: -1 })
    assert.deepEqual(parseStableOffset(answer('ffffffffffffffff', '0058')), { errorCode: 0, offset: 'pending' })
  })

  it('tells the error of the partition, and before it that of the group', () => {
    assert.equal(parseStableOffset(answer('ffffffffffffffff', '001d')).errorCode, 29)
    assert.equal(parseStableOffset(bytes('00' + '00000000' + '01' + '000e' + '00')).errorCode, 14)
    assert.equal(parseStableOffset(answer('ffffffffffffffff', '0058', '0010')).errorCode, 16)
  })

  it('passes over tagged fields of later brokers, wherever they stand', () => {
    const tags = '02' + '00' + '01' + 'ff' + '05' + '02' + 'abcd'
    const tagged = bytes(
      tags + '00000000',
      '02' + '06' + '746f706963',
      '02' + '00000003' + '0000000000000102' + 'ffffffff' + '03' + '6d6d' + '0000' + tags,
      tags + '0000' + tags,
    )
    assert.deepEqual(parseStableOffset(tagged), { errorCode: 0, offset: 258 })
  })

  it('refuses an answer that is cut', () => {
    const whole = answer('0000000000000102', '0000')
    for (let length = 0; length < whole.length - 1; length++) {
      assert.throws(() => parseStableOffset(whole.subarray(0, length)), RangeError, String(length))
    }
  })
})
