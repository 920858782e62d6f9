// Reversed walked paths and 64-bit times, compared with simple and slow implementations.
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { low52BitsAt, microsecondsAt, signedMicrosecondsAt } from '../../../../collector/ring-events/event-header.js'
import { isWalkedPath, pathOfWalked } from '../../../../collector/ring-events/record-texts.js'

const turn = (walked: string, isTruncated = false): string => {
  const bytes = Buffer.from(walked)
  return Buffer.from(pathOfWalked(bytes, 0, bytes.length, isTruncated)).toString()
}

describe('walked path', () => {
  it('is reversed', () => {
    assert.equal(turn('passwd\0etc\0'), '/etc/passwd')
    assert.equal(turn('etc\0'), '/etc')
    assert.equal(turn(''), '/')
  })

  it('without its beginning has no leading slash', () => {
    assert.equal(turn('passwd\0etc\0', true), 'etc/passwd')
    assert.equal(turn('', true), '')
  })

  it('consists of complete components', () => {
    assert.equal(isWalkedPath(Buffer.from('etc\0'), 0, 4), true)
    assert.equal(isWalkedPath(Buffer.from('etc'), 0, 3), false)
    assert.equal(isWalkedPath(Buffer.from('x'), 1, 1), true)
  })

  it('is the joined components, for any bytes at any offset', () => {
    const component = fc.uint8Array({ min: 1, minLength: 1, maxLength: 20 })
    fc.assert(
      fc.property(fc.array(component, { minLength: 1, maxLength: 8 }), fc.boolean(), fc.nat(10), (components, isTruncated, before) => {
        const walked = Buffer.concat([...components].reverse().flatMap((bytes) => [bytes, Buffer.from([0])]))
        const joined = Buffer.concat(components.flatMap((bytes) => [Buffer.from('/'), bytes])).subarray(isTruncated ? 1 : 0)
        const placed = Buffer.concat([Buffer.alloc(before, 0xee), walked, Buffer.alloc(3, 0xee)])
        assert.deepEqual(Buffer.from(pathOfWalked(placed, before, before + walked.length, isTruncated)), joined)
      }),
    )
  })
})

describe('numbers of 64 bits', () => {
  const LIMIT = 1n << 52n
  const viewOf = (value: bigint): DataView => {
    const view = new DataView(new ArrayBuffer(8))
    view.setBigUint64(0, BigInt.asUintN(64, value), true)
    return view
  }

  it('of nanoseconds are cut to whole microseconds, and to 2^52 of them', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }), (ns) => {
        const us = ns / 1000n
        assert.equal(microsecondsAt(viewOf(ns), 0), Number(us > LIMIT ? LIMIT : us))
      }),
    )
  })

  it('of signed nanoseconds are rounded down', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(1n << 63n), max: (1n << 63n) - 1n }), (ns) => {
        const us = ns >= 0n ? ns / 1000n : -((-ns + 999n) / 1000n)
        const bounded = us > LIMIT ? LIMIT : us < -LIMIT ? -LIMIT : us
        assert.equal(signedMicrosecondsAt(viewOf(ns), 0), Number(bounded))
      }),
    )
  })

  it('keep their low 52 bits', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }), (value) => {
        assert.equal(low52BitsAt(viewOf(value), 0), Number(value & ((1n << 52n) - 1n)))
      }),
    )
  })
})
