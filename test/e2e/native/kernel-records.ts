// Reads ring records field by field as bpf/record/event.h lays them out, apart from the decoders of the collector, so that each checks the other.
import {
  CGROUP_EVENT,
  COMM_BYTES,
  EVENT_HEADER,
  EXEC_EVENT,
  EXEC_REFUSED_EVENT,
  EXE_MEMFD,
  EXE_UPPER_LAYER,
  NAMESPACE_FACTS,
  OPEN_CREATED,
  OPEN_EVENT,
  OPEN_HAS_TICKET,
  SOCKET_FACTS,
  STREAMS,
  STREAM_FACTS,
  STREAM_HAS_PLACE,
  TASK_FACTS,
  TEXT,
} from '../../../native/generated/layout.js'
import type { Ring, RingSpan } from '../../../native/rings.js'

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
    kind: bytes.readUInt16LE(EVENT_HEADER.kind),
    cpu: bytes.readUInt16LE(EVENT_HEADER.cpu),
    pid: u32(EVENT_HEADER.pid),
    seq: Number(bytes.readBigUInt64LE(EVENT_HEADER.seq)),
    bootNs: bytes.readBigUInt64LE(EVENT_HEADER.bootNs),
    startBootNs: bytes.readBigUInt64LE(EVENT_HEADER.startBootNs),
    cgroupId: bytes.readBigUInt64LE(EVENT_HEADER.cgroupId),
    tid: u32(EVENT_HEADER.tid),
    ids: [u32(EVENT_HEADER.uid), u32(EVENT_HEADER.gid), u32(EVENT_HEADER.euid), u32(EVENT_HEADER.egid)],
    flags: u32(EVENT_HEADER.flags),
    syscall: u32(EVENT_HEADER.syscall),
    result: bytes.readInt32LE(EVENT_HEADER.result),
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

/** Reads everything committed from a ring, and frees it. */
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
  if ((bytes.readUInt32LE(OPEN_EVENT.openFlags) & OPEN_HAS_TICKET) === 0) return null
  const at = bytes.length - 8
  return [bytes.readUInt32LE(at), bytes.readUInt32LE(at + 4)]
}

/** struct task_facts. */
export function factsOf(record: KernelRecord) {
  const facts = record.bytes.subarray(EXEC_EVENT.facts, EXEC_EVENT.facts + TASK_FACTS.bytes)
  const u32 = (at: number): number => facts.readUInt32LE(at)
  const comm = (at: number): string => facts.toString('latin1', at, at + COMM_BYTES).replace(/\0.*$/s, '')
  return {
    parentStartBootNs: facts.readBigUInt64LE(TASK_FACTS.parentStartBootNs),
    capEffective: facts.readBigUInt64LE(TASK_FACTS.capEffective),
    capPermitted: facts.readBigUInt64LE(TASK_FACTS.capPermitted),
    capInheritable: facts.readBigUInt64LE(TASK_FACTS.capInheritable),
    exeInode: facts.readBigUInt64LE(TASK_FACTS.exeInode),
    exeCtimeNs: facts.readBigUInt64LE(TASK_FACTS.exeCtimeNs),
    exeMtimeNs: facts.readBigUInt64LE(TASK_FACTS.exeMtimeNs),
    exeDevice: u32(TASK_FACTS.exeDevice),
    isUpperLayer: (u32(TASK_FACTS.exeFlags) & EXE_UPPER_LAYER) !== 0,
    isMemfd: (u32(TASK_FACTS.exeFlags) & EXE_MEMFD) !== 0,
    parentPid: u32(TASK_FACTS.parentPid),
    loginUid: u32(TASK_FACTS.loginUid),
    sessionId: u32(TASK_FACTS.sessionId),
    processGroupId: u32(TASK_FACTS.processGroupId),
    namespacePid: u32(TASK_FACTS.namespacePid),
    namespaceProcessGroupId: u32(TASK_FACTS.namespaceProcessGroupId),
    tty: u32(TASK_FACTS.tty),
    comm: comm(TASK_FACTS.comm),
    parentComm: comm(TASK_FACTS.parentComm),
  }
}

/** The texts of an exec or task record. */
export function execOf(record: KernelRecord) {
  const { bytes } = record
  const u32 = (at: number): number => bytes.readUInt32LE(at)
  let at = EXEC_EVENT.bytes
  const take = (length: number): Buffer => bytes.subarray(at, (at += length))
  const args = take(u32(EXEC_EVENT.argsLength))
  const exe = take(u32(EXEC_EVENT.exePathLength))
  const cwd = take(u32(EXEC_EVENT.cwdLength))
  const filename = take(u32(EXEC_EVENT.filenameLength))
  const streams = Array.from({ length: STREAMS }, (_, number) => EXEC_EVENT.streams + number * STREAM_FACTS.bytes).map((stream) => ({
    stream,
    name: take(u32(stream + STREAM_FACTS.nameLength)),
  }))
  const environment = take(u32(EXEC_EVENT.environmentLength))
  return {
    environment: environment.toString('latin1').split('\0').slice(0, -1),
    environmentFlags: u32(EXEC_EVENT.environmentFlags),
    args: args.toString('latin1').split('\0').slice(0, -1),
    argsBytes: args,
    argsTotal: u32(EXEC_EVENT.argsTotal),
    exePath: pathOf(exe),
    cwd: pathOf(cwd),
    filename: filename.toString('latin1'),
    filenameLength: u32(EXEC_EVENT.filenameLength),
    textFlags: u32(EXEC_EVENT.textFlags),
    streams: streams.map(({ stream, name }) => ({
      inode: bytes.readBigUInt64LE(stream + STREAM_FACTS.inode),
      mode: u32(stream + STREAM_FACTS.mode),
      flags: u32(stream + STREAM_FACTS.flags) & ~STREAM_HAS_PLACE,
      family: bytes.readUInt16LE(stream + STREAM_FACTS.socket + SOCKET_FACTS.family),
      name: name.toString('latin1'),
    })),
  }
}

/** struct namespace_facts of an exec or task record. */
export function namespacesOf({ bytes }: KernelRecord) {
  const at = (index: number): number => bytes.readUInt32LE(EXEC_EVENT.namespaces + NAMESPACE_FACTS.mount + 4 * index)
  return {
    pidStartBootNs: bytes.readBigUInt64LE(EXEC_EVENT.namespaces + NAMESPACE_FACTS.pidStartBootNs),
    numbers: { mnt: at(0), pid: at(1), net: at(2), user: at(3), uts: at(4), ipc: at(5), cgroup: at(6) },
    parentNamespacePid: at(7),
  }
}

/** KIND_EXEC_REFUSED. */
export function refusedOf(record: KernelRecord) {
  const length = record.bytes.readUInt32LE(EXEC_REFUSED_EVENT.argsLength)
  return {
    args: record.bytes
      .toString('latin1', EXEC_REFUSED_EVENT.bytes, EXEC_REFUSED_EVENT.bytes + length)
      .split('\0')
      .slice(0, -1),
    argsTotal: record.bytes.readUInt32LE(EXEC_REFUSED_EVENT.argsTotal),
    filename: record.bytes.toString(
      'latin1',
      EXEC_REFUSED_EVENT.bytes + length,
      EXEC_REFUSED_EVENT.bytes + length + record.bytes.readUInt32LE(EXEC_REFUSED_EVENT.filenameLength),
    ),
    textFlags: record.bytes.readUInt32LE(EXEC_REFUSED_EVENT.textFlags),
  }
}

/** KIND_OPEN. */
export function openOf(record: KernelRecord) {
  const { bytes } = record
  const pathLength = bytes.readUInt32LE(OPEN_EVENT.pathLength)
  return {
    result: record.result,
    syscall: record.syscall,
    flags: Number(bytes.readBigUInt64LE(OPEN_EVENT.flags)),
    inode: bytes.readBigUInt64LE(OPEN_EVENT.inode),
    device: bytes.readUInt32LE(OPEN_EVENT.device),
    mode: bytes.readUInt32LE(OPEN_EVENT.mode),
    isCreated: (bytes.readUInt32LE(OPEN_EVENT.openFlags) & OPEN_CREATED) !== 0,
    path: pathLength === 0 ? '' : pathOf(bytes.subarray(OPEN_EVENT.bytes, OPEN_EVENT.bytes + pathLength)),
    argument: bytes.toString(
      'latin1',
      OPEN_EVENT.bytes + pathLength,
      OPEN_EVENT.bytes + pathLength + bytes.readUInt32LE(OPEN_EVENT.argumentLength),
    ),
    textFlags: bytes.readUInt32LE(OPEN_EVENT.textFlags) & ~TEXT.hasPlace,
  }
}

/** KIND_CGROUP_MKDIR and KIND_CGROUP_RMDIR. */
export function cgroupOf(record: KernelRecord) {
  return {
    hierarchyId: record.bytes.readUInt32LE(CGROUP_EVENT.hierarchyId),
    level: record.bytes.readUInt32LE(CGROUP_EVENT.level),
    path: record.bytes.toString('latin1', CGROUP_EVENT.bytes, CGROUP_EVENT.bytes + record.bytes.readUInt32LE(CGROUP_EVENT.pathLength)),
  }
}
