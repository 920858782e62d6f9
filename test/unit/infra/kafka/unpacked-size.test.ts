import assert from 'node:assert/strict'
import { compress } from '@mongodb-js/zstd/bindings.js'
import fc from 'fast-check'
import { compressFrameSync } from 'lz4-napi'
import { compressSync } from 'snappy'
import { lz4UnpackedBytes, snappyUnpackedBytes, zstdUnpackedBytes } from '../../../../infra/kafka/unpacked-size.js'

/** Largest block of zstd, and of the LZ4 frames of lz4-napi. */
const ZSTD_BLOCK = 128 * 1024
const LZ4_BLOCK = 4 * 1024 * 1024

describe('the unpacked size of a batch', () => {
  const bytes = fc
    .tuple(fc.uint8Array({ minLength: 1, maxLength: 300 }), fc.integer({ min: 1, max: 3_000 }))
    .map(([part, times]) => Buffer.concat(Array.from({ length: times }, () => Buffer.from(part))))

  it('is never less than the result, and at most a block more', async () => {
    await fc.assert(
      fc.asyncProperty(bytes, fc.integer({ min: 1, max: 19 }), async (plain, level) => {
        for (const [bound, block] of [
          [zstdUnpackedBytes(await compress(plain, level)), ZSTD_BLOCK],
          [lz4UnpackedBytes(compressFrameSync(plain)), LZ4_BLOCK],
          [snappyUnpackedBytes(Buffer.from(compressSync(plain))), 1],
        ] as const)
          assert.ok(bound >= plain.length && bound < plain.length + block, `${String(bound)} for ${String(plain.length)}`)
      }),
      { numRuns: 60 },
    )
  })

  it('includes all frames, and skips those without data', async () => {
    const frame = await compress(Buffer.alloc(1_000_000), 1)
    const skipped = Buffer.from([0x50, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 1, 2, 3])
    assert.equal(zstdUnpackedBytes(Buffer.concat([frame, skipped, frame])), 2 * zstdUnpackedBytes(frame))
    const lz4 = compressFrameSync(Buffer.alloc(1_000_000))
    assert.equal(lz4UnpackedBytes(Buffer.concat([lz4, lz4])), 2 * lz4UnpackedBytes(lz4))
  })

  it('is an error for truncated bytes and for bytes that are not a frame, never an endless loop', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 200 }), (random) => {
        for (const sizeOf of [zstdUnpackedBytes, lz4UnpackedBytes, snappyUnpackedBytes]) {
          try {
            assert.ok(sizeOf(Buffer.from(random)) >= 0)
          } catch (error) {
            assert.ok(error instanceof RangeError, String(error))
          }
        }
      }),
    )
  })
})
