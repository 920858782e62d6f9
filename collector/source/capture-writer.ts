// Writes a capture file: the records of a source as they came, in the order in which they were handled.
// Stands beside the way of an event; a file that can't be written must not stop the collector, so the first failure ends the recording.
import { closeSync, openSync, writevSync } from 'node:fs'
import type { Answer } from '../recording/answer.js'
import { answerBytes } from '../recording/answer.js'
import {
  ANSWERS_FRAME,
  FRAME_AHEAD,
  FRAME_HEADER_BYTES,
  MAX_FRAME_BYTES,
  RECORD_VERSION,
  TASKS_FRAME,
  type CaptureHeader,
} from './capture-format.js'
import { framedLength } from './ring-framing.js'

/** Most answers in one frame: far below MAX_FRAME_BYTES, whatever they say. */
const ANSWERS_AT_A_TIME = 64

/** An open capture that grows. */
export class CaptureWriter {
  readonly #file: number
  readonly #maxBytes: number
  #isClosed = false
  /** Bytes written, the header included. */
  sizeBytes = 0
  /** The file has reached its bound: nothing is written any more, so that what stands in it has no gap. */
  isFull = false

  /**
   * @param path of a file that is not there yet; readable by its owner only, for it holds the arguments of everybody's processes
   * @param maxBytes bound of the file. Default 1 GiB.
   * @throws what open(2) fails with, EEXIST among it
   */
  constructor(path: string, facts: Omit<CaptureHeader, 'format' | 'version' | 'recordVersion'>, maxBytes = 1024 * 1024 * 1024) {
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
    this.#append([Buffer.from(`${JSON.stringify(header)}\n`)])
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
   * Ring records in bytes[start, end), and what was answered while they were handled. @param ring 0 security, 1 bulk, 2 tasks
   * @returns false when it found no room, as nothing will from then on
   */
  frame(ring: number, bytes: Uint8Array, start: number, end: number, isAhead = false, answers: readonly Answer[] = []): boolean {
    if (this.#isClosed || this.isFull) return false
    const frames: Uint8Array[] = []
    for (let from = 0; from < answers.length; from += ANSWERS_AT_A_TIME) {
      frames.push(...framed(ANSWERS_FRAME, answerBytes(answers.slice(from, from + ANSWERS_AT_A_TIME))))
    }
    if (end > start) frames.push(...framed(ring | (isAhead ? FRAME_AHEAD : 0), bytes.subarray(start, end)))
    const length = frames.reduce((sum, part) => sum + part.length, 0)
    this.isFull = this.sizeBytes + length > this.#maxBytes
    if (!this.isFull && length > 0) this.#append(frames)
    return !this.isFull
  }

  close(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    closeSync(this.#file)
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
  const header = Buffer.alloc(FRAME_HEADER_BYTES)
  header.writeUInt32LE(ring, 0)
  header.writeUInt32LE(bytes.length, 4)
  return [header, bytes]
}
