// Builds ring records as bpf/record/event.h lays them out, for tests and benches: the counterpart of the decoders.
// That both have the layout of the C compiler is tested in test/unit/native/generate-layout.test.ts.
import {
  CGROUP_EVENT,
  COMM_BYTES,
  EVENT_HEADER,
  EXEC_EVENT,
  EXEC_REFUSED_EVENT,
  EXIT_EVENT,
  FILE_CHANGE_EVENT,
  FORK_EVENT,
  KERNEL_CALL_EVENT,
  KIND,
  NAMESPACE_FACTS,
  OPEN_EVENT,
  SOCKET_EVENT,
  SOCKET_FACTS,
  STREAM_FACTS,
  TASK_FACTS,
} from '../../../native/generated/layout.js'

/** Fields of struct event_header; times in nanoseconds. */
export interface HeaderFields {
  kind: number
  cpu: number
  pid: number
  seq: bigint
  bootNs: bigint
  startNs: bigint
  cgroupId: bigint
  tid: number
  uid: number
  gid: number
  euid: number
  egid: number
  flags: number
  syscall: number
  result: number
}

/** Fields of struct task_facts. */
export interface FactsFields {
  parentStartNs: bigint
  capEffective: bigint
  capPermitted: bigint
  capInheritable: bigint
  exeInode: bigint
  exeCtimeNs: bigint
  exeMtimeNs: bigint
  exeDevice: number
  exeFlags: number
  exeUid: number
  exeGid: number
  exeMode: number
  parentPid: number
  loginUid: number
  sessionId: number
  processGroupId: number
  namespacePid: number
  namespaceProcessGroupId: number
  tty: number
  makerPid: number
  comm: string | Uint8Array
  parentComm: string | Uint8Array
}

/** Fields of struct namespace_facts. */
export interface NamespaceFields {
  pidStartNs: bigint
  /** mount, pid, network, user, uts, ipc, cgroup */
  numbers: readonly number[]
  parentNamespacePid: number
}

/** Fields of struct stream_facts, and of the socket in it. */
export interface StreamFields {
  inode: bigint
  mode: number
  flags: number
  /** A path, or with `family` the raw name of a unix socket. */
  name: Text
  family: number
  local: readonly number[]
  localPort: number
  remote: readonly number[]
  remotePort: number
}

type Text = string | Uint8Array

const HEADER: HeaderFields = {
  kind: 0,
  cpu: 0,
  pid: 100,
  seq: 1n,
  bootNs: 5_000_000_000n,
  startNs: 1_000_000_000n,
  cgroupId: 7n,
  tid: 100,
  uid: 0,
  gid: 0,
  euid: 0,
  egid: 0,
  flags: 0,
  syscall: 0xffffffff,
  result: 0,
}

const FACTS: FactsFields = {
  parentStartNs: 0n,
  capEffective: 0n,
  capPermitted: 0n,
  capInheritable: 0n,
  exeInode: 42n,
  exeCtimeNs: 1_700_000_000_000_000_000n,
  exeMtimeNs: 1_600_000_000_000_000_000n,
  exeDevice: 0x800001,
  exeFlags: 0,
  exeUid: 0,
  exeGid: 0,
  exeMode: 0o100755,
  parentPid: 0,
  loginUid: 0xffffffff,
  sessionId: 1,
  processGroupId: 1,
  namespacePid: 1,
  namespaceProcessGroupId: 1,
  tty: 0,
  makerPid: 0,
  comm: 'test',
  parentComm: 'parent',
}

function bytesOf(text: Text): Buffer {
  return typeof text === 'string' ? Buffer.from(text, 'utf8') : Buffer.from(text)
}

function writeHeader(record: Buffer, fields: Partial<HeaderFields>, kind: number): void {
  const header = { ...HEADER, kind, ...fields }
  record.writeUInt16LE(header.kind, EVENT_HEADER.kind)
  record.writeUInt16LE(header.cpu, EVENT_HEADER.cpu)
  record.writeUInt32LE(header.pid, EVENT_HEADER.pid)
  record.writeBigUInt64LE(header.seq, EVENT_HEADER.seq)
  record.writeBigUInt64LE(header.bootNs, EVENT_HEADER.bootNs)
  record.writeBigUInt64LE(header.startNs, EVENT_HEADER.startBootNs)
  record.writeBigUInt64LE(header.cgroupId, EVENT_HEADER.cgroupId)
  record.writeUInt32LE(header.tid, EVENT_HEADER.tid)
  record.writeUInt32LE(header.uid, EVENT_HEADER.uid)
  record.writeUInt32LE(header.gid, EVENT_HEADER.gid)
  record.writeUInt32LE(header.euid, EVENT_HEADER.euid)
  record.writeUInt32LE(header.egid, EVENT_HEADER.egid)
  record.writeUInt32LE(header.flags, EVENT_HEADER.flags)
  record.writeUInt32LE(header.syscall, EVENT_HEADER.syscall)
  record.writeInt32LE(header.result, EVENT_HEADER.result)
}

function writeFacts(record: Buffer, at: number, fields: Partial<FactsFields>): void {
  const facts = { ...FACTS, ...fields }
  record.writeBigUInt64LE(facts.parentStartNs, at + TASK_FACTS.parentStartBootNs)
  record.writeBigUInt64LE(facts.capEffective, at + TASK_FACTS.capEffective)
  record.writeBigUInt64LE(facts.capPermitted, at + TASK_FACTS.capPermitted)
  record.writeBigUInt64LE(facts.capInheritable, at + TASK_FACTS.capInheritable)
  record.writeBigUInt64LE(facts.exeInode, at + TASK_FACTS.exeInode)
  record.writeBigInt64LE(facts.exeCtimeNs, at + TASK_FACTS.exeCtimeNs)
  record.writeBigInt64LE(facts.exeMtimeNs, at + TASK_FACTS.exeMtimeNs)
  record.writeUInt32LE(facts.exeDevice, at + TASK_FACTS.exeDevice)
  record.writeUInt32LE(facts.exeFlags, at + TASK_FACTS.exeFlags)
  record.writeUInt32LE(facts.exeUid, at + TASK_FACTS.exeUid)
  record.writeUInt32LE(facts.exeGid, at + TASK_FACTS.exeGid)
  record.writeUInt32LE(facts.exeMode, at + TASK_FACTS.exeMode)
  record.writeUInt32LE(facts.parentPid, at + TASK_FACTS.parentPid)
  record.writeUInt32LE(facts.loginUid, at + TASK_FACTS.loginUid)
  record.writeUInt32LE(facts.sessionId, at + TASK_FACTS.sessionId)
  record.writeUInt32LE(facts.processGroupId, at + TASK_FACTS.processGroupId)
  record.writeUInt32LE(facts.namespacePid, at + TASK_FACTS.namespacePid)
  record.writeUInt32LE(facts.namespaceProcessGroupId, at + TASK_FACTS.namespaceProcessGroupId)
  record.writeUInt32LE(facts.tty, at + TASK_FACTS.tty)
  record.writeUInt32LE(facts.makerPid, at + TASK_FACTS.makerPid)
  bytesOf(facts.comm).copy(record, at + TASK_FACTS.comm, 0, COMM_BYTES - 1)
  bytesOf(facts.parentComm).copy(record, at + TASK_FACTS.parentComm, 0, COMM_BYTES - 1)
}

function writeNamespaces(record: Buffer, at: number, fields: Partial<NamespaceFields>): void {
  record.writeBigUInt64LE(fields.pidStartNs ?? 0n, at + NAMESPACE_FACTS.pidStartBootNs)
  fields.numbers?.forEach((number, index) => record.writeUInt32LE(number, at + NAMESPACE_FACTS.mount + 4 * index))
  record.writeUInt32LE(fields.parentNamespacePid ?? 0, at + NAMESPACE_FACTS.parentNamespacePid)
}

/** @returns the name that follows the record */
function writeStream(record: Buffer, at: number, fields: Partial<StreamFields>): Buffer {
  const name = fields.family === undefined ? walked(fields.name ?? '') : bytesOf(fields.name ?? '')
  record.writeBigUInt64LE(fields.inode ?? 0n, at + STREAM_FACTS.inode)
  record.writeUInt32LE(fields.mode ?? 0, at + STREAM_FACTS.mode)
  record.writeUInt32LE(name.length, at + STREAM_FACTS.nameLength)
  record.writeUInt32LE(fields.flags ?? 0, at + STREAM_FACTS.flags)
  record.set(fields.remote ?? [], at + STREAM_FACTS.socket + SOCKET_FACTS.remote)
  record.set(fields.local ?? [], at + STREAM_FACTS.socket + SOCKET_FACTS.local)
  record.writeUInt16LE(fields.remotePort ?? 0, at + STREAM_FACTS.socket + SOCKET_FACTS.remotePort)
  record.writeUInt16LE(fields.localPort ?? 0, at + STREAM_FACTS.socket + SOCKET_FACTS.localPort)
  record.writeUInt16LE(fields.family ?? 0, at + STREAM_FACTS.socket + SOCKET_FACTS.family)
  record.writeUInt8(fields.family === undefined ? 0 : 1, at + STREAM_FACTS.socket + SOCKET_FACTS.flags)
  return name
}

/** A path as a program walks it: /etc/passwd is "passwd\0etc\0". Paths are split at the byte, so they need not be UTF-8. */
export function walked(path: Text): Buffer {
  const components = bytesOf(path).toString('latin1').split('/')
  const walkedPath = components
    .filter((component) => component !== '')
    .reverse()
    .map((component) => `${component}\0`)
  return Buffer.from(walkedPath.join(''), 'latin1')
}

/** Arguments, each NUL-terminated. */
export function argumentBytes(args: readonly Text[]): Buffer {
  return Buffer.concat(args.flatMap((arg) => [bytesOf(arg), Buffer.from([0])]))
}

/** KIND_FORK. */
export function forkRecord(header: Partial<HeaderFields>, facts: Partial<FactsFields>, namespaces: Partial<NamespaceFields> = {}): Buffer {
  const record = Buffer.alloc(FORK_EVENT.bytes)
  writeHeader(record, { syscall: 56, ...header }, KIND.fork)
  writeFacts(record, FORK_EVENT.facts, facts)
  writeNamespaces(record, FORK_EVENT.namespaces, namespaces)
  return record
}

/** Texts of an exec or of a running process. */
export interface ExecTexts {
  args: readonly Text[] | Uint8Array
  argsTotal: number
  exePath: Text
  cwd: Text
  filename: Text
  textFlags: number
  namespaces: Partial<NamespaceFields>
  /** stdin, stdout, stderr; closed where none is given. */
  streams: readonly Partial<StreamFields>[]
  /** Variables, with ENVIRONMENT_READ set. */
  environment: readonly Text[]
  environmentFlags: number
}

/** KIND_EXEC, or with `kind` KIND_TASK. */
export function execRecord(header: Partial<HeaderFields>, facts: Partial<FactsFields>, texts: Partial<ExecTexts> = {}): Buffer {
  const given = texts.args ?? ['test']
  const args = given instanceof Uint8Array ? Buffer.from(given) : argumentBytes(given)
  const exePath = walked(texts.exePath ?? '/usr/bin/test')
  const cwd = walked(texts.cwd ?? '/')
  const filename = bytesOf(texts.filename ?? '')
  const environment = argumentBytes(texts.environment ?? [])
  const fixed = Buffer.alloc(EXEC_EVENT.bytes)
  writeHeader(fixed, { syscall: 59, ...header }, KIND.exec)
  writeFacts(fixed, EXEC_EVENT.facts, facts)
  fixed.writeUInt32LE(args.length, EXEC_EVENT.argsLength)
  fixed.writeUInt32LE(texts.argsTotal ?? args.length, EXEC_EVENT.argsTotal)
  fixed.writeUInt32LE(exePath.length, EXEC_EVENT.exePathLength)
  fixed.writeUInt32LE(cwd.length, EXEC_EVENT.cwdLength)
  fixed.writeUInt32LE(filename.length, EXEC_EVENT.filenameLength)
  fixed.writeUInt32LE(texts.textFlags ?? 0, EXEC_EVENT.textFlags)
  writeNamespaces(fixed, EXEC_EVENT.namespaces, texts.namespaces ?? {})
  const names = (texts.streams ?? []).map((stream, number) => writeStream(fixed, EXEC_EVENT.streams + STREAM_FACTS.bytes * number, stream))
  fixed.writeUInt32LE(environment.length, EXEC_EVENT.environmentLength)
  fixed.writeUInt32LE(texts.environmentFlags ?? (texts.environment === undefined ? 0 : 1), EXEC_EVENT.environmentFlags)
  return Buffer.concat([fixed, args, exePath, cwd, filename, ...names, environment])
}

/** KIND_TASK. */
export function taskRecord(header: Partial<HeaderFields>, facts: Partial<FactsFields>, texts: Partial<ExecTexts> = {}): Buffer {
  return execRecord({ kind: KIND.task, syscall: 0xffffffff, ...header }, facts, texts)
}

/** KIND_EXEC_REFUSED. */
export function execRefusedRecord(header: Partial<HeaderFields>, args: readonly Text[], filename: Text, textFlags = 0): Buffer {
  const argBytes = argumentBytes(args)
  const file = bytesOf(filename)
  const fixed = Buffer.alloc(EXEC_REFUSED_EVENT.bytes)
  writeHeader(fixed, { syscall: 59, result: -2, ...header }, KIND.execRefused)
  fixed.writeUInt32LE(argBytes.length, EXEC_REFUSED_EVENT.argsLength)
  fixed.writeUInt32LE(argBytes.length, EXEC_REFUSED_EVENT.argsTotal)
  fixed.writeUInt32LE(file.length, EXEC_REFUSED_EVENT.filenameLength)
  fixed.writeUInt32LE(textFlags, EXEC_REFUSED_EVENT.textFlags)
  return Buffer.concat([fixed, argBytes, file])
}

/** KIND_EXIT. @param exitCode as wait(2) has it */
export function exitRecord(header: Partial<HeaderFields>, exitCode: number): Buffer {
  const record = Buffer.alloc(EXIT_EVENT.bytes)
  writeHeader(record, { syscall: 231, ...header }, KIND.exit)
  record.writeUInt32LE(exitCode, EXIT_EVENT.exitCode)
  return record
}

/** Fields of struct open_event. */
export interface OpenFields {
  flags: bigint
  inode: bigint
  device: number
  mode: number
  openFlags: number
  path: Text
  argument: Text
  textFlags: number
}

/** KIND_OPEN. */
export function openRecord(header: Partial<HeaderFields>, open: Partial<OpenFields> = {}): Buffer {
  const path = walked(open.path ?? '')
  const argument = bytesOf(open.argument ?? '')
  const fixed = Buffer.alloc(OPEN_EVENT.bytes)
  writeHeader(fixed, { syscall: 257, result: 3, ...header }, KIND.open)
  fixed.writeBigUInt64LE(open.flags ?? 0n, OPEN_EVENT.flags)
  fixed.writeBigUInt64LE(open.inode ?? 0n, OPEN_EVENT.inode)
  fixed.writeUInt32LE(open.device ?? 0, OPEN_EVENT.device)
  fixed.writeUInt32LE(open.mode ?? 0, OPEN_EVENT.mode)
  fixed.writeUInt32LE(open.openFlags ?? 0, OPEN_EVENT.openFlags)
  fixed.writeUInt32LE(path.length, OPEN_EVENT.pathLength)
  fixed.writeUInt32LE(argument.length, OPEN_EVENT.argumentLength)
  fixed.writeUInt32LE(open.textFlags ?? 0, OPEN_EVENT.textFlags)
  return Buffer.concat([fixed, path, argument])
}

/** Fields of struct kernel_call_event, and of the socket in it. */
export interface KernelCallFields {
  args: readonly bigint[]
  numbers: readonly bigint[]
  result: bigint
  targetPid: number
  targetStartNs: bigint
  targetCgroupId: bigint
  targetComm: string
  descriptorMode: number
  family: number
  protocol: number
  remote: readonly number[]
  remotePort: number
  path: Text
  argument: Text
  name: Text
  source: Text
  options: Text
  textFlags: number
}

/** KIND_MOUNT to KIND_CALL. */
export function kernelCallRecord(kind: number, header: Partial<HeaderFields>, call: Partial<KernelCallFields> = {}): Buffer {
  const texts = [walked(call.path ?? ''), ...[call.argument, call.name, call.source, call.options].map((text) => bytesOf(text ?? ''))]
  const fixed = Buffer.alloc(KERNEL_CALL_EVENT.bytes)
  writeHeader(fixed, header, kind)
  call.args?.forEach((argument, index) => fixed.writeBigUInt64LE(argument, KERNEL_CALL_EVENT.args + 8 * index))
  call.numbers?.forEach((number, index) => fixed.writeBigUInt64LE(number, KERNEL_CALL_EVENT.numbers + 8 * index))
  fixed.writeBigInt64LE(call.result ?? 0n, KERNEL_CALL_EVENT.result)
  fixed.writeBigUInt64LE(call.targetStartNs ?? 0n, KERNEL_CALL_EVENT.targetStartBootNs)
  fixed.writeBigUInt64LE(call.targetCgroupId ?? 0n, KERNEL_CALL_EVENT.targetCgroupId)
  fixed.writeUInt32LE(call.targetPid ?? 0, KERNEL_CALL_EVENT.targetPid)
  fixed.write(call.targetComm ?? '', KERNEL_CALL_EVENT.targetComm, COMM_BYTES)
  fixed.set(call.remote ?? [], KERNEL_CALL_EVENT.socket + SOCKET_FACTS.remote)
  fixed.writeUInt16LE(call.remotePort ?? 0, KERNEL_CALL_EVENT.socket + SOCKET_FACTS.remotePort)
  fixed.writeUInt16LE(call.family ?? 0, KERNEL_CALL_EVENT.socket + SOCKET_FACTS.family)
  fixed.writeUInt16LE(call.protocol ?? 0, KERNEL_CALL_EVENT.socket + SOCKET_FACTS.protocol)
  fixed.writeUInt8(call.family === undefined ? 0 : 1, KERNEL_CALL_EVENT.socket + SOCKET_FACTS.flags)
  fixed.writeUInt32LE(call.descriptorMode ?? 0, KERNEL_CALL_EVENT.descriptorMode)
  texts.forEach((text, index) => fixed.writeUInt32LE(text.length, KERNEL_CALL_EVENT.pathLength + 4 * index))
  fixed.writeUInt32LE(call.textFlags ?? 0, KERNEL_CALL_EVENT.textFlags)
  return Buffer.concat([fixed, ...texts])
}

/** Fields of struct file_change_event. */
export interface FileChangeFields {
  flags: bigint
  mode: number
  uid: number
  gid: number
  folder: number
  path: Text
  argument: Text
  newPath: Text
  newArgument: Text
  textFlags: number
  newTextFlags: number
}

/** KIND_RENAME to KIND_RMDIR. */
export function fileChangeRecord(kind: number, header: Partial<HeaderFields>, change: Partial<FileChangeFields> = {}): Buffer {
  const texts = [walked(change.path ?? ''), bytesOf(change.argument ?? ''), walked(change.newPath ?? ''), bytesOf(change.newArgument ?? '')]
  const fixed = Buffer.alloc(FILE_CHANGE_EVENT.bytes)
  writeHeader(fixed, header, kind)
  fixed.writeBigUInt64LE(change.flags ?? 0n, FILE_CHANGE_EVENT.flags)
  fixed.writeUInt32LE(change.mode ?? 0, FILE_CHANGE_EVENT.mode)
  fixed.writeUInt32LE(change.uid ?? 0xffffffff, FILE_CHANGE_EVENT.uid)
  fixed.writeUInt32LE(change.gid ?? 0xffffffff, FILE_CHANGE_EVENT.gid)
  fixed.writeInt32LE(change.folder ?? -100, FILE_CHANGE_EVENT.folder)
  fixed.writeInt32LE(-100, FILE_CHANGE_EVENT.newFolder)
  texts.forEach((text, index) => fixed.writeUInt32LE(text.length, FILE_CHANGE_EVENT.pathLength + 4 * index))
  fixed.writeUInt32LE(change.textFlags ?? 0, FILE_CHANGE_EVENT.textFlags)
  fixed.writeUInt32LE(change.newTextFlags ?? 0, FILE_CHANGE_EVENT.newTextFlags)
  return Buffer.concat([fixed, ...texts])
}

/** Fields of struct socket_event with those of struct socket_facts; addresses are 16 bytes, IPv4 in the first four. */
export interface SocketFields {
  cookie: bigint
  remote: Uint8Array
  local: Uint8Array
  remotePort: number
  localPort: number
  family: number
  type: number
  protocol: number
  state: number
  isKnown: boolean
  size: bigint
  bytesSent: bigint
  bytesReceived: bigint
  packetsSent: bigint
  packetsReceived: bigint
  durationNs: bigint
  roundTripUs: number
  callFlags: number
  fd: number
  backlog: number
  eventFlags: number
  asked: readonly [family: number, type: number, protocol: number]
  address: Uint8Array
  unixName: Text
  payload: Uint8Array
}

/** KIND_SOCKET to KIND_DNS. */
export function socketRecord(kind: number, header: Partial<HeaderFields>, socket: Partial<SocketFields> = {}): Buffer {
  const address = Buffer.from(socket.address ?? [])
  const unixName = bytesOf(socket.unixName ?? '')
  const payload = Buffer.from(socket.payload ?? [])
  const [family = 0, type = 0, protocol = 0] = socket.asked ?? []
  const fixed = Buffer.alloc(SOCKET_EVENT.bytes)
  writeHeader(fixed, header, kind)
  fixed.writeBigUInt64LE(socket.cookie ?? 0n, SOCKET_EVENT.facts)
  fixed.set(socket.remote ?? [], SOCKET_EVENT.facts + SOCKET_FACTS.remote)
  fixed.set(socket.local ?? [], SOCKET_EVENT.facts + SOCKET_FACTS.local)
  fixed.writeUInt16LE(socket.remotePort ?? 0, SOCKET_EVENT.facts + SOCKET_FACTS.remotePort)
  fixed.writeUInt16LE(socket.localPort ?? 0, SOCKET_EVENT.facts + SOCKET_FACTS.localPort)
  fixed.writeUInt16LE(socket.family ?? 2, SOCKET_EVENT.facts + SOCKET_FACTS.family)
  fixed.writeUInt16LE(socket.type ?? 1, SOCKET_EVENT.facts + SOCKET_FACTS.type)
  fixed.writeUInt16LE(socket.protocol ?? 6, SOCKET_EVENT.facts + SOCKET_FACTS.protocol)
  fixed.writeUInt8(socket.state ?? 7, SOCKET_EVENT.facts + SOCKET_FACTS.state)
  fixed.writeUInt8((socket.isKnown ?? true) ? 1 : 0, SOCKET_EVENT.facts + SOCKET_FACTS.flags)
  const counts = [socket.size, socket.bytesSent, socket.bytesReceived, socket.packetsSent, socket.packetsReceived, socket.durationNs]
  counts.forEach((count, index) => fixed.writeBigUInt64LE(count ?? 0n, SOCKET_EVENT.size + 8 * index))
  fixed.writeUInt32LE(socket.roundTripUs ?? 0, SOCKET_EVENT.roundTripUs)
  fixed.writeUInt32LE(socket.callFlags ?? 0, SOCKET_EVENT.callFlags)
  fixed.writeInt32LE(socket.fd ?? -1, SOCKET_EVENT.fd)
  fixed.writeInt32LE(socket.backlog ?? 0, SOCKET_EVENT.backlog)
  fixed.writeUInt32LE(socket.eventFlags ?? 0, SOCKET_EVENT.eventFlags)
  fixed.writeInt32LE(family, SOCKET_EVENT.family)
  fixed.writeUInt32LE(type, SOCKET_EVENT.type)
  fixed.writeInt32LE(protocol, SOCKET_EVENT.protocol)
  fixed.writeUInt32LE(address.length, SOCKET_EVENT.addressLength)
  fixed.writeUInt32LE(unixName.length, SOCKET_EVENT.unixLength)
  fixed.writeUInt32LE(payload.length, SOCKET_EVENT.payloadLength)
  return Buffer.concat([fixed, address, unixName, payload])
}

/** KIND_CGROUP_MKDIR or KIND_CGROUP_RMDIR. */
export function cgroupRecord(kind: 6 | 7, header: Partial<HeaderFields>, hierarchyId: number, path: Text): Buffer {
  const pathBytes = bytesOf(path)
  const fixed = Buffer.alloc(CGROUP_EVENT.bytes)
  writeHeader(fixed, header, kind)
  fixed.writeUInt32LE(hierarchyId, CGROUP_EVENT.hierarchyId)
  fixed.writeUInt32LE(pathBytes.length, CGROUP_EVENT.pathLength)
  return Buffer.concat([fixed, pathBytes])
}

/** Records as they are in a ring: each after its 8-byte header, padded to 8. */
export function ringBytes(records: readonly Uint8Array[], headerBits = 0): Uint8Array {
  const frames = records.map((record) => {
    const frame = Buffer.alloc((record.length + 8 + 7) & ~7)
    frame.writeUInt32LE((record.length | headerBits) >>> 0, 0)
    frame.set(record, 8)
    return frame
  })
  return new Uint8Array(Buffer.concat(frames))
}
