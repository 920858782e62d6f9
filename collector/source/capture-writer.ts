// Writes a capture file: the records of a source as they came, in the order in which they were given.
// Stands beside the way of an event; a file that can't be written must not stop the collector, so the first failure ends the recording.
import { closeSync, openSync, writeSync } from 'node:fs'
import { FRAME_HEADER_BYTES, MAX_FRAME_BYTES, RECORD_VERSION, TASKS_FRAME, type CaptureHeader } from './capture-format.js'
import { framedLength } from './ring-framing.js'

/** An open capture that grows. */
export class CaptureWriter {
  readonly #file: number
  readonly #maxBytes: number
  readonly #frameHeader = Buffer.alloc(FRAME_HEADER_BYTES)
  #isClosed = false
  /** Bytes written, the header included. */
  sizeBytes = 0
  /** Frames left out because the file has reached its bound. */
  skippedFrames = 0

  /** @param maxBytes bound of the file; what would go beyond it is left out and counted. Default 1 GiB. */
  constructor(path: string, facts: Omit<CaptureHeader, 'format' | 'version' | 'recordVersion'>, maxBytes = 1024 * 1024 * 1024) {
    this.#file = openSync(path, 'w', 0o600)
    this.#maxBytes = maxBytes
    const { bootId, hostName, kernelRelease, cpus, bootToWallUs } = facts
    const header: CaptureHeader = {
      format: 'eunomia-capture',
      version: 1,
      recordVersion: RECORD_VERSION,
      bootId,
      hostName,
      kernelRelease,
      cpus,
      bootToWallUs,
    }
    this.#append(Buffer.from(`${JSON.stringify(header)}\n`), 0)
  }

  /** KIND_TASK records; before all batches. */
  tasks(bytes: Uint8Array): void {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    let start = 0
    let end = 0
    while (end < bytes.length) {
      const next = end + framedLength(view.getUint32(end, true))
      if (next - start > MAX_FRAME_BYTES) {
        this.frame(TASKS_FRAME, bytes, start, end)
        start = end
      }
      end = next
    }
    if (end > start) this.frame(TASKS_FRAME, bytes, start, Math.min(end, bytes.length))
  }

  /** Ring records in bytes[start, end). @param ring 0 security, 1 bulk, 2 tasks */
  frame(ring: number, bytes: Uint8Array, start: number, end: number): void {
    if (this.#isClosed || end <= start) return
    if (this.sizeBytes + FRAME_HEADER_BYTES + (end - start) > this.#maxBytes) {
      this.skippedFrames++
      return
    }
    this.#frameHeader.writeUInt32LE(ring, 0)
    this.#frameHeader.writeUInt32LE(end - start, 4)
    this.#append(this.#frameHeader, 0)
    this.#append(bytes, start, end)
  }

  close(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    closeSync(this.#file)
  }

  #append(bytes: Uint8Array, start: number, end = bytes.length): void {
    for (let at = start; at < end;) at += writeSync(this.#file, bytes, at, end - at)
    this.sizeBytes += end - start
  }
}
