// Reads ring records field by field as bpf/record/event.h lays them out; plain and apart from the collector's decoder, so that each checks the other.
import type { Ring, RingSpan } from '../../../native/kernel-session.js'

export const KIND = { fork: 1, exec: 2, execRefused: 3, exit: 4, open: 5, cgroupMkdir: 6, cgroupRmdir: 7, task: 8 } as const

/** Header of a record, and its bytes. */
export interface KernelRecord {
  readonly kind: number
  readonly cpu: number
  readonly pid: number
  readonly seq: number
  readonly bootNs: bigint
  readonly startBootNs: bigint
  readonly cgroupId: bigint
  readonly tid: number
  readonly ids: readonly [uid: number, gid: number, euid: number, egid: number]
  readonly flags: number
  readonly syscall: number
  readonly result: number
  readonly bytes: Buffer
}

export function recordOf(bytes: Buffer): KernelRecord {
  const u32 = (at: number): number => bytes.readUInt32LE(at)
  return {
    kind: bytes.readUInt16LE(0),
    cpu: bytes.readUInt16LE(2),
    pid: u32(4),
    seq: Number(bytes.readBigUInt64LE(8)),
    bootNs: bytes.readBigUInt64LE(16),
    startBootNs: bytes.readBigUInt64LE(24),
    cgroupId: bytes.readBigUInt64LE(32),
    tid: u32(40),
    ids: [u32(44), u32(48), u32(52), u32(56)],
    flags: u32(60),
    syscall: u32(64),
    result: bytes.readInt32LE(68),
    bytes,
  }
}

/** Copies of the records of a run of ring bytes; discarded ones are left out. */
export function recordsOf(bytes: Uint8Array, start = 0, end = bytes.byteLength): KernelRecord[] {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const records: KernelRecord[] = []
  for (let at = start; at < end;) {
    const header = view.readUInt32LE(at)
    const length = header & 0x3fffffff
    if ((header & 0x40000000) === 0) records.push(recordOf(Buffer.from(view.subarray(at + 8, at + 8 + length))))
    at += 8 + Math.ceil(length / 8) * 8
  }
  return records
}

/** Takes everything committed from a ring, and gives it back to the kernel. */
export function drain(ring: Ring): KernelRecord[] {
  const span: RingSpan = { startOffset: 0, endOffset: 0, endPosition: 0, bytesBehind: 0 }
  const records: KernelRecord[] = []
  while (ring.poll(span, 1 << 20) > 0) {
    records.push(...recordsOf(ring.bytes, span.startOffset, span.endOffset))
    ring.ack(span.endPosition)
  }
  return records
}

/** A walked path, leaf first, as a path from the root; bytes as latin1, so that nothing is lost. */
export function pathOf(walked: Buffer): string {
  const names = walked.toString('latin1').split('\0').slice(0, -1).reverse()
  return `/${names.join('/')}`
}

/** The ticket of an open record; null for none. */
export function ticketOf(bytes: Buffer): readonly [low: number, high: number] | null {
  if ((bytes.readUInt32LE(96) & 2) === 0) return null
  const at = bytes.length - 8
  return [bytes.readUInt32LE(at), bytes.readUInt32LE(at + 4)]
}

/** struct task_facts. */
export function factsOf(record: KernelRecord) {
  const facts = record.bytes.subarray(72, 200)
  const u32 = (at: number): number => facts.readUInt32LE(at)
  const comm = (at: number): string => facts.toString('latin1', at, at + 16).replace(/\0.*$/s, '')
  return {
    parentStartBootNs: facts.readBigUInt64LE(0),
    capEffective: facts.readBigUInt64LE(8),
    capPermitted: facts.readBigUInt64LE(16),
    capInheritable: facts.readBigUInt64LE(24),
    exeInode: facts.readBigUInt64LE(32),
    exeCtimeNs: facts.readBigUInt64LE(40),
    exeMtimeNs: facts.readBigUInt64LE(48),
    exeDevice: u32(56),
    isUpperLayer: (u32(60) & 1) !== 0,
    isMemfd: (u32(60) & 2) !== 0,
    parentPid: u32(64),
    loginUid: u32(68),
    sessionId: u32(72),
    processGroupId: u32(76),
    namespacePid: u32(80),
    namespaceProcessGroupId: u32(84),
    tty: u32(88),
    comm: comm(96),
    parentComm: comm(112),
  }
}

/** The texts of an exec or task record. */
export function execOf(record: KernelRecord) {
  const { bytes } = record
  const u32 = (at: number): number => bytes.readUInt32LE(at)
  let at = 512
  const take = (length: number): Buffer => bytes.subarray(at, (at += length))
  const args = take(u32(200))
  const exe = take(u32(208))
  const cwd = take(u32(212))
  const filename = take(u32(216))
  const streams = [264, 344, 424].map((stream) => ({ stream, name: take(u32(stream + 12)) }))
  const environment = take(u32(504))
  return {
    environment: environment.toString('latin1').split('\0').slice(0, -1),
    environmentFlags: u32(508),
    args: args.toString('latin1').split('\0').slice(0, -1),
    argsBytes: args,
    argsTotal: u32(204),
    exePath: pathOf(exe),
    cwd: pathOf(cwd),
    filename: filename.toString('latin1'),
    filenameLength: u32(216),
    textFlags: u32(220),
    streams: streams.map(({ stream, name }) => ({
      inode: bytes.readBigUInt64LE(stream),
      mode: u32(stream + 8),
      flags: u32(stream + 16),
      family: bytes.readUInt16LE(stream + 24 + 44),
      name: name.toString('latin1'),
    })),
  }
}

/** struct namespace_facts of an exec or task record. */
export function namespacesOf({ bytes }: KernelRecord) {
  const at = (index: number): number => bytes.readUInt32LE(224 + 8 + 4 * index)
  return {
    pidStartBootNs: bytes.readBigUInt64LE(224),
    numbers: { mnt: at(0), pid: at(1), net: at(2), user: at(3), uts: at(4), ipc: at(5), cgroup: at(6) },
    parentNamespacePid: at(7),
  }
}

/** KIND_EXEC_REFUSED. */
export function refusedOf(record: KernelRecord) {
  const length = record.bytes.readUInt32LE(72)
  return {
    args: record.bytes
      .toString('latin1', 88, 88 + length)
      .split('\0')
      .slice(0, -1),
    argsTotal: record.bytes.readUInt32LE(76),
    filename: record.bytes.toString('latin1', 88 + length, 88 + length + record.bytes.readUInt32LE(80)),
    textFlags: record.bytes.readUInt32LE(84),
  }
}

/** KIND_OPEN. */
export function openOf(record: KernelRecord) {
  const { bytes } = record
  const pathLength = bytes.readUInt32LE(100)
  return {
    result: record.result,
    syscall: record.syscall,
    flags: Number(bytes.readBigUInt64LE(72)),
    inode: bytes.readBigUInt64LE(80),
    device: bytes.readUInt32LE(88),
    mode: bytes.readUInt32LE(92),
    isCreated: (bytes.readUInt32LE(96) & 1) !== 0,
    path: pathLength === 0 ? '' : pathOf(bytes.subarray(112, 112 + pathLength)),
    argument: bytes.toString('latin1', 112 + pathLength, 112 + pathLength + bytes.readUInt32LE(104)),
    textFlags: bytes.readUInt32LE(108),
  }
}

/** KIND_CGROUP_MKDIR and KIND_CGROUP_RMDIR. */
export function cgroupOf(record: KernelRecord) {
  return {
    hierarchyId: record.bytes.readUInt32LE(72),
    level: record.bytes.readUInt32LE(76),
    path: record.bytes.toString('latin1', 88, 88 + record.bytes.readUInt32LE(80)),
  }
}
