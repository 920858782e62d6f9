// Reads ring records field by field as bpf/record/event.h lays them out, apart from the decoders of the collector, so that each checks the other.
import {
  CGROUP_EVENT_BYTES,
  CGROUP_EVENT_HIERARCHY_ID,
  CGROUP_EVENT_LEVEL,
  CGROUP_EVENT_PATH_LENGTH,
  COMM_BYTES,
  EVENT_HEADER_BOOT_NS,
  EVENT_HEADER_CGROUP_ID,
  EVENT_HEADER_CPU,
  EVENT_HEADER_EGID,
  EVENT_HEADER_EUID,
  EVENT_HEADER_FLAGS,
  EVENT_HEADER_GID,
  EVENT_HEADER_KIND,
  EVENT_HEADER_PID,
  EVENT_HEADER_RESULT,
  EVENT_HEADER_SEQ,
  EVENT_HEADER_START_BOOT_NS,
  EVENT_HEADER_SYSCALL,
  EVENT_HEADER_TID,
  EVENT_HEADER_UID,
  EXEC_EVENT_ARGS_LENGTH,
  EXEC_EVENT_ARGS_TOTAL,
  EXEC_EVENT_BYTES,
  EXEC_EVENT_CWD_LENGTH,
  EXEC_EVENT_ENVIRONMENT_FLAGS,
  EXEC_EVENT_ENVIRONMENT_LENGTH,
  EXEC_EVENT_EXE_PATH_LENGTH,
  EXEC_EVENT_FACTS,
  EXEC_EVENT_FILENAME_LENGTH,
  EXEC_EVENT_NAMESPACES,
  EXEC_EVENT_STREAMS,
  EXEC_EVENT_TEXT_FLAGS,
  EXEC_REFUSED_EVENT_ARGS_LENGTH,
  EXEC_REFUSED_EVENT_ARGS_TOTAL,
  EXEC_REFUSED_EVENT_BYTES,
  EXEC_REFUSED_EVENT_FILENAME_LENGTH,
  EXEC_REFUSED_EVENT_TEXT_FLAGS,
  EXE_MEMFD,
  EXE_UPPER_LAYER,
  NAMESPACE_FACTS_MOUNT,
  NAMESPACE_FACTS_PID_START_BOOT_NS,
  OPEN_CREATED,
  OPEN_EVENT_ARGUMENT_LENGTH,
  OPEN_EVENT_BYTES,
  OPEN_EVENT_DEVICE,
  OPEN_EVENT_FLAGS,
  OPEN_EVENT_INODE,
  OPEN_EVENT_MODE,
  OPEN_EVENT_OPEN_FLAGS,
  OPEN_EVENT_PATH_LENGTH,
  OPEN_EVENT_TEXT_FLAGS,
  OPEN_HAS_TICKET,
  SOCKET_FACTS_FAMILY,
  STREAMS,
  STREAM_FACTS_BYTES,
  STREAM_FACTS_FLAGS,
  STREAM_FACTS_INODE,
  STREAM_FACTS_MODE,
  STREAM_FACTS_NAME_LENGTH,
  STREAM_FACTS_SOCKET,
  TASK_FACTS_BYTES,
  TASK_FACTS_CAP_EFFECTIVE,
  TASK_FACTS_CAP_INHERITABLE,
  TASK_FACTS_CAP_PERMITTED,
  TASK_FACTS_COMM,
  TASK_FACTS_EXE_CTIME_NS,
  TASK_FACTS_EXE_DEVICE,
  TASK_FACTS_EXE_FLAGS,
  TASK_FACTS_EXE_INODE,
  TASK_FACTS_EXE_MTIME_NS,
  TASK_FACTS_LOGIN_UID,
  TASK_FACTS_NAMESPACE_PID,
  TASK_FACTS_NAMESPACE_PROCESS_GROUP_ID,
  TASK_FACTS_PARENT_COMM,
  TASK_FACTS_PARENT_PID,
  TASK_FACTS_PARENT_START_BOOT_NS,
  TASK_FACTS_PROCESS_GROUP_ID,
  TASK_FACTS_SESSION_ID,
  TASK_FACTS_TTY,
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
    kind: bytes.readUInt16LE(EVENT_HEADER_KIND),
    cpu: bytes.readUInt16LE(EVENT_HEADER_CPU),
    pid: u32(EVENT_HEADER_PID),
    seq: Number(bytes.readBigUInt64LE(EVENT_HEADER_SEQ)),
    bootNs: bytes.readBigUInt64LE(EVENT_HEADER_BOOT_NS),
    startBootNs: bytes.readBigUInt64LE(EVENT_HEADER_START_BOOT_NS),
    cgroupId: bytes.readBigUInt64LE(EVENT_HEADER_CGROUP_ID),
    tid: u32(EVENT_HEADER_TID),
    ids: [u32(EVENT_HEADER_UID), u32(EVENT_HEADER_GID), u32(EVENT_HEADER_EUID), u32(EVENT_HEADER_EGID)],
    flags: u32(EVENT_HEADER_FLAGS),
    syscall: u32(EVENT_HEADER_SYSCALL),
    result: bytes.readInt32LE(EVENT_HEADER_RESULT),
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
  if ((bytes.readUInt32LE(OPEN_EVENT_OPEN_FLAGS) & OPEN_HAS_TICKET) === 0) return null
  const at = bytes.length - 8
  return [bytes.readUInt32LE(at), bytes.readUInt32LE(at + 4)]
}

/** struct task_facts. */
export function factsOf(record: KernelRecord) {
  const facts = record.bytes.subarray(EXEC_EVENT_FACTS, EXEC_EVENT_FACTS + TASK_FACTS_BYTES)
  const u32 = (at: number): number => facts.readUInt32LE(at)
  const comm = (at: number): string => facts.toString('latin1', at, at + COMM_BYTES).replace(/\0.*$/s, '')
  return {
    parentStartBootNs: facts.readBigUInt64LE(TASK_FACTS_PARENT_START_BOOT_NS),
    capEffective: facts.readBigUInt64LE(TASK_FACTS_CAP_EFFECTIVE),
    capPermitted: facts.readBigUInt64LE(TASK_FACTS_CAP_PERMITTED),
    capInheritable: facts.readBigUInt64LE(TASK_FACTS_CAP_INHERITABLE),
    exeInode: facts.readBigUInt64LE(TASK_FACTS_EXE_INODE),
    exeCtimeNs: facts.readBigUInt64LE(TASK_FACTS_EXE_CTIME_NS),
    exeMtimeNs: facts.readBigUInt64LE(TASK_FACTS_EXE_MTIME_NS),
    exeDevice: u32(TASK_FACTS_EXE_DEVICE),
    isUpperLayer: (u32(TASK_FACTS_EXE_FLAGS) & EXE_UPPER_LAYER) !== 0,
    isMemfd: (u32(TASK_FACTS_EXE_FLAGS) & EXE_MEMFD) !== 0,
    parentPid: u32(TASK_FACTS_PARENT_PID),
    loginUid: u32(TASK_FACTS_LOGIN_UID),
    sessionId: u32(TASK_FACTS_SESSION_ID),
    processGroupId: u32(TASK_FACTS_PROCESS_GROUP_ID),
    namespacePid: u32(TASK_FACTS_NAMESPACE_PID),
    namespaceProcessGroupId: u32(TASK_FACTS_NAMESPACE_PROCESS_GROUP_ID),
    tty: u32(TASK_FACTS_TTY),
    comm: comm(TASK_FACTS_COMM),
    parentComm: comm(TASK_FACTS_PARENT_COMM),
  }
}

/** The texts of an exec or task record. */
export function execOf(record: KernelRecord) {
  const { bytes } = record
  const u32 = (at: number): number => bytes.readUInt32LE(at)
  let at = EXEC_EVENT_BYTES
  const take = (length: number): Buffer => bytes.subarray(at, (at += length))
  const args = take(u32(EXEC_EVENT_ARGS_LENGTH))
  const exe = take(u32(EXEC_EVENT_EXE_PATH_LENGTH))
  const cwd = take(u32(EXEC_EVENT_CWD_LENGTH))
  const filename = take(u32(EXEC_EVENT_FILENAME_LENGTH))
  const streams = Array.from({ length: STREAMS }, (_, number) => EXEC_EVENT_STREAMS + number * STREAM_FACTS_BYTES).map((stream) => ({
    stream,
    name: take(u32(stream + STREAM_FACTS_NAME_LENGTH)),
  }))
  const environment = take(u32(EXEC_EVENT_ENVIRONMENT_LENGTH))
  return {
    environment: environment.toString('latin1').split('\0').slice(0, -1),
    environmentFlags: u32(EXEC_EVENT_ENVIRONMENT_FLAGS),
    args: args.toString('latin1').split('\0').slice(0, -1),
    argsBytes: args,
    argsTotal: u32(EXEC_EVENT_ARGS_TOTAL),
    exePath: pathOf(exe),
    cwd: pathOf(cwd),
    filename: filename.toString('latin1'),
    filenameLength: u32(EXEC_EVENT_FILENAME_LENGTH),
    textFlags: u32(EXEC_EVENT_TEXT_FLAGS),
    streams: streams.map(({ stream, name }) => ({
      inode: bytes.readBigUInt64LE(stream + STREAM_FACTS_INODE),
      mode: u32(stream + STREAM_FACTS_MODE),
      flags: u32(stream + STREAM_FACTS_FLAGS),
      family: bytes.readUInt16LE(stream + STREAM_FACTS_SOCKET + SOCKET_FACTS_FAMILY),
      name: name.toString('latin1'),
    })),
  }
}

/** struct namespace_facts of an exec or task record. */
export function namespacesOf({ bytes }: KernelRecord) {
  const at = (index: number): number => bytes.readUInt32LE(EXEC_EVENT_NAMESPACES + NAMESPACE_FACTS_MOUNT + 4 * index)
  return {
    pidStartBootNs: bytes.readBigUInt64LE(EXEC_EVENT_NAMESPACES + NAMESPACE_FACTS_PID_START_BOOT_NS),
    numbers: { mnt: at(0), pid: at(1), net: at(2), user: at(3), uts: at(4), ipc: at(5), cgroup: at(6) },
    parentNamespacePid: at(7),
  }
}

/** KIND_EXEC_REFUSED. */
export function refusedOf(record: KernelRecord) {
  const length = record.bytes.readUInt32LE(EXEC_REFUSED_EVENT_ARGS_LENGTH)
  return {
    args: record.bytes
      .toString('latin1', EXEC_REFUSED_EVENT_BYTES, EXEC_REFUSED_EVENT_BYTES + length)
      .split('\0')
      .slice(0, -1),
    argsTotal: record.bytes.readUInt32LE(EXEC_REFUSED_EVENT_ARGS_TOTAL),
    filename: record.bytes.toString(
      'latin1',
      EXEC_REFUSED_EVENT_BYTES + length,
      EXEC_REFUSED_EVENT_BYTES + length + record.bytes.readUInt32LE(EXEC_REFUSED_EVENT_FILENAME_LENGTH),
    ),
    textFlags: record.bytes.readUInt32LE(EXEC_REFUSED_EVENT_TEXT_FLAGS),
  }
}

/** KIND_OPEN. */
export function openOf(record: KernelRecord) {
  const { bytes } = record
  const pathLength = bytes.readUInt32LE(OPEN_EVENT_PATH_LENGTH)
  return {
    result: record.result,
    syscall: record.syscall,
    flags: Number(bytes.readBigUInt64LE(OPEN_EVENT_FLAGS)),
    inode: bytes.readBigUInt64LE(OPEN_EVENT_INODE),
    device: bytes.readUInt32LE(OPEN_EVENT_DEVICE),
    mode: bytes.readUInt32LE(OPEN_EVENT_MODE),
    isCreated: (bytes.readUInt32LE(OPEN_EVENT_OPEN_FLAGS) & OPEN_CREATED) !== 0,
    path: pathLength === 0 ? '' : pathOf(bytes.subarray(OPEN_EVENT_BYTES, OPEN_EVENT_BYTES + pathLength)),
    argument: bytes.toString(
      'latin1',
      OPEN_EVENT_BYTES + pathLength,
      OPEN_EVENT_BYTES + pathLength + bytes.readUInt32LE(OPEN_EVENT_ARGUMENT_LENGTH),
    ),
    textFlags: bytes.readUInt32LE(OPEN_EVENT_TEXT_FLAGS),
  }
}

/** KIND_CGROUP_MKDIR and KIND_CGROUP_RMDIR. */
export function cgroupOf(record: KernelRecord) {
  return {
    hierarchyId: record.bytes.readUInt32LE(CGROUP_EVENT_HIERARCHY_ID),
    level: record.bytes.readUInt32LE(CGROUP_EVENT_LEVEL),
    path: record.bytes.toString('latin1', CGROUP_EVENT_BYTES, CGROUP_EVENT_BYTES + record.bytes.readUInt32LE(CGROUP_EVENT_PATH_LENGTH)),
  }
}
