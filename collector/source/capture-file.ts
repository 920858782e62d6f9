// Reads the frames of a capture file in order. Every length is validated.
import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import {
  ANSWERS_FRAME,
  CaptureInvalidError,
  FRAME_AHEAD,
  FRAME_HEADER_BYTES,
  MAX_FRAME_BYTES,
  MAX_HEADER_BYTES,
  parseCaptureHeader,
  type CaptureHeader,
} from './capture-format.js'
import { firstBrokenFrame } from './ring-framing.js'

/** Whole ring records of one ring, or of the task iterator; or answers of the host. */
export interface CaptureFrame {
  /** 0 security, 1 bulk, 2 tasks, 3 answers. */
  readonly ring: number
  readonly isAhead: boolean
  readonly bytes: Uint8Array
  readonly view: DataView
}

/** Bytes after the last whole record: the writer was killed, or the disk was full. */
export interface TornTail {
  /** Where it begins. */
  readonly offset: number
  readonly bytes: number
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
  /** Set at the end of the file: the incomplete rest; null for a file that ends with a whole record. */
  torn: TornTail | null = null

  /** @throws CaptureInvalidError for a file that is not a capture, and the errors of open(2) */
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

  /** Returns the next frame, or null at the end. A truncated frame has its whole records only. @throws CaptureInvalidError with the offset */
  next(): CaptureFrame | null {
    if (this.#isClosed || this.#offset === this.#sizeBytes) return null
    if (this.#sizeBytes - this.#offset < FRAME_HEADER_BYTES) return this.#tear(this.#offset)
    const head = this.#read(this.#offset, FRAME_HEADER_BYTES)
    const ringField = head.view.getUint32(0, true)
    // Bit operators return a signed number.
    const ring = (ringField & ~FRAME_AHEAD) >>> 0
    const length = head.view.getUint32(4, true)
    if (ring > ANSWERS_FRAME) throw this.#invalid(this.#offset, `there is no ring ${String(ring)}`)
    if (length > MAX_FRAME_BYTES) throw this.#invalid(this.#offset + 4, `a frame of ${String(length)} bytes is too long`)
    this.#frameOffset = this.#offset
    const start = this.#offset + FRAME_HEADER_BYTES
    const isCut = start + length > this.#sizeBytes
    const read = this.#read(start, isCut ? this.#sizeBytes - start : length)
    const broken = ring === ANSWERS_FRAME ? -1 : firstBrokenFrame(read.view, 0, read.bytes.length)
    const isAhead = (ringField & FRAME_AHEAD) !== 0
    if (isCut) return this.#cutFrame({ ring, isAhead, ...read }, ring === ANSWERS_FRAME ? 0 : broken)
    if (broken >= 0) throw this.#invalid(start + broken, 'a record exceeds its frame or was not committed')
    this.#offset = start + length
    return { ring, isAhead, ...read }
  }

  /** @param broken offset of the truncated record in the frame; -1: the cut is between two records */
  #cutFrame(frame: CaptureFrame, broken: number): CaptureFrame | null {
    const length = broken < 0 ? frame.bytes.length : broken
    if (length === 0) return this.#tear(this.#frameOffset)
    this.#tear(this.#frameOffset + FRAME_HEADER_BYTES + length)
    return { ...frame, bytes: frame.bytes.subarray(0, length), view: new DataView(frame.bytes.buffer, 0, length) }
  }

  #tear(offset: number): null {
    this.torn = { offset, bytes: this.#sizeBytes - offset }
    this.#offset = this.#sizeBytes
    return null
  }

  /** An error for the last frame. */
  invalid(reason: string): CaptureInvalidError {
    return this.#invalid(this.#frameOffset, reason)
  }

  close(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    closeSync(this.#file)
  }

  #read(offset: number, length: number): { bytes: Uint8Array; view: DataView } {
    const bytes = new Uint8Array(length)
    if (readSync(this.#file, bytes, 0, length, offset) !== length) throw this.#invalid(offset, 'the file was truncated while it was read')
    return { bytes, view: new DataView(bytes.buffer) }
  }

  #invalid(offset: number, reason: string): CaptureInvalidError {
    return new CaptureInvalidError(this.#path, offset, reason)
  }
}
