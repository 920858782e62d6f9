// Zstandard for the pages of objects: synchronous, as the reader of Parquet needs it. The only file that imports the codec.
// See RFC 8878, 3.1.1.1 (frame header).
import { compress, decompress, init } from '@bokuweb/zstd-wasm'

/** Fast; level 3 takes twice the time for a twentieth less (test/bench/archive.ts). */
const LEVEL = 1
/** Of one page. A larger one is of no object of ours. */
const MOST_PAGE_BYTES = 128 << 20
const MAGIC = 0xfd2fb528

let ready: Promise<unknown> | undefined

/** Resolves when the codec can be used. */
export async function zstdReady(): Promise<void> {
  ready ??= init()
  await ready
}

/** Compresses a page. */
export function zstdCompress(page: Uint8Array): Uint8Array {
  return compress(page, LEVEL)
}

/**
 * Unpacks a page.
 * @throws RangeError for a page that is too large, or whose frame states another size: nothing is unpacked then. Error for damaged bytes
 */
export function zstdDecompress(packed: Uint8Array, size: number): Uint8Array {
  if (size > MOST_PAGE_BYTES) throw new RangeError(`a page of ${String(size)} bytes is too large`)
  const stated = contentSize(packed)
  if (stated !== size) throw new RangeError(`a page of ${String(size)} bytes unpacks to ${String(stated)}`)
  const page = decompress(packed)
  if (page.length !== size) throw new RangeError(`a page of ${String(size)} bytes unpacked to ${String(page.length)}`)
  return page
}

/** The size that a frame states. @throws RangeError for other bytes, and for a frame that states none */
function contentSize(packed: Uint8Array): number {
  const view = new DataView(packed.buffer, packed.byteOffset, packed.byteLength)
  if (view.getUint32(0, true) !== MAGIC) throw new RangeError('a page is no zstd frame')
  const descriptor = view.getUint8(4)
  const isSingle = (descriptor & 0x20) !== 0
  const at = 5 + (isSingle ? 0 : 1) + ([0, 1, 2, 4][descriptor & 3] ?? 0)
  switch (descriptor >>> 6) {
    case 0:
      if (!isSingle) throw new RangeError('a page does not state its size')
      return view.getUint8(at)
    case 1:
      return view.getUint16(at, true) + 256
    case 2:
      return view.getUint32(at, true)
    default:
      return Number(view.getBigUint64(at, true))
  }
}
