// Requests and answers byte by byte, from the protocol specification.
import assert from 'node:assert/strict'
import { listOffsetsRequest, parseListedOffsets } from '../../../../../infra/kafka/fetch/list-offsets.js'

describe('infra/kafka/fetch/list-offsets', () => {
  it('requests start, end and committed end', () => {
    const request = (isolation: string, time: string): string =>
      '0000002c' +
      ('0002' + '0004' + '00000000' + '0002' + '6d65') +
      ('ffffffff' + isolation + '00000001' + '0001' + '61' + '00000001' + '00000003' + 'ffffffff' + time)
    const places = [{ topic: 'a', partition: 3 }]
    assert.equal(listOffsetsRequest('me', places, 'start').toString('hex'), request('00', 'fffffffffffffffe'))
    assert.equal(listOffsetsRequest('me', places, 'end').toString('hex'), request('00', 'ffffffffffffffff'))
    assert.equal(listOffsetsRequest('me', places, 'committedEnd').toString('hex'), request('01', 'ffffffffffffffff'))
  })

  it('reads offsets and errors', () => {
    const one = '00000003' + '0000' + 'ffffffffffffffff' + '0000000000000102' + '00000000'
    const two = '00000004' + '0006' + 'ffffffffffffffff' + 'ffffffffffffffff' + 'ffffffff'
    const answer = Buffer.from('00000000' + '00000001' + '0001' + '61' + '00000002' + one + two, 'hex')
    assert.deepEqual(parseListedOffsets(answer), [
      { topic: 'a', partition: 3, errorCode: 0, offset: 258 },
      { topic: 'a', partition: 4, errorCode: 6, offset: -1 },
    ])
    assert.throws(() => parseListedOffsets(answer.subarray(0, 40)), RangeError)
  })
})
