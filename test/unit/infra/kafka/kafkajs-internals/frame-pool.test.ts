import assert from 'node:assert/strict'
import fc from 'fast-check'
import { FramePool } from '../../../../../infra/kafka/kafkajs-internals/frame-pool.js'

const MIB = 1024 * 1024

describe('infra/kafka/kafkajs-internals/frame-pool', () => {
  it('lends what was given back to the next one that it fits', () => {
    const pool = new FramePool(8 * MIB)
    const first = pool.take(2 * MIB - 100)
    pool.give(first.subarray(10, 20))
    assert.equal(pool.freeBytes, 2 * MIB)
    // Too small for one, and far too large for the other.
    assert.notEqual(pool.take(2 * MIB + 1).buffer, first.buffer)
    assert.notEqual(pool.take(MIB).buffer, first.buffer)
    assert.equal(pool.take(2 * MIB).buffer, first.buffer)
    assert.equal(pool.freeBytes, 0)
  })

  it('takes nothing back twice, and nothing that it has not lent', () => {
    const pool = new FramePool(8 * MIB)
    const own = pool.take(MIB)
    pool.give(own)
    pool.give(own)
    pool.give(Buffer.alloc(MIB))
    assert.equal(pool.freeBytes, MIB)
  })

  it('never lends memory that is lent, and keeps no more than it may', () => {
    const step = fc.record({ bytes: fc.integer({ min: 1, max: 3 * MIB }), gives: fc.nat(3) })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const pool = new FramePool(4 * MIB)
        const lent: Buffer[] = []
        for (const { bytes, gives } of steps) {
          const taken = pool.take(bytes)
          assert.equal(taken.length, bytes)
          assert.ok(taken.buffer.byteLength <= bytes + Math.max(bytes / 4, 256 * 1024))
          assert.ok(lent.every(({ buffer }) => buffer !== taken.buffer))
          lent.push(taken)
          for (const given of lent.splice(0, gives)) pool.give(given)
          assert.ok(pool.freeBytes <= 4 * MIB)
        }
      }),
      { numRuns: 30 },
    )
  })
})
