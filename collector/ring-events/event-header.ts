// struct event_header of bpf/record/event.h, with which every ring record begins, and the numbers in records.
// It is read into one reused object: the path of an event allocates nothing.
import {
  EVENT_HEADER,
  HEADER_ASSUMED,
  HEADER_CGROUP_V1,
  HEADER_COMPAT,
  HEADER_FAST_OPEN,
  HEADER_IO_URING,
  HEADER_X32,
} from '../../native/generated/layout.js'
import { CALL_ROUTE_SYMBOLS } from '../../schemas/generated/types.js'

/** header.syscall of an event without a system call. */
export const NO_SYSCALL = 0xffffffff

const TWO_32 = 0x100000000

/** 2^52 µs, 142 years: larger values of a corrupt record are clamped, so that sums of times stay below 2^53. */
const MAX_US = 0x10000000000000

/** Microseconds of an unsigned 64-bit nanosecond count, exact also above 2^53 ns (104 days of uptime). */
export function microsecondsAt(view: DataView, at: number): number {
  // 2^32 ns are 4294967 µs and 296 ns; high * 296 + low stays below 2^53.
  const low = view.getUint32(at, true)
  const high = view.getUint32(at + 4, true)
  return Math.min(high * 4294967 + Math.floor((high * 296 + low) / 1000), MAX_US)
}

/** Microseconds of a signed 64-bit nanosecond count: times of files may be before 1970. */
export function signedMicrosecondsAt(view: DataView, at: number): number {
  const low = view.getUint32(at, true)
  const high = view.getInt32(at + 4, true)
  return Math.max(-MAX_US, Math.min(high * 4294967 + Math.floor((high * 296 + low) / 1000), MAX_US))
}

/**
 * The low 52 bits of an unsigned 64-bit number. avsc refuses 2^53 - 1 and more, so an event with arbitrary flags of a process
 * could not be decoded.
 */
export function low52BitsAt(view: DataView, at: number): number {
  return (view.getUint32(at + 4, true) & 0xfffff) * TWO_32 + view.getUint32(at, true)
}

/** A signed 64-bit number, clamped to the range of an Avro long here. */
export function signed52BitsAt(view: DataView, at: number): number {
  const limit = 2 ** 52 - 1
  return Math.max(-limit, Math.min(limit, view.getInt32(at + 4, true) * TWO_32 + view.getUint32(at, true)))
}

const ROUTES = HEADER_IO_URING | HEADER_COMPAT | HEADER_X32 | HEADER_FAST_OPEN
const UNKNOWN = CALL_ROUTE_SYMBOLS.indexOf('UNKNOWN')
const NATIVE = CALL_ROUTE_SYMBOLS.indexOf('native')

/** Each ABI has sends that connect: these count as such. */
function routeOf(flags: number): number {
  if ((flags & HEADER_IO_URING) !== 0) return CALL_ROUTE_SYMBOLS.indexOf('io_uring')
  if ((flags & HEADER_FAST_OPEN) !== 0) return CALL_ROUTE_SYMBOLS.indexOf('fast_open')
  return CALL_ROUTE_SYMBOLS.indexOf((flags & HEADER_X32) !== 0 ? 'x32' : 'compat32')
}

/** The header of the record read last. Times are microseconds since boot. */
export class EventHeader {
  kind = 0
  cpu = 0
  pid = 0
  seq = 0
  bootUs = 0
  startUs = 0
  cgroupLow = 0
  cgroupHigh = 0
  isCgroupV1 = false
  tid = 0
  uid = 0
  gid = 0
  euid = 0
  egid = 0
  syscall = 0
  result = 0
  /** How the call came into the kernel: an index of CallRoute. */
  route = 0
  /** The result was not seen: the operation of io_uring is reported as done. */
  isAssumed = false

  /** Reads the header at `at`. @returns false when `length` is too short for one */
  read(view: DataView, at: number, length: number): boolean {
    if (length < EVENT_HEADER.bytes) return false
    this.kind = view.getUint16(at + EVENT_HEADER.kind, true)
    this.cpu = view.getUint16(at + EVENT_HEADER.cpu, true)
    this.pid = view.getInt32(at + EVENT_HEADER.pid, true)
    this.seq = low52BitsAt(view, at + EVENT_HEADER.seq)
    this.bootUs = microsecondsAt(view, at + EVENT_HEADER.bootNs)
    this.startUs = microsecondsAt(view, at + EVENT_HEADER.startBootNs)
    this.cgroupLow = view.getUint32(at + EVENT_HEADER.cgroupId, true)
    this.cgroupHigh = view.getUint32(at + EVENT_HEADER.cgroupId + 4, true)
    const flags = view.getUint32(at + EVENT_HEADER.flags, true)
    this.isAssumed = (flags & HEADER_ASSUMED) !== 0
    this.isCgroupV1 = (flags & HEADER_CGROUP_V1) !== 0
    this.tid = view.getInt32(at + EVENT_HEADER.tid, true)
    this.uid = view.getUint32(at + EVENT_HEADER.uid, true)
    this.gid = view.getUint32(at + EVENT_HEADER.gid, true)
    this.euid = view.getUint32(at + EVENT_HEADER.euid, true)
    this.egid = view.getUint32(at + EVENT_HEADER.egid, true)
    this.syscall = view.getUint32(at + EVENT_HEADER.syscall, true)
    this.result = view.getInt32(at + EVENT_HEADER.result, true)
    this.route = (flags & ROUTES) !== 0 ? routeOf(flags) : this.syscall === NO_SYSCALL ? UNKNOWN : NATIVE
    return true
  }
}

/** Number of the cgroup of an event. */
export function cgroupIdOf({ cgroupLow, cgroupHigh }: Pick<EventHeader, 'cgroupLow' | 'cgroupHigh'>): bigint {
  return (BigInt(cgroupHigh) << 32n) | BigInt(cgroupLow)
}

/** Little endian. Reads zeroes past the end of `bytes`. */
export function uint32At(bytes: Uint8Array, at: number): number {
  return ((bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8) | ((bytes[at + 2] ?? 0) << 16) | ((bytes[at + 3] ?? 0) << 24)) >>> 0
}
