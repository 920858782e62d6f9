// Reads the frames of a capture file one after the other, checking every length before it is believed.
import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import {
  CaptureInvalidError,
  FRAME_HEADER_BYTES,
  MAX_FRAME_BYTES,
  MAX_HEADER_BYTES,
  parseCaptureHeader,
  TASKS_FRAME,
  type CaptureHeader,
} from './capture-format.js'
import { firstBrokenFrame } from './ring-framing.js'

/** Whole ring records of one ring, or of the task iterator. */
export interface CaptureFrame {
  /** 0 security, 1 bulk, 2 tasks. */
  readonly ring: number
  readonly bytes: Uint8Array
  readonly view: DataView
}

/** An open capture file. */
export class CaptureFile {
  readonly header: CaptureHeader
  readonly #path: string
  readonly #file: number
  readonly #sizeBytes: number
  #offset: number
  #frameOffset = 0
  #isClosed = false

  /** @throws CaptureInvalidError for a file that is no capture, and what open(2) fails with */
  constructor(path: string) {
    this.#path = path
    this.#file = openSync(path, 'r')
    try {
      this.#sizeBytes = fstatSync(this.#file).size
      const start = Buffer.alloc(Math.min(MAX_HEADER_BYTES, this.#sizeBytes))
      readSync(this.#file, start, 0, start.length, 0)
      const lineEnd = start.indexOf(0x0a)
      if (lineEnd < 0) throw this.#invalid(start.length, 'the first line does not end')
      this.header = parseCaptureHeader(start.toString('utf8', 0, lineEnd), path)
      this.#offset = lineEnd + 1
    } catch (error) {
      closeSync(this.#file)
      throw error
    }
  }

  /** The next frame, or null at the end. @throws CaptureInvalidError naming the offset */
  next(): CaptureFrame | null {
    if (this.#isClosed || this.#offset === this.#sizeBytes) return null
    const head = this.#read(this.#offset, FRAME_HEADER_BYTES, 'frame header')
    const ring = head.view.getUint32(0, true)
    const length = head.view.getUint32(4, true)
    if (ring > TASKS_FRAME) throw this.#invalid(this.#offset, `there is no ring ${String(ring)}`)
    if (length > MAX_FRAME_BYTES) throw this.#invalid(this.#offset + 4, `a frame of ${String(length)} bytes is too long`)
    this.#frameOffset = this.#offset
    const start = this.#offset + FRAME_HEADER_BYTES
    const { bytes, view } = this.#read(start, length, 'frame')
    const broken = firstBrokenFrame(view, 0, length)
    if (broken >= 0) throw this.#invalid(start + broken, 'a record leads out of its frame or was not committed')
    this.#offset = start + length
    return { ring, bytes, view }
  }

  /** An error about the frame that was read last. */
  invalid(reason: string): CaptureInvalidError {
    return this.#invalid(this.#frameOffset, reason)
  }

  close(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    closeSync(this.#file)
  }

  #read(offset: number, length: number, what: string): { bytes: Uint8Array; view: DataView } {
    if (offset + length > this.#sizeBytes) throw this.#invalid(offset, `the file ends within a ${what}`)
    const bytes = new Uint8Array(length)
    if (readSync(this.#file, bytes, 0, length, offset) !== length) throw this.#invalid(offset, `the file ends within a ${what}`)
    return { bytes, view: new DataView(bytes.buffer) }
  }

  #invalid(offset: number, reason: string): CaptureInvalidError {
    return new CaptureInvalidError(this.#path, offset, reason)
  }
}
