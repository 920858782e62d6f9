// The kinds of ring records and the sequence spaces they count in: the numbers of bpf/record/event.h with the names of the ledger.
// Knows no layout; the files beside it know one layout each.
import type { TopicKey } from '../../infra/topic-log/topics.js'

/** enum event_kind. */
export const KIND = {
  fork: 1,
  exec: 2,
  execRefused: 3,
  exit: 4,
  open: 5,
  cgroupMkdir: 6,
  cgroupRmdir: 7,
  task: 8,
  rename: 9,
  unlink: 10,
  link: 11,
  symlink: 12,
  chmod: 13,
  chown: 14,
  mkdir: 15,
  rmdir: 16,
  socket: 20,
  bind: 21,
  listen: 22,
  connect: 23,
  accept: 24,
  send: 25,
  receive: 26,
  close: 27,
  dns: 28,
  mount: 32,
  umount: 33,
  chroot: 34,
  pivotRoot: 35,
  ptrace: 36,
  processVm: 37,
  setuid: 38,
  setgid: 39,
  capset: 40,
  setns: 41,
  unshare: 42,
  bpf: 43,
  perfEvent: 44,
  moduleLoad: 45,
  moduleUnload: 46,
  kexec: 47,
  memfd: 48,
  userfaultfd: 49,
  ioUring: 50,
  dup: 51,
  signal: 52,
  oomKill: 53,
  keyctl: 54,
  prctl: 55,
  seccomp: 56,
  mknod: 57,
  call: 58,
  ipc: 59,
} as const

/** Name of a kind in this table. */
export type KindName = keyof typeof KIND

/** KIND_MAX: kinds are below it. */
export const KIND_MAX = 64

/** enum event_topic: where a kind counts its `seq`. */
export const SEQUENCE = { process: 0, file: 1, cgroup: 2, network: 3, kernel: 4 } as const

/** Number of a sequence space, an index into CpuCounters.seq. */
export type SequenceNumber = (typeof SEQUENCE)[keyof typeof SEQUENCE]

/** What the ledger says of a kind. */
export interface KindFacts {
  /** Name in the ledger. */
  readonly name: string
  readonly sequence: SequenceNumber
  /** Topic that the events go to; null for what the collector itself consumes. */
  readonly topic: TopicKey | null
}

/** First and last kind of the topics that hold many of them. */
const FILE_CHANGES = [KIND.rename, KIND.rmdir] as const
const SOCKETS = [KIND.socket, KIND.dns] as const
const KERNEL_CALLS = [KIND.mount, KIND.ipc] as const

const isWithin = (kind: number, [first, last]: readonly [number, number]): boolean => kind >= first && kind <= last

const KINDS: readonly (KindFacts | undefined)[] = (() => {
  const kinds: KindFacts[] = []
  for (const [name, kind] of Object.entries(KIND)) {
    if (kind === KIND.task) continue
    const ledgerName = name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
    kinds[kind] = { name: ledgerName, ...placeOf(kind) }
  }
  return kinds
})()

function placeOf(kind: number): Pick<KindFacts, 'sequence' | 'topic'> {
  if (kind === KIND.open || isWithin(kind, FILE_CHANGES)) return { sequence: SEQUENCE.file, topic: 'file' }
  if (isWithin(kind, SOCKETS)) return { sequence: SEQUENCE.network, topic: 'network' }
  if (isWithin(kind, KERNEL_CALLS)) return { sequence: SEQUENCE.kernel, topic: 'kernel' }
  // What the collector itself consumes.
  if (kind === KIND.cgroupMkdir || kind === KIND.cgroupRmdir) return { sequence: SEQUENCE.cgroup, topic: null }
  return { sequence: SEQUENCE.process, topic: 'process' }
}

const kindsWithin = (range: readonly [number, number]): number[] => Object.values(KIND).filter((kind) => isWithin(kind, range))

/** Kinds of struct file_change_event. */
export const FILE_CHANGE_KINDS: readonly number[] = kindsWithin(FILE_CHANGES)
/** Kinds of struct socket_event. */
export const SOCKET_KINDS: readonly number[] = kindsWithin(SOCKETS)
/** Kinds of struct kernel_call_event. */
export const KERNEL_CALL_KINDS: readonly number[] = kindsWithin(KERNEL_CALLS)

/** Facts of a kind that has a sequence; undefined for KIND_TASK and for a number that this version does not know. */
export function kindFacts(kind: number): KindFacts | undefined {
  return KINDS[kind]
}

/** Name of a sequence space in counters. */
export function sequenceName(sequence: number): string {
  for (const [name, number] of Object.entries(SEQUENCE)) if (number === sequence) return name
  return `sequence_${String(sequence)}`
}
