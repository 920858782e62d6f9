// Pages that claim more than they are: nothing is unpacked for them.
import assert from 'node:assert/strict'
import { zstdCompress, zstdDecompress, zstdReady } from '../../../../../processors/forensics/parquet/zstd.js'

describe('pages in zstd', () => {
  before(zstdReady)

  it('come back as they were', () => {
    for (const size of [0, 1, 255, 256, 70_000]) {
      const page = Buffer.alloc(size, 'abcd')
      assert.deepEqual(Buffer.from(zstdDecompress(zstdCompress(page), size)), page)
    }
  })

  it('are refused when their frame states another size than the page, or one that no page has', () => {
    const packed = zstdCompress(Buffer.alloc(50_000_000))
    assert.ok(packed.length < 10_000)
    assert.throws(() => zstdDecompress(packed, 1_000), /unpacks to 50000000/)
    const huge = Buffer.concat([Buffer.from('28b52ffde0', 'hex'), Buffer.from([0xff, 0xff, 0xff, 0xff, 0xff, 0, 0, 0]), Buffer.alloc(8)])
    assert.throws(() => zstdDecompress(huge, 2 ** 40 - 1), /too large/)
    assert.throws(() => zstdDecompress(huge, 10), /unpacks to 1099511627775/)
    assert.throws(() => zstdDecompress(Buffer.from('no frame'), 10), /no zstd frame/)
    assert.throws(() => zstdDecompress(Buffer.from('28b5', 'hex'), 10), RangeError)
  })

  it('are refused when they are cut', () => {
    const packed = zstdCompress(Buffer.from('a page of some length, with some repeats, with some repeats'))
    assert.throws(() => zstdDecompress(packed.subarray(0, packed.length - 3), 59))
  })
})
