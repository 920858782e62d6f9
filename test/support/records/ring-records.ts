// Builds ring records as bpf/record/event.h lays them out, for tests and benches: the counterpart of the decoders.
// That both have the layout of the C compiler is tested in test/unit/native/generate-layout.test.ts.
import {
  CGROUP_EVENT_BYTES,
  CGROUP_EVENT_HIERARCHY_ID,
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
  EXIT_EVENT_BYTES,
  EXIT_EVENT_EXIT_CODE,
  FILE_CHANGE_EVENT_BYTES,
  FILE_CHANGE_EVENT_FLAGS,
  FILE_CHANGE_EVENT_FOLDER,
  FILE_CHANGE_EVENT_GID,
  FILE_CHANGE_EVENT_MODE,
  FILE_CHANGE_EVENT_NEW_FOLDER,
  FILE_CHANGE_EVENT_NEW_TEXT_FLAGS,
  FILE_CHANGE_EVENT_PATH_LENGTH,
  FILE_CHANGE_EVENT_TEXT_FLAGS,
  FILE_CHANGE_EVENT_UID,
  FORK_EVENT_BYTES,
  FORK_EVENT_FACTS,
  FORK_EVENT_NAMESPACES,
  KERNEL_CALL_EVENT_ARGS,
  KERNEL_CALL_EVENT_BYTES,
  KERNEL_CALL_EVENT_DESCRIPTOR_MODE,
  KERNEL_CALL_EVENT_NUMBERS,
  KERNEL_CALL_EVENT_PATH_LENGTH,
  KERNEL_CALL_EVENT_RESULT,
  KERNEL_CALL_EVENT_SOCKET,
  KERNEL_CALL_EVENT_TARGET_CGROUP_ID,
  KERNEL_CALL_EVENT_TARGET_COMM,
  KERNEL_CALL_EVENT_TARGET_PID,
  KERNEL_CALL_EVENT_TARGET_START_BOOT_NS,
  KERNEL_CALL_EVENT_TEXT_FLAGS,
  KIND,
  NAMESPACE_FACTS_MOUNT,
  NAMESPACE_FACTS_PARENT_NAMESPACE_PID,
  NAMESPACE_FACTS_PID_START_BOOT_NS,
  OPEN_EVENT_ARGUMENT_LENGTH,
  OPEN_EVENT_BYTES,
  OPEN_EVENT_DEVICE,
  OPEN_EVENT_FLAGS,
  OPEN_EVENT_INODE,
  OPEN_EVENT_MODE,
  OPEN_EVENT_OPEN_FLAGS,
  OPEN_EVENT_PATH_LENGTH,
  OPEN_EVENT_TEXT_FLAGS,
  SOCKET_EVENT_ADDRESS_LENGTH,
  SOCKET_EVENT_BACKLOG,
  SOCKET_EVENT_BYTES,
  SOCKET_EVENT_CALL_FLAGS,
  SOCKET_EVENT_EVENT_FLAGS,
  SOCKET_EVENT_FACTS,
  SOCKET_EVENT_FAMILY,
  SOCKET_EVENT_FD,
  SOCKET_EVENT_PAYLOAD_LENGTH,
  SOCKET_EVENT_PROTOCOL,
  SOCKET_EVENT_ROUND_TRIP_US,
  SOCKET_EVENT_SIZE,
  SOCKET_EVENT_TYPE,
  SOCKET_EVENT_UNIX_LENGTH,
  SOCKET_FACTS_FAMILY,
  SOCKET_FACTS_FLAGS,
  SOCKET_FACTS_LOCAL,
  SOCKET_FACTS_LOCAL_PORT,
  SOCKET_FACTS_PROTOCOL,
  SOCKET_FACTS_REMOTE,
  SOCKET_FACTS_REMOTE_PORT,
  SOCKET_FACTS_STATE,
  SOCKET_FACTS_TYPE,
  STREAM_FACTS_BYTES,
  STREAM_FACTS_FLAGS,
  STREAM_FACTS_INODE,
  STREAM_FACTS_MODE,
  STREAM_FACTS_NAME_LENGTH,
  STREAM_FACTS_SOCKET,
  TASK_FACTS_CAP_EFFECTIVE,
  TASK_FACTS_CAP_INHERITABLE,
  TASK_FACTS_CAP_PERMITTED,
  TASK_FACTS_COMM,
  TASK_FACTS_EXE_CTIME_NS,
  TASK_FACTS_EXE_DEVICE,
  TASK_FACTS_EXE_FLAGS,
  TASK_FACTS_EXE_GID,
  TASK_FACTS_EXE_INODE,
  TASK_FACTS_EXE_MODE,
  TASK_FACTS_EXE_MTIME_NS,
  TASK_FACTS_EXE_UID,
  TASK_FACTS_LOGIN_UID,
  TASK_FACTS_MAKER_PID,
  TASK_FACTS_NAMESPACE_PID,
  TASK_FACTS_NAMESPACE_PROCESS_GROUP_ID,
  TASK_FACTS_PARENT_COMM,
  TASK_FACTS_PARENT_PID,
  TASK_FACTS_PARENT_START_BOOT_NS,
  TASK_FACTS_PROCESS_GROUP_ID,
  TASK_FACTS_SESSION_ID,
  TASK_FACTS_TTY,
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
  record.writeUInt16LE(header.kind, EVENT_HEADER_KIND)
  record.writeUInt16LE(header.cpu, EVENT_HEADER_CPU)
  record.writeUInt32LE(header.pid, EVENT_HEADER_PID)
  record.writeBigUInt64LE(header.seq, EVENT_HEADER_SEQ)
  record.writeBigUInt64LE(header.bootNs, EVENT_HEADER_BOOT_NS)
  record.writeBigUInt64LE(header.startNs, EVENT_HEADER_START_BOOT_NS)
  record.writeBigUInt64LE(header.cgroupId, EVENT_HEADER_CGROUP_ID)
  record.writeUInt32LE(header.tid, EVENT_HEADER_TID)
  record.writeUInt32LE(header.uid, EVENT_HEADER_UID)
  record.writeUInt32LE(header.gid, EVENT_HEADER_GID)
  record.writeUInt32LE(header.euid, EVENT_HEADER_EUID)
  record.writeUInt32LE(header.egid, EVENT_HEADER_EGID)
  record.writeUInt32LE(header.flags, EVENT_HEADER_FLAGS)
  record.writeUInt32LE(header.syscall, EVENT_HEADER_SYSCALL)
  record.writeInt32LE(header.result, EVENT_HEADER_RESULT)
}

function writeFacts(record: Buffer, at: number, fields: Partial<FactsFields>): void {
  const facts = { ...FACTS, ...fields }
  record.writeBigUInt64LE(facts.parentStartNs, at + TASK_FACTS_PARENT_START_BOOT_NS)
  record.writeBigUInt64LE(facts.capEffective, at + TASK_FACTS_CAP_EFFECTIVE)
  record.writeBigUInt64LE(facts.capPermitted, at + TASK_FACTS_CAP_PERMITTED)
  record.writeBigUInt64LE(facts.capInheritable, at + TASK_FACTS_CAP_INHERITABLE)
  record.writeBigUInt64LE(facts.exeInode, at + TASK_FACTS_EXE_INODE)
  record.writeBigInt64LE(facts.exeCtimeNs, at + TASK_FACTS_EXE_CTIME_NS)
  record.writeBigInt64LE(facts.exeMtimeNs, at + TASK_FACTS_EXE_MTIME_NS)
  record.writeUInt32LE(facts.exeDevice, at + TASK_FACTS_EXE_DEVICE)
  record.writeUInt32LE(facts.exeFlags, at + TASK_FACTS_EXE_FLAGS)
  record.writeUInt32LE(facts.exeUid, at + TASK_FACTS_EXE_UID)
  record.writeUInt32LE(facts.exeGid, at + TASK_FACTS_EXE_GID)
  record.writeUInt32LE(facts.exeMode, at + TASK_FACTS_EXE_MODE)
  record.writeUInt32LE(facts.parentPid, at + TASK_FACTS_PARENT_PID)
  record.writeUInt32LE(facts.loginUid, at + TASK_FACTS_LOGIN_UID)
  record.writeUInt32LE(facts.sessionId, at + TASK_FACTS_SESSION_ID)
  record.writeUInt32LE(facts.processGroupId, at + TASK_FACTS_PROCESS_GROUP_ID)
  record.writeUInt32LE(facts.namespacePid, at + TASK_FACTS_NAMESPACE_PID)
  record.writeUInt32LE(facts.namespaceProcessGroupId, at + TASK_FACTS_NAMESPACE_PROCESS_GROUP_ID)
  record.writeUInt32LE(facts.tty, at + TASK_FACTS_TTY)
  record.writeUInt32LE(facts.makerPid, at + TASK_FACTS_MAKER_PID)
  bytesOf(facts.comm).copy(record, at + TASK_FACTS_COMM, 0, COMM_BYTES - 1)
  bytesOf(facts.parentComm).copy(record, at + TASK_FACTS_PARENT_COMM, 0, COMM_BYTES - 1)
}

function writeNamespaces(record: Buffer, at: number, fields: Partial<NamespaceFields>): void {
  record.writeBigUInt64LE(fields.pidStartNs ?? 0n, at + NAMESPACE_FACTS_PID_START_BOOT_NS)
  fields.numbers?.forEach((number, index) => record.writeUInt32LE(number, at + NAMESPACE_FACTS_MOUNT + 4 * index))
  record.writeUInt32LE(fields.parentNamespacePid ?? 0, at + NAMESPACE_FACTS_PARENT_NAMESPACE_PID)
}

/** @returns the name that follows the record */
function writeStream(record: Buffer, at: number, fields: Partial<StreamFields>): Buffer {
  const name = fields.family === undefined ? walked(fields.name ?? '') : bytesOf(fields.name ?? '')
  record.writeBigUInt64LE(fields.inode ?? 0n, at + STREAM_FACTS_INODE)
  record.writeUInt32LE(fields.mode ?? 0, at + STREAM_FACTS_MODE)
  record.writeUInt32LE(name.length, at + STREAM_FACTS_NAME_LENGTH)
  record.writeUInt32LE(fields.flags ?? 0, at + STREAM_FACTS_FLAGS)
  record.set(fields.remote ?? [], at + STREAM_FACTS_SOCKET + SOCKET_FACTS_REMOTE)
  record.set(fields.local ?? [], at + STREAM_FACTS_SOCKET + SOCKET_FACTS_LOCAL)
  record.writeUInt16LE(fields.remotePort ?? 0, at + STREAM_FACTS_SOCKET + SOCKET_FACTS_REMOTE_PORT)
  record.writeUInt16LE(fields.localPort ?? 0, at + STREAM_FACTS_SOCKET + SOCKET_FACTS_LOCAL_PORT)
  record.writeUInt16LE(fields.family ?? 0, at + STREAM_FACTS_SOCKET + SOCKET_FACTS_FAMILY)
  record.writeUInt8(fields.family === undefined ? 0 : 1, at + STREAM_FACTS_SOCKET + SOCKET_FACTS_FLAGS)
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
  const record = Buffer.alloc(FORK_EVENT_BYTES)
  writeHeader(record, { syscall: 56, ...header }, KIND.fork)
  writeFacts(record, FORK_EVENT_FACTS, facts)
  writeNamespaces(record, FORK_EVENT_NAMESPACES, namespaces)
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
  const fixed = Buffer.alloc(EXEC_EVENT_BYTES)
  writeHeader(fixed, { syscall: 59, ...header }, KIND.exec)
  writeFacts(fixed, EXEC_EVENT_FACTS, facts)
  fixed.writeUInt32LE(args.length, EXEC_EVENT_ARGS_LENGTH)
  fixed.writeUInt32LE(texts.argsTotal ?? args.length, EXEC_EVENT_ARGS_TOTAL)
  fixed.writeUInt32LE(exePath.length, EXEC_EVENT_EXE_PATH_LENGTH)
  fixed.writeUInt32LE(cwd.length, EXEC_EVENT_CWD_LENGTH)
  fixed.writeUInt32LE(filename.length, EXEC_EVENT_FILENAME_LENGTH)
  fixed.writeUInt32LE(texts.textFlags ?? 0, EXEC_EVENT_TEXT_FLAGS)
  writeNamespaces(fixed, EXEC_EVENT_NAMESPACES, texts.namespaces ?? {})
  const names = (texts.streams ?? []).map((stream, number) => writeStream(fixed, EXEC_EVENT_STREAMS + STREAM_FACTS_BYTES * number, stream))
  fixed.writeUInt32LE(environment.length, EXEC_EVENT_ENVIRONMENT_LENGTH)
  fixed.writeUInt32LE(texts.environmentFlags ?? (texts.environment === undefined ? 0 : 1), EXEC_EVENT_ENVIRONMENT_FLAGS)
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
  const fixed = Buffer.alloc(EXEC_REFUSED_EVENT_BYTES)
  writeHeader(fixed, { syscall: 59, result: -2, ...header }, KIND.execRefused)
  fixed.writeUInt32LE(argBytes.length, EXEC_REFUSED_EVENT_ARGS_LENGTH)
  fixed.writeUInt32LE(argBytes.length, EXEC_REFUSED_EVENT_ARGS_TOTAL)
  fixed.writeUInt32LE(file.length, EXEC_REFUSED_EVENT_FILENAME_LENGTH)
  fixed.writeUInt32LE(textFlags, EXEC_REFUSED_EVENT_TEXT_FLAGS)
  return Buffer.concat([fixed, argBytes, file])
}

/** KIND_EXIT. @param exitCode as wait(2) has it */
export function exitRecord(header: Partial<HeaderFields>, exitCode: number): Buffer {
  const record = Buffer.alloc(EXIT_EVENT_BYTES)
  writeHeader(record, { syscall: 231, ...header }, KIND.exit)
  record.writeUInt32LE(exitCode, EXIT_EVENT_EXIT_CODE)
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
  const fixed = Buffer.alloc(OPEN_EVENT_BYTES)
  writeHeader(fixed, { syscall: 257, result: 3, ...header }, KIND.open)
  fixed.writeBigUInt64LE(open.flags ?? 0n, OPEN_EVENT_FLAGS)
  fixed.writeBigUInt64LE(open.inode ?? 0n, OPEN_EVENT_INODE)
  fixed.writeUInt32LE(open.device ?? 0, OPEN_EVENT_DEVICE)
  fixed.writeUInt32LE(open.mode ?? 0, OPEN_EVENT_MODE)
  fixed.writeUInt32LE(open.openFlags ?? 0, OPEN_EVENT_OPEN_FLAGS)
  fixed.writeUInt32LE(path.length, OPEN_EVENT_PATH_LENGTH)
  fixed.writeUInt32LE(argument.length, OPEN_EVENT_ARGUMENT_LENGTH)
  fixed.writeUInt32LE(open.textFlags ?? 0, OPEN_EVENT_TEXT_FLAGS)
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
  const fixed = Buffer.alloc(KERNEL_CALL_EVENT_BYTES)
  writeHeader(fixed, header, kind)
  call.args?.forEach((argument, index) => fixed.writeBigUInt64LE(argument, KERNEL_CALL_EVENT_ARGS + 8 * index))
  call.numbers?.forEach((number, index) => fixed.writeBigUInt64LE(number, KERNEL_CALL_EVENT_NUMBERS + 8 * index))
  fixed.writeBigInt64LE(call.result ?? 0n, KERNEL_CALL_EVENT_RESULT)
  fixed.writeBigUInt64LE(call.targetStartNs ?? 0n, KERNEL_CALL_EVENT_TARGET_START_BOOT_NS)
  fixed.writeBigUInt64LE(call.targetCgroupId ?? 0n, KERNEL_CALL_EVENT_TARGET_CGROUP_ID)
  fixed.writeUInt32LE(call.targetPid ?? 0, KERNEL_CALL_EVENT_TARGET_PID)
  fixed.write(call.targetComm ?? '', KERNEL_CALL_EVENT_TARGET_COMM, COMM_BYTES)
  fixed.set(call.remote ?? [], KERNEL_CALL_EVENT_SOCKET + SOCKET_FACTS_REMOTE)
  fixed.writeUInt16LE(call.remotePort ?? 0, KERNEL_CALL_EVENT_SOCKET + SOCKET_FACTS_REMOTE_PORT)
  fixed.writeUInt16LE(call.family ?? 0, KERNEL_CALL_EVENT_SOCKET + SOCKET_FACTS_FAMILY)
  fixed.writeUInt16LE(call.protocol ?? 0, KERNEL_CALL_EVENT_SOCKET + SOCKET_FACTS_PROTOCOL)
  fixed.writeUInt8(call.family === undefined ? 0 : 1, KERNEL_CALL_EVENT_SOCKET + SOCKET_FACTS_FLAGS)
  fixed.writeUInt32LE(call.descriptorMode ?? 0, KERNEL_CALL_EVENT_DESCRIPTOR_MODE)
  texts.forEach((text, index) => fixed.writeUInt32LE(text.length, KERNEL_CALL_EVENT_PATH_LENGTH + 4 * index))
  fixed.writeUInt32LE(call.textFlags ?? 0, KERNEL_CALL_EVENT_TEXT_FLAGS)
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
  const fixed = Buffer.alloc(FILE_CHANGE_EVENT_BYTES)
  writeHeader(fixed, header, kind)
  fixed.writeBigUInt64LE(change.flags ?? 0n, FILE_CHANGE_EVENT_FLAGS)
  fixed.writeUInt32LE(change.mode ?? 0, FILE_CHANGE_EVENT_MODE)
  fixed.writeUInt32LE(change.uid ?? 0xffffffff, FILE_CHANGE_EVENT_UID)
  fixed.writeUInt32LE(change.gid ?? 0xffffffff, FILE_CHANGE_EVENT_GID)
  fixed.writeInt32LE(change.folder ?? -100, FILE_CHANGE_EVENT_FOLDER)
  fixed.writeInt32LE(-100, FILE_CHANGE_EVENT_NEW_FOLDER)
  texts.forEach((text, index) => fixed.writeUInt32LE(text.length, FILE_CHANGE_EVENT_PATH_LENGTH + 4 * index))
  fixed.writeUInt32LE(change.textFlags ?? 0, FILE_CHANGE_EVENT_TEXT_FLAGS)
  fixed.writeUInt32LE(change.newTextFlags ?? 0, FILE_CHANGE_EVENT_NEW_TEXT_FLAGS)
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
  const fixed = Buffer.alloc(SOCKET_EVENT_BYTES)
  writeHeader(fixed, header, kind)
  fixed.writeBigUInt64LE(socket.cookie ?? 0n, SOCKET_EVENT_FACTS)
  fixed.set(socket.remote ?? [], SOCKET_EVENT_FACTS + SOCKET_FACTS_REMOTE)
  fixed.set(socket.local ?? [], SOCKET_EVENT_FACTS + SOCKET_FACTS_LOCAL)
  fixed.writeUInt16LE(socket.remotePort ?? 0, SOCKET_EVENT_FACTS + SOCKET_FACTS_REMOTE_PORT)
  fixed.writeUInt16LE(socket.localPort ?? 0, SOCKET_EVENT_FACTS + SOCKET_FACTS_LOCAL_PORT)
  fixed.writeUInt16LE(socket.family ?? 2, SOCKET_EVENT_FACTS + SOCKET_FACTS_FAMILY)
  fixed.writeUInt16LE(socket.type ?? 1, SOCKET_EVENT_FACTS + SOCKET_FACTS_TYPE)
  fixed.writeUInt16LE(socket.protocol ?? 6, SOCKET_EVENT_FACTS + SOCKET_FACTS_PROTOCOL)
  fixed.writeUInt8(socket.state ?? 7, SOCKET_EVENT_FACTS + SOCKET_FACTS_STATE)
  fixed.writeUInt8((socket.isKnown ?? true) ? 1 : 0, SOCKET_EVENT_FACTS + SOCKET_FACTS_FLAGS)
  const counts = [socket.size, socket.bytesSent, socket.bytesReceived, socket.packetsSent, socket.packetsReceived, socket.durationNs]
  counts.forEach((count, index) => fixed.writeBigUInt64LE(count ?? 0n, SOCKET_EVENT_SIZE + 8 * index))
  fixed.writeUInt32LE(socket.roundTripUs ?? 0, SOCKET_EVENT_ROUND_TRIP_US)
  fixed.writeUInt32LE(socket.callFlags ?? 0, SOCKET_EVENT_CALL_FLAGS)
  fixed.writeInt32LE(socket.fd ?? -1, SOCKET_EVENT_FD)
  fixed.writeInt32LE(socket.backlog ?? 0, SOCKET_EVENT_BACKLOG)
  fixed.writeUInt32LE(socket.eventFlags ?? 0, SOCKET_EVENT_EVENT_FLAGS)
  fixed.writeInt32LE(family, SOCKET_EVENT_FAMILY)
  fixed.writeUInt32LE(type, SOCKET_EVENT_TYPE)
  fixed.writeInt32LE(protocol, SOCKET_EVENT_PROTOCOL)
  fixed.writeUInt32LE(address.length, SOCKET_EVENT_ADDRESS_LENGTH)
  fixed.writeUInt32LE(unixName.length, SOCKET_EVENT_UNIX_LENGTH)
  fixed.writeUInt32LE(payload.length, SOCKET_EVENT_PAYLOAD_LENGTH)
  return Buffer.concat([fixed, address, unixName, payload])
}

/** KIND_CGROUP_MKDIR or KIND_CGROUP_RMDIR. */
export function cgroupRecord(kind: 6 | 7, header: Partial<HeaderFields>, hierarchyId: number, path: Text): Buffer {
  const pathBytes = bytesOf(path)
  const fixed = Buffer.alloc(CGROUP_EVENT_BYTES)
  writeHeader(fixed, header, kind)
  fixed.writeUInt32LE(hierarchyId, CGROUP_EVENT_HIERARCHY_ID)
  fixed.writeUInt32LE(pathBytes.length, CGROUP_EVENT_PATH_LENGTH)
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
