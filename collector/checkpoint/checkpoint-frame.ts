// Frames of a checkpoint file: a type, a payload, its checksum. What is behind the last whole frame, as after a kill or a full disk, is left out.
import { crc32 } from 'node:zlib'

/** First the state at two positions, then how it went on from there. */
export const FRAME = { state: 1, advance: 2 } as const

/** Header: u32 magic, u32 type, u32 length of the payload, u32 CRC-32 of the payload; little endian. */
const HEADER_BYTES = 16
const MAGIC = 0x504b4345

/** One frame. */
export interface CheckpointFrame {
  readonly type: number
  readonly payload: Buffer
}

/** Bytes of a frame whose payload is `parts` one behind the other. */
export function frameBytes(type: number, parts: readonly Uint8Array[]): Buffer {
  const payload = Buffer.concat(parts)
  const header = Buffer.alloc(HEADER_BYTES)
  header.writeUInt32LE(MAGIC, 0)
  header.writeUInt32LE(type, 4)
  header.writeUInt32LE(payload.length, 8)
  header.writeUInt32LE(crc32(payload), 12)
  return Buffer.concat([header, payload])
}

/** The whole frames from the beginning on. */
export function* framesOf(file: Buffer): Generator<CheckpointFrame> {
  for (let at = 0; at + HEADER_BYTES <= file.length;) {
    const end = at + HEADER_BYTES + file.readUInt32LE(at + 8)
    if (file.readUInt32LE(at) !== MAGIC || end > file.length) return
    const payload = file.subarray(at + HEADER_BYTES, end)
    if (crc32(payload) !== file.readUInt32LE(at + 12)) return
    yield { type: file.readUInt32LE(at + 4), payload }
    at = end
  }
}
