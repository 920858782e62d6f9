// The file format of a capture: kernel records as they were in the rings, for replay without a kernel (tests, demos).
// One line of JSON, then frames: u32 LE ring, u32 LE length, that many bytes of ring records, each with its 8-byte ring header, or of answers,
// which are JSON. The bit AHEAD of the ring number means that the other ring may hold older records.
import { RECORD_VERSION } from '../../native/generated/layout.js'
import { EunomiaError } from '../../infra/process/errors.js'
import type { RecordedIdentity } from '../recording/surroundings.js'

/** The first line. */
export interface CaptureHeader {
  readonly format: 'eunomia-capture'
  /** 1: rings only; 2: also answers of the host, and the origin of the events. */
  readonly version: 1 | 2
  /** RECORD_VERSION of bpf/record/event.h. */
  readonly recordVersion: number
  readonly bootId: string
  readonly hostName: string
  readonly kernelRelease: string
  readonly cpus: number
  /** Unix time minus time since boot at the recording, microseconds. */
  readonly bootToWallUs: number
  /** Absent in version 1. */
  readonly identity?: RecordedIdentity
}

/** Ring number of a frame with KIND_TASK records. These frames come first. */
export const TASKS_FRAME = 2
/** Ring number of a frame with answers of the host for the next frame of ring records. */
export const ANSWERS_FRAME = 3
/** Bit of the ring number: RingBatch.isAhead. */
export const FRAME_AHEAD = 0x100
export const FRAME_HEADER_BYTES = 8
/** Longest accepted frame: more than one turn of a ring, and a bound for hostile lengths. */
export const MAX_FRAME_BYTES = 16 * 1024 * 1024
/** Longest first line. */
export const MAX_HEADER_BYTES = 64 * 1024
const MAX_CPUS = 8192
/** 2^51 µs, 71 years. */
const MAX_OFFSET_US = 0x8000000000000
/** 2^52 µs since 1970. */
const MAX_TIME_US = 2 ** 52

/** A file that is not a capture, is truncated, or is corrupt. */
export class CaptureInvalidError extends EunomiaError {
  static override readonly code = 'EUNOMIA_CAPTURE_INVALID'
  static override readonly isUserMistake = true
  /** Offset of the error in the file. */
  readonly offset: number

  constructor(path: string, offset: number, reason: string, cause?: unknown) {
    super(`capture ${path} is invalid at byte ${String(offset)}: ${reason}`, { cause, details: { path, offset } })
    this.offset = offset
  }
}

const IS_STRING = (value: unknown): boolean => typeof value === 'string' && value.length > 0 && value.length <= 256
const IS_TIME = (value: unknown): boolean => Number.isSafeInteger(value) && Number(value) >= 0 && Number(value) <= MAX_TIME_US
const FIELDS: Readonly<Record<Exclude<keyof CaptureHeader, 'identity'>, readonly [expected: string, test: (value: unknown) => boolean]>> = {
  format: ['"eunomia-capture"', (value) => value === 'eunomia-capture'],
  version: ['1 or 2', (value) => value === 1 || value === 2],
  recordVersion: [String(RECORD_VERSION), (value) => value === RECORD_VERSION],
  bootId: ['a text of at most 256 characters', IS_STRING],
  hostName: ['a text of at most 256 characters', IS_STRING],
  kernelRelease: ['a text of at most 256 characters', IS_STRING],
  cpus: [`a number from 1 to ${String(MAX_CPUS)}`, (value) => Number.isInteger(value) && Number(value) >= 1 && Number(value) <= MAX_CPUS],
  bootToWallUs: ['microseconds', (value) => Number.isSafeInteger(value) && Math.abs(Number(value)) <= MAX_OFFSET_US],
}

/** Reads the first line. @throws CaptureInvalidError */
export function parseCaptureHeader(line: string, path: string): CaptureHeader {
  let parsed: unknown
  try {
    parsed = JSON.parse(line)
  } catch (cause) {
    throw new CaptureInvalidError(path, 0, 'the first line is not JSON', cause)
  }
  if (typeof parsed !== 'object' || parsed === null) throw new CaptureInvalidError(path, 0, 'the first line is not a JSON object')
  const fields = parsed as Partial<Record<string, unknown>>
  for (const [name, [expected, test]] of Object.entries(FIELDS)) {
    if (!test(fields[name])) throw new CaptureInvalidError(path, 0, `${name} must be ${expected}`)
  }
  if (fields['version'] === 1) delete fields['identity']
  else if (!isIdentity(fields['identity'])) throw new CaptureInvalidError(path, 0, 'identity must be hostId, epochUs and startedAtUs')
  return fields as unknown as CaptureHeader
}

function isIdentity(value: unknown): value is RecordedIdentity {
  if (typeof value !== 'object' || value === null) return false
  const { hostId, epochUs, startedAtUs } = value as Partial<Record<string, unknown>>
  return typeof hostId === 'string' && /^[0-9a-f-]{36}$/.test(hostId) && IS_TIME(epochUs) && IS_TIME(startedAtUs)
}
