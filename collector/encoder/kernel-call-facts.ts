// What the arguments of a kernel call mean, call by call: the numbers of a KernelEvent. One row for a call; null for what it has not.
// @see the manual page of each call; include/linux/syscalls.h
import type { Syscall } from '../../schemas/generated/types.js'
import type { KernelCallRecord } from '../ring-events/kernel-call-record.js'
import { UNSET_ID } from '../ring-events/task-facts.js'

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
  mode: number | null
  device: number | null
  size: number | null
}

type Reader = (call: KernelCallRecord) => number | null

const TWO_20 = 0x100000
const TWO_32 = 0x100000000
/** CLONE_NEWTIME, NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET of include/uapi/linux/sched.h. */
const NAMESPACES = 0x7e020080
const S_IFMT = 0o170000
const S_IFCHR = 0o020000
const S_IFBLK = 0o060000
/** BPF_PROG_LOAD, and the commands of bpf(2) that give a descriptor. */
const BPF_PROG_LOAD = 5
const BPF_GIVES_DESCRIPTOR: ReadonlySet<number> = new Set([0, 5, 7, 13, 14, 17, 18, 19, 28, 30, 32, 33, 36])

/** An argument as an unsigned number of 32 bits. */
const unsigned =
  (index: number): Reader =>
  (call) =>
    call.low[index] ?? 0
/** An argument as a signed number of 32 bits: a descriptor, a pid, a signal. */
const signed =
  (index: number): Reader =>
  (call) =>
    (call.low[index] ?? 0) | 0
/** An argument of 64 bits, of which the low 52 are told. */
const long =
  (index: number): Reader =>
  (call) =>
    ((call.high[index] ?? 0) % TWO_20) * TWO_32 + (call.low[index] ?? 0)
/** An id, -1 to leave it as it is. */
const id =
  (index: number): Reader =>
  (call) =>
    call.low[index] === UNSET_ID ? -1 : (call.low[index] ?? 0)
/** A number that the program read from the memory of the caller or of the kernel. */
const number =
  (index: number): Reader =>
  (call) =>
    call.numbers[index] ?? 0
/** The result of a call that went well. */
const result: Reader = (call) => (call.result >= 0 ? call.result : null)
/** The same as a descriptor, which is an int whatever a record says. */
const descriptor: Reader = (call) => (call.result >= 0 ? call.result | 0 : null)
/** Kind and permission bits: mode_t has 16 bits, an argument may have more. */
const mode =
  (index: number): Reader =>
  (call) =>
    (call.low[index] ?? 0) & 0xffff
const whenDone =
  (read: Reader): Reader =>
  (call) =>
    call.result < 0 ? null : read(call)

/** Device number of mknod as the kernel has it: twelve bits of the major and twenty of the minor number. */
const device =
  (mode: number, index: number): Reader =>
  (call) => {
    const kind = (call.low[mode] ?? 0) & S_IFMT
    if (kind !== S_IFCHR && kind !== S_IFBLK) return null
    const given = call.low[index] ?? 0
    return ((given >>> 8) & 0xfff) * TWO_20 + ((given & 0xff) | ((given >>> 12) & 0xfff00))
  }

type Shape = Partial<Record<keyof KernelCallFacts, Reader>>

/** setns of type 0 enters whatever the descriptor is of: the program looked. */
const namespacesOf: Reader = (call) => {
  const types = ((call.numbers[0] ?? 0) & NAMESPACES) >>> 0
  return types === 0 ? null : types
}

const ofBpf: Shape = {
  request: unsigned(0),
  newFd: (call) => (BPF_GIVES_DESCRIPTOR.has(call.low[0] ?? -1) ? descriptor(call) : null),
  programType: (call) => (call.low[0] === BPF_PROG_LOAD ? (call.numbers[0] ?? 0) | 0 : null),
}
const ofProcessVm: Shape = { size: result, flags: long(5) }

const SHAPES: Partial<Record<Syscall, Shape>> = {
  ptrace: { request: long(0) },
  process_vm_readv: ofProcessVm,
  process_vm_writev: ofProcessVm,
  bpf: ofBpf,
  prctl: { request: unsigned(0) },
  keyctl: { request: unsigned(0) },
  seccomp: { request: unsigned(0), flags: unsigned(1) },
  io_uring_setup: { size: unsigned(0), flags: number(0), newFd: descriptor },
  io_uring_register: { fd: signed(0), request: unsigned(1) },
  mount: { flags: long(3) },
  umount2: { flags: unsigned(1) },
  move_mount: { flags: unsigned(4) },
  open_tree: { flags: unsigned(2), newFd: descriptor },
  fsopen: { flags: unsigned(1), newFd: descriptor },
  fsconfig: { fd: signed(0), request: unsigned(1) },
  fsmount: { fd: signed(0), flags: unsigned(1), newFd: descriptor },
  mount_setattr: { flags: unsigned(2) },
  unshare: { flags: long(0), namespaceTypes: whenDone((call) => ((call.low[0] ?? 0) & NAMESPACES) >>> 0) },
  setns: { fd: signed(0), flags: unsigned(1), namespaceTypes: whenDone(namespacesOf) },
  init_module: { size: long(1) },
  finit_module: { fd: signed(0), flags: unsigned(2) },
  delete_module: { flags: unsigned(1) },
  kexec_load: { flags: long(3) },
  kexec_file_load: { fd: signed(0), flags: long(4) },
  memfd_create: { flags: unsigned(1), newFd: descriptor },
  memfd_secret: { flags: unsigned(0), newFd: descriptor },
  userfaultfd: { flags: unsigned(0), newFd: descriptor },
  perf_event_open: { flags: long(4), newFd: descriptor },
  dup: { fd: signed(0), newFd: descriptor },
  dup2: { fd: signed(0), newFd: descriptor },
  dup3: { fd: signed(0), newFd: descriptor, flags: unsigned(2) },
  fcntl: { fd: signed(0), newFd: descriptor },
  kill: { signal: signed(1) },
  tkill: { signal: signed(1) },
  tgkill: { signal: signed(2) },
  rt_sigqueueinfo: { signal: signed(1) },
  rt_tgsigqueueinfo: { signal: signed(2) },
  pidfd_send_signal: { fd: signed(0), signal: signed(1), flags: unsigned(3) },
  setuid: { uid: id(0) },
  setreuid: { uid: id(0), euid: id(1) },
  setresuid: { uid: id(0), euid: id(1), suid: id(2) },
  setfsuid: { fsuid: id(0) },
  setgid: { gid: id(0) },
  setregid: { gid: id(0), egid: id(1) },
  setresgid: { gid: id(0), egid: id(1), sgid: id(2) },
  setfsgid: { fsgid: id(0) },
  capset: { capEffective: number(0), capPermitted: number(1), capInheritable: number(2) },
  mknod: { mode: mode(1), device: device(1, 2) },
  mknodat: { mode: mode(2), device: device(2, 3) },
  shmget: { size: long(1), flags: unsigned(2) },
  shmat: { flags: unsigned(2) },
  shmctl: { request: unsigned(1) },
  semget: { size: unsigned(1), flags: unsigned(2) },
  semctl: { request: unsigned(2) },
  msgget: { flags: unsigned(1) },
  msgctl: { request: unsigned(1) },
  mq_open: { flags: unsigned(1), mode: mode(2), newFd: descriptor },
  pidfd_open: { flags: unsigned(1), newFd: descriptor },
  pidfd_getfd: { fd: signed(0), newFd: descriptor },
}

const NAMES: readonly (keyof KernelCallFacts)[] = [
  ...(['request', 'flags', 'signal', 'fd', 'newFd', 'uid', 'euid', 'suid', 'fsuid', 'gid', 'egid', 'sgid', 'fsgid'] as const),
  ...(['capEffective', 'capPermitted', 'capInheritable', 'namespaceTypes', 'programType', 'mode', 'device', 'size'] as const),
]

/** The numbers of a call. @param syscall UNKNOWN for what no call did */
export function kernelCallFacts(syscall: Syscall, call: KernelCallRecord): KernelCallFacts {
  const shape = SHAPES[syscall]
  const facts: Partial<KernelCallFacts> = {}
  for (const name of NAMES) facts[name] = shape?.[name]?.(call) ?? null
  return facts as KernelCallFacts
}
