// Writes a capture file: the unchanged records of a source, in the order in which they were handled.
// A failure of the file must not stop the collector, so the first failure ends the recording.
import { closeSync, fstatSync, lstatSync, openSync, unlinkSync, writevSync } from 'node:fs'
import { type Answer, answerFrames } from '../recording/answer.js'
import { RECORD_VERSION } from '../../native/generated/layout.js'
import { ANSWERS_FRAME, FRAME_AHEAD, FRAME_HEADER_BYTES, MAX_FRAME_BYTES, TASKS_FRAME, type CaptureHeader } from './capture-format.js'
import { framedLength } from './ring-framing.js'

/** An open capture. */
export class CaptureWriter {
  readonly #path: string
  readonly #file: number
  readonly #maxBytes: number
  #isClosed = false
  #hasRecords = false
  /** Bytes written, the header included. */
  sizeBytes = 0
  /** The file has reached its bound. Nothing is written from then on, so that its records have no gap. */
  isFull = false
  /** Answers of the host that are longer than a frame. */
  answersLeftOut = 0

  /**
   * @param path of a file that does not exist; only its owner can read it, because it holds the arguments of all processes
   * @param maxBytes bound of the file. Default 1 GiB.
   * @throws the errors of open(2), including EEXIST
   */
  constructor(path: string, facts: Omit<CaptureHeader, 'format' | 'version' | 'recordVersion'>, maxBytes = 1024 * 1024 * 1024) {
    this.#path = path
    this.#file = openSync(path, 'wx', 0o600)
    this.#maxBytes = maxBytes
    const { bootId, hostName, kernelRelease, cpus, bootToWallUs, identity } = facts
    const header: CaptureHeader = {
      format: 'eunomia-capture',
      version: identity === undefined ? 1 : 2,
      recordVersion: RECORD_VERSION,
      bootId,
      hostName,
      kernelRelease,
      cpus,
      bootToWallUs,
      ...(identity === undefined ? {} : { identity }),
    }
    try {
      this.#append([Buffer.from(`${JSON.stringify(header)}\n`)])
    } catch (error) {
      this.close()
      throw error
    }
  }

  /** KIND_TASK records; before all batches. @returns as `frame` */
  tasks(bytes: Uint8Array): boolean {
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
    return this.frame(TASKS_FRAME, bytes, start, Math.min(end, bytes.length))
  }

  /**
   * Writes the ring records in bytes[start, end), and the answers that they needed. @param ring 0 security, 1 bulk, 2 tasks
   * @returns false when there is no room; then nothing is written any more
   * @throws Error for more bytes than a reader accepts, and the errors of writev(2)
   */
  frame(ring: number, bytes: Uint8Array, start: number, end: number, isAhead = false, answers: readonly Answer[] = []): boolean {
    if (this.#isClosed || this.isFull) return false
    const frames: Uint8Array[] = []
    const encoded = answerFrames(answers, MAX_FRAME_BYTES)
    for (const bytesOfAnswers of encoded.frames) frames.push(...framed(ANSWERS_FRAME, bytesOfAnswers))
    this.answersLeftOut += encoded.leftOut
    if (end > start) frames.push(...framed(ring | (isAhead ? FRAME_AHEAD : 0), bytes.subarray(start, end)))
    const length = frames.reduce((sum, part) => sum + part.length, 0)
    this.isFull = this.sizeBytes + length > this.#maxBytes
    if (!this.isFull && length > 0) {
      this.#append(frames)
      this.#hasRecords ||= end > start
    }
    return !this.isFull
  }

  /** Removes a file without records: it would block the next attempt. */
  close(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    if (!this.#hasRecords) this.#remove()
    closeSync(this.#file)
  }

  /** Removes the file if its name still refers to it. */
  #remove(): void {
    try {
      const [open, named] = [fstatSync(this.#file), lstatSync(this.#path)]
      if (open.ino === named.ino && open.dev === named.dev) unlinkSync(this.#path)
    } catch {
      // It was removed already, or removal is not permitted: then the next attempt fails with EEXIST.
    }
  }

  #append(parts: Uint8Array[]): void {
    let left = parts
    while (left.length > 0) {
      let written = writevSync(this.#file, left)
      this.sizeBytes += written
      left = left.flatMap((part) => {
        const taken = Math.min(part.length, written)
        written -= taken
        return taken < part.length ? [part.subarray(taken)] : []
      })
    }
  }
}

function framed(ring: number, bytes: Uint8Array): [header: Uint8Array, bytes: Uint8Array] {
  if (bytes.length > MAX_FRAME_BYTES) throw new Error(`a frame of ${String(bytes.length)} bytes is longer than a capture allows`)
  const header = Buffer.alloc(FRAME_HEADER_BYTES)
  header.writeUInt32LE(ring, 0)
  header.writeUInt32LE(bytes.length, 4)
  return [header, bytes]
}
