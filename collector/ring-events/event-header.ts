// struct event_header of bpf/record/event.h: what every ring record begins with.
// Read into an object that is used again for every record: the way of an event makes no objects.

/** Offsets within struct event_header. */
export const EVENT_HEADER = {
  kind: 0,
  cpu: 2,
  pid: 4,
  seq: 8,
  bootNs: 16,
  startBootNs: 24,
  cgroupId: 32,
  tid: 40,
  uid: 44,
  gid: 48,
  euid: 52,
  egid: 56,
  flags: 60,
  syscall: 64,
  result: 68,
} as const

/** sizeof(struct event_header). */
export const EVENT_HEADER_BYTES = 72

/** HEADER_CGROUP_V1: the cgroup id is of a v1 controller. */
export const HEADER_CGROUP_V1 = 1

/** header.syscall of an event that came from no system call. */
export const NO_SYSCALL = 0xffffffff

const TWO_32 = 0x100000000

/** 2^52 µs, 142 years: what a mangled record claims beyond it is cut, so that sums of times stay below 2^53. */
const MAX_US = 0x10000000000000

/** Microseconds of an unsigned 64-bit nanosecond count, exact also above 2^53 ns (104 days of uptime). */
export function microsecondsAt(view: DataView, at: number): number {
  // 2^32 ns are 4294967 µs and 296 ns; high * 296 + low stays below 2^53.
  const low = view.getUint32(at, true)
  const high = view.getUint32(at + 4, true)
  return Math.min(high * 4294967 + Math.floor((high * 296 + low) / 1000), MAX_US)
}

/** Microseconds of a signed 64-bit nanosecond count: times of files may lie before 1970. */
export function signedMicrosecondsAt(view: DataView, at: number): number {
  const low = view.getUint32(at, true)
  const high = view.getInt32(at + 4, true)
  return Math.max(-MAX_US, Math.min(high * 4294967 + Math.floor((high * 296 + low) / 1000), MAX_US))
}

/**
 * An unsigned 64-bit number; of one above 2^52 the low 52 bits. avsc refuses 2^53 - 1 and more, so an event with flags that
 * a process made up would be one that nobody can read.
 */
export function low52BitsAt(view: DataView, at: number): number {
  return (view.getUint32(at + 4, true) & 0xfffff) * TWO_32 + view.getUint32(at, true)
}

/** The header of the record that was read last. Times are microseconds since boot. */
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

  /** Reads the header at `at`. @returns false when `length` is too short for one */
  read(view: DataView, at: number, length: number): boolean {
    if (length < EVENT_HEADER_BYTES) return false
    this.kind = view.getUint16(at + EVENT_HEADER.kind, true)
    this.cpu = view.getUint16(at + EVENT_HEADER.cpu, true)
    this.pid = view.getInt32(at + EVENT_HEADER.pid, true)
    this.seq = low52BitsAt(view, at + EVENT_HEADER.seq)
    this.bootUs = microsecondsAt(view, at + EVENT_HEADER.bootNs)
    this.startUs = microsecondsAt(view, at + EVENT_HEADER.startBootNs)
    this.cgroupLow = view.getUint32(at + EVENT_HEADER.cgroupId, true)
    this.cgroupHigh = view.getUint32(at + EVENT_HEADER.cgroupId + 4, true)
    this.isCgroupV1 = (view.getUint32(at + EVENT_HEADER.flags, true) & HEADER_CGROUP_V1) !== 0
    this.tid = view.getInt32(at + EVENT_HEADER.tid, true)
    this.uid = view.getUint32(at + EVENT_HEADER.uid, true)
    this.gid = view.getUint32(at + EVENT_HEADER.gid, true)
    this.euid = view.getUint32(at + EVENT_HEADER.euid, true)
    this.egid = view.getUint32(at + EVENT_HEADER.egid, true)
    this.syscall = view.getUint32(at + EVENT_HEADER.syscall, true)
    this.result = view.getInt32(at + EVENT_HEADER.result, true)
    return true
  }
}
