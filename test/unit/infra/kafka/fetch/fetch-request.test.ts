// Requests and answers byte by byte, from the protocol specification.
import assert from 'node:assert/strict'
import { fetchRequest, parseFetchAnswer } from '../../../../../infra/kafka/fetch/fetch-request.js'
import { randomBytes } from 'node:crypto'

const bytes = (...parts: readonly string[]): Buffer => Buffer.from(parts.join(''), 'hex')

describe('infra/kafka/fetch/fetch-request', () => {
  it('requests partitions by topic, without a session, for readers of committed records', () => {
    const places = [
      { topic: 'b', partition: 3, position: 258 },
      { topic: 'a', partition: 0, position: 0 },
      { topic: 'b', partition: 1, position: 1 },
    ]
    const place = (partition: string, offset: string): string => partition + 'ffffffff' + offset + 'ffffffffffffffff' + '00000200'
    const expected = bytes(
      '00000091', // size
      '0001' + '000b' + '00000000' + '0002' + '6d65', // Fetch, version 11, correlation id, client id "me"
      'ffffffff' + '000001f4' + '00000001' + '00001000' + '01', // replica, wait, least and most bytes, read_committed
      '00000000' + 'ffffffff', // session
      '00000002' + '0001' + '62' + '00000002' + place('00000003', '0000000000000102') + place('00000001', '0000000000000001'),
      '0001' + '61' + '00000001' + place('00000000', '0000000000000000'),
      '00000000' + '0000', // no forgotten topics, no rack
    )
    const frame = fetchRequest('me', places, { waitMs: 500, maxBytes: 4_096, maxPartitionBytes: 512 })
    assert.equal(frame.toString('hex'), expected.toString('hex'))
  })

  const head = ['0000012c' + '0000' + '00000000', '00000001' + '0001' + '61' + '00000002']
  const first = '00000005' + '0000' + '0000000000000010' + '0000000000000009' + '0000000000000002'
  const aborted = '00000001' + '0000000000000007' + '0000000000000003'
  const second = '00000006' + '0001' + 'ffffffffffffffff'.repeat(3) + 'ffffffff' + 'ffffffff' + 'ffffffff'
  const answer = bytes(...head, first, aborted, 'ffffffff', '00000003' + '414243', second)

  it('reads the answer in place', () => {
    const parsed = parseFetchAnswer(answer)
    assert.deepEqual([parsed.throttleMs, parsed.errorCode, parsed.partitions.length], [300, 0, 2])
    assert.deepEqual(parsed.partitions[0], {
      topic: 'a',
      partition: 5,
      errorCode: 0,
      highWatermark: 16,
      logStart: 2,
      aborted: [{ producerId: 7n, firstOffset: 3 }],
      recordSet: Buffer.from('ABC'),
    })
    assert.equal(parsed.partitions[0]?.recordSet.buffer, answer.buffer)
    const { errorCode, aborted: none, recordSet } = parsed.partitions[1] ?? {}
    assert.deepEqual([errorCode, none, recordSet?.length], [1, [], 0])
  })

  it('refuses a truncated answer, and is bounded by the bytes of any other', () => {
    for (let end = 0; end < answer.length; end++) assert.throws(() => parseFetchAnswer(answer.subarray(0, end)), RangeError, String(end))
    for (let round = 0; round < 1_000; round++) {
      const mutated = Buffer.concat([answer.subarray(0, 10), randomBytes(200)])
      mutated.writeInt32BE(0x7fff_ffff, 10)
      assert.throws(() => parseFetchAnswer(mutated), RangeError)
    }
  })
})
