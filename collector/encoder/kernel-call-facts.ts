// The numbers of a KernelEvent from the arguments of a call, as defined in schemas/calls.tsv; null for those that a call does not have.
// @see the manual page of each call; include/linux/syscalls.h
import { CALL_ARGUMENTS } from '../../schemas/generated/calls.js'
import type { Syscall } from '../../schemas/generated/types.js'
import type { KernelCallRecord } from '../ring-events/kernel-call-record.js'
import { UNSET_ID } from '../../native/generated/layout.js'

/** Numbers of a KernelEvent under the names of its fields. */
export interface KernelCallFacts {
  request: number | null
  flags: number | null
  signal: number | null
  fd: number | null
  newFd: number | null
  uid: number | null
  euid: number | null
  suid: number | null
  fsuid: number | null
  gid: number | null
  egid: number | null
  sgid: number | null
  fsgid: number | null
  capEffective: number | null
  capPermitted: number | null
  capInheritable: number | null
  namespaceTypes: number | null
  programType: number | null
  mountAttributes: number | null
  mode: number | null
  device: number | null
  size: number | null
}

// include/uapi/linux/fs.h, sockios.h
const FS_IOC_SETFLAGS = [0x40046602, 0x40086602]
const FS_IOC_FSSETXATTR = 0x401c5820
const SIOCSIFFLAGS = 0x8914
/** Requests of ioctl with flags, which the program has read. */
const IOCTLS_WITH_FLAGS: ReadonlySet<number> = new Set([...FS_IOC_SETFLAGS, FS_IOC_FSSETXATTR, SIOCSIFFLAGS])

type Reader = (call: KernelCallRecord) => number | null
/** Returns the reader of an argument. */
type MakeReader = (argument: number) => Reader

const TWO_20 = 0x100000
const TWO_32 = 0x100000000
/** CLONE_NEWTIME, NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET of include/uapi/linux/sched.h. */
const NAMESPACES = 0x7e020080
const S_IFMT = 0o170000
const S_IFCHR = 0o020000
const S_IFBLK = 0o060000
/** BPF_PROG_LOAD, and the commands of bpf(2) that return a descriptor. */
const BPF_PROG_LOAD = 5
const BPF_RETURNS_DESCRIPTOR: ReadonlySet<number> = new Set([0, 5, 7, 13, 14, 17, 18, 19, 28, 30, 32, 33, 36])

/** setns with type 0 enters the namespace of the descriptor, of any type: the program reads it. */
const enteredNamespaces: Reader = (call) => {
  const types = ((call.numbers[0] ?? 0) & NAMESPACES) >>> 0
  return types === 0 ? null : types
}

/** The result of a successful call as a descriptor, always truncated to an int. */
const descriptor: Reader = (call) => (call.result >= 0 ? call.result | 0 : null)

const whenDone =
  (read: Reader): Reader =>
  (call) =>
    call.result < 0 ? null : read(call)

/** The readers that the table of system calls names. */
const READERS = {
  /** An unsigned number of 32 bits. */
  u32: (index) => (call) => call.low[index] ?? 0,
  /** A signed number of 32 bits: a descriptor, a pid, a signal. */
  s32: (index) => (call) => (call.low[index] ?? 0) | 0,
  /** A number of 64 bits, of which an event contains the low 52. */
  u64: (index) => (call) => ((call.high[index] ?? 0) % TWO_20) * TWO_32 + (call.low[index] ?? 0),
  /** An id; -1 means unchanged. */
  id: (index) => (call) => (call.low[index] === UNSET_ID ? -1 : (call.low[index] ?? 0)),
  /** A number that the program read from the memory of the caller or of the kernel. */
  number: (index) => (call) => call.numbers[index] ?? 0,
  /** The result of a successful call. */
  result: () => (call) => (call.result >= 0 ? call.result : null),
  descriptor: () => descriptor,
  /** Kind and permission bits: mode_t has 16 bits, an argument may have more. */
  mode: (index) => (call) => (call.low[index] ?? 0) & 0xffff,
  /** Device number of mknod, after its mode, in the kernel's form: twelve bits of the major and twenty of the minor number. */
  device: (index) => (call) => {
    const kind = (call.low[index - 1] ?? 0) & S_IFMT
    if (kind !== S_IFCHR && kind !== S_IFBLK) return null
    const given = call.low[index] ?? 0
    return ((given >>> 8) & 0xfff) * TWO_20 + ((given & 0xff) | ((given >>> 12) & 0xfff00))
  },
  ioctl_flags: () => (call) => (IOCTLS_WITH_FLAGS.has(call.low[1] ?? 0) ? (call.numbers[0] ?? 0) : null),
  unshared: () => whenDone((call) => ((call.low[0] ?? 0) & NAMESPACES) >>> 0),
  entered: () => whenDone(enteredNamespaces),
  bpf_descriptor: () => (call) => (BPF_RETURNS_DESCRIPTOR.has(call.low[0] ?? -1) ? descriptor(call) : null),
  bpf_program: () => (call) => (call.low[0] === BPF_PROG_LOAD ? (call.numbers[0] ?? 0) | 0 : null),
} satisfies Record<string, MakeReader>

type Shape = Partial<Record<keyof KernelCallFacts, Reader>>
type GivenShape = Partial<Record<keyof KernelCallFacts, readonly [reader: keyof typeof READERS, argument?: number]>>

const GIVEN_SHAPES: Partial<Record<Syscall, GivenShape>> = CALL_ARGUMENTS

const NAMES: readonly (keyof KernelCallFacts)[] = [
  ...(['request', 'flags', 'signal', 'fd', 'newFd', 'uid', 'euid', 'suid', 'fsuid', 'gid', 'egid', 'sgid', 'fsgid'] as const),
  ...([
    'capEffective',
    'capPermitted',
    'capInheritable',
    'namespaceTypes',
    'programType',
    'mountAttributes',
    'mode',
    'device',
    'size',
  ] as const),
]

const SHAPES: Partial<Record<string, Shape>> = Object.fromEntries(
  Object.entries(GIVEN_SHAPES).map(([syscall, given]) => [syscall, shapeOf(given)]),
)

function shapeOf(given: GivenShape): Shape {
  const shape: Shape = {}
  for (const name of NAMES) {
    const [reader, argument = 0] = given[name] ?? []
    if (reader !== undefined) shape[name] = READERS[reader](argument)
  }
  return shape
}

/** The numbers of a call. @param syscall UNKNOWN for an event without a call */
export function kernelCallFacts(syscall: Syscall, call: KernelCallRecord): KernelCallFacts {
  const shape = SHAPES[syscall]
  const facts: Partial<KernelCallFacts> = {}
  for (const name of NAMES) facts[name] = shape?.[name]?.(call) ?? null
  return facts as KernelCallFacts
}
