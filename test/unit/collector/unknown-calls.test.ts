import assert from 'node:assert/strict'
import { unknownCallCounters } from '../../../collector/unknown-calls.js'
import { ABI_COMPAT_32, ABI_NATIVE, ABI_X32, UNKNOWN_CALL, UNKNOWN_CALL_OTHERS } from '../../../native/generated/layout.js'

function entry(abi: number, number: number, count: bigint): Buffer {
  const bytes = Buffer.alloc(UNKNOWN_CALL.bytes + 8)
  bytes.writeUInt32LE(number, UNKNOWN_CALL.number)
  bytes.writeUInt32LE(abi, UNKNOWN_CALL.abi)
  bytes.writeBigUInt64LE(count, UNKNOWN_CALL.bytes)
  return bytes
}

describe('counters of unknown calls', () => {
  it('have ABI and number', () => {
    const table = Buffer.concat([
      entry(ABI_X32, 600, 1n),
      entry(ABI_NATIVE, 5000, 2n),
      entry(ABI_COMPAT_32, 600, 3n),
      entry(0, UNKNOWN_CALL_OTHERS, 9n),
    ])
    assert.deepEqual(unknownCallCounters(table), {
      'calls.unknown.compat32.600': 3,
      'calls.unknown.x32.600': 1,
      'calls.unknown.native.5000': 2,
      'calls.unknown.others': 9,
    })
    assert.deepEqual(unknownCallCounters(Buffer.alloc(0)), {})
  })

  it('list the 256 lowest numbers, and add up the others', () => {
    const table = Buffer.concat(Array.from({ length: 300 }, (_, index) => entry(ABI_NATIVE, 1299 - index, 1n)))
    const counters = unknownCallCounters(table)
    assert.equal(Object.keys(counters).length, 257)
    assert.equal(counters['calls.unknown.native.1000'], 1)
    assert.equal(counters['calls.unknown.native.1256'], undefined)
    assert.equal(counters['calls.unknown.others'], 44)
  })
})
