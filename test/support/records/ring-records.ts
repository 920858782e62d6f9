// Builds ring records by hand, byte for byte as bpf/record/event.h lays them out: the other side of the decoders in tests and benches.
// Written from event.h with plain offsets and on purpose not with the constants of collector/ring-events.

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
  record.writeUInt16LE(header.kind, 0)
  record.writeUInt16LE(header.cpu, 2)
  record.writeUInt32LE(header.pid, 4)
  record.writeBigUInt64LE(header.seq, 8)
  record.writeBigUInt64LE(header.bootNs, 16)
  record.writeBigUInt64LE(header.startNs, 24)
  record.writeBigUInt64LE(header.cgroupId, 32)
  record.writeUInt32LE(header.tid, 40)
  record.writeUInt32LE(header.uid, 44)
  record.writeUInt32LE(header.gid, 48)
  record.writeUInt32LE(header.euid, 52)
  record.writeUInt32LE(header.egid, 56)
  record.writeUInt32LE(header.flags, 60)
  record.writeUInt32LE(header.syscall, 64)
  record.writeInt32LE(header.result, 68)
}

function writeFacts(record: Buffer, at: number, fields: Partial<FactsFields>): void {
  const facts = { ...FACTS, ...fields }
  record.writeBigUInt64LE(facts.parentStartNs, at)
  record.writeBigUInt64LE(facts.capEffective, at + 8)
  record.writeBigUInt64LE(facts.capPermitted, at + 16)
  record.writeBigUInt64LE(facts.capInheritable, at + 24)
  record.writeBigUInt64LE(facts.exeInode, at + 32)
  record.writeBigInt64LE(facts.exeCtimeNs, at + 40)
  record.writeBigInt64LE(facts.exeMtimeNs, at + 48)
  record.writeUInt32LE(facts.exeDevice, at + 56)
  record.writeUInt32LE(facts.exeFlags, at + 60)
  record.writeUInt32LE(facts.parentPid, at + 64)
  record.writeUInt32LE(facts.loginUid, at + 68)
  record.writeUInt32LE(facts.sessionId, at + 72)
  record.writeUInt32LE(facts.processGroupId, at + 76)
  record.writeUInt32LE(facts.namespacePid, at + 80)
  record.writeUInt32LE(facts.namespaceProcessGroupId, at + 84)
  record.writeUInt32LE(facts.tty, at + 88)
  record.writeUInt32LE(facts.makerPid, at + 92)
  bytesOf(facts.comm).copy(record, at + 96, 0, 15)
  bytesOf(facts.parentComm).copy(record, at + 112, 0, 15)
}

function writeNamespaces(record: Buffer, at: number, fields: Partial<NamespaceFields>): void {
  record.writeBigUInt64LE(fields.pidStartNs ?? 0n, at)
  fields.numbers?.forEach((number, index) => record.writeUInt32LE(number, at + 8 + 4 * index))
  record.writeUInt32LE(fields.parentNamespacePid ?? 0, at + 36)
}

/** @returns the name that stands behind the record */
function writeStream(record: Buffer, at: number, fields: Partial<StreamFields>): Buffer {
  const name = fields.family === undefined ? walked(fields.name ?? '') : bytesOf(fields.name ?? '')
  record.writeBigUInt64LE(fields.inode ?? 0n, at)
  record.writeUInt32LE(fields.mode ?? 0, at + 8)
  record.writeUInt32LE(name.length, at + 12)
  record.writeUInt32LE(fields.flags ?? 0, at + 16)
  record.set(fields.remote ?? [], at + 24 + 8)
  record.set(fields.local ?? [], at + 24 + 24)
  record.writeUInt16LE(fields.remotePort ?? 0, at + 24 + 40)
  record.writeUInt16LE(fields.localPort ?? 0, at + 24 + 42)
  record.writeUInt16LE(fields.family ?? 0, at + 24 + 44)
  record.writeUInt8(fields.family === undefined ? 0 : 1, at + 24 + 51)
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
  const record = Buffer.alloc(240)
  writeHeader(record, { syscall: 56, ...header }, 1)
  writeFacts(record, 72, facts)
  writeNamespaces(record, 200, namespaces)
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

/** KIND_EXEC, or with `kind` 8 KIND_TASK. */
export function execRecord(header: Partial<HeaderFields>, facts: Partial<FactsFields>, texts: Partial<ExecTexts> = {}): Buffer {
  const given = texts.args ?? ['test']
  const args = given instanceof Uint8Array ? Buffer.from(given) : argumentBytes(given)
  const exePath = walked(texts.exePath ?? '/usr/bin/test')
  const cwd = walked(texts.cwd ?? '/')
  const filename = bytesOf(texts.filename ?? '')
  const environment = argumentBytes(texts.environment ?? [])
  const fixed = Buffer.alloc(512)
  writeHeader(fixed, { syscall: 59, ...header }, 2)
  writeFacts(fixed, 72, facts)
  fixed.writeUInt32LE(args.length, 200)
  fixed.writeUInt32LE(texts.argsTotal ?? args.length, 204)
  fixed.writeUInt32LE(exePath.length, 208)
  fixed.writeUInt32LE(cwd.length, 212)
  fixed.writeUInt32LE(filename.length, 216)
  fixed.writeUInt32LE(texts.textFlags ?? 0, 220)
  writeNamespaces(fixed, 224, texts.namespaces ?? {})
  const names = (texts.streams ?? []).map((stream, number) => writeStream(fixed, 264 + 80 * number, stream))
  fixed.writeUInt32LE(environment.length, 504)
  fixed.writeUInt32LE(texts.environmentFlags ?? (texts.environment === undefined ? 0 : 1), 508)
  return Buffer.concat([fixed, args, exePath, cwd, filename, ...names, environment])
}

/** KIND_TASK. */
export function taskRecord(header: Partial<HeaderFields>, facts: Partial<FactsFields>, texts: Partial<ExecTexts> = {}): Buffer {
  return execRecord({ kind: 8, syscall: 0xffffffff, ...header }, facts, texts)
}

/** KIND_EXEC_REFUSED. */
export function execRefusedRecord(header: Partial<HeaderFields>, args: readonly Text[], filename: Text, textFlags = 0): Buffer {
  const argBytes = argumentBytes(args)
  const file = bytesOf(filename)
  const fixed = Buffer.alloc(88)
  writeHeader(fixed, { syscall: 59, result: -2, ...header }, 3)
  fixed.writeUInt32LE(argBytes.length, 72)
  fixed.writeUInt32LE(argBytes.length, 76)
  fixed.writeUInt32LE(file.length, 80)
  fixed.writeUInt32LE(textFlags, 84)
  return Buffer.concat([fixed, argBytes, file])
}

/** KIND_EXIT. @param exitCode as wait(2) has it */
export function exitRecord(header: Partial<HeaderFields>, exitCode: number): Buffer {
  const record = Buffer.alloc(80)
  writeHeader(record, { syscall: 231, ...header }, 4)
  record.writeUInt32LE(exitCode, 72)
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
  const fixed = Buffer.alloc(112)
  writeHeader(fixed, { syscall: 257, result: 3, ...header }, 5)
  fixed.writeBigUInt64LE(open.flags ?? 0n, 72)
  fixed.writeBigUInt64LE(open.inode ?? 0n, 80)
  fixed.writeUInt32LE(open.device ?? 0, 88)
  fixed.writeUInt32LE(open.mode ?? 0, 92)
  fixed.writeUInt32LE(open.openFlags ?? 0, 96)
  fixed.writeUInt32LE(path.length, 100)
  fixed.writeUInt32LE(argument.length, 104)
  fixed.writeUInt32LE(open.textFlags ?? 0, 108)
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

/** KIND_MOUNT (32) to KIND_CALL (58). */
export function kernelCallRecord(kind: number, header: Partial<HeaderFields>, call: Partial<KernelCallFields> = {}): Buffer {
  const texts = [walked(call.path ?? ''), ...[call.argument, call.name, call.source, call.options].map((text) => bytesOf(text ?? ''))]
  const fixed = Buffer.alloc(280)
  writeHeader(fixed, header, kind)
  call.args?.forEach((argument, index) => fixed.writeBigUInt64LE(argument, 72 + 8 * index))
  call.numbers?.forEach((number, index) => fixed.writeBigUInt64LE(number, 120 + 8 * index))
  fixed.writeBigInt64LE(call.result ?? 0n, 144)
  fixed.writeBigUInt64LE(call.targetStartNs ?? 0n, 152)
  fixed.writeBigUInt64LE(call.targetCgroupId ?? 0n, 160)
  fixed.writeUInt32LE(call.targetPid ?? 0, 168)
  fixed.write(call.targetComm ?? '', 176, 16)
  fixed.set(call.remote ?? [], 200)
  fixed.writeUInt16LE(call.remotePort ?? 0, 232)
  fixed.writeUInt16LE(call.family ?? 0, 236)
  fixed.writeUInt16LE(call.protocol ?? 0, 240)
  fixed.writeUInt8(call.family === undefined ? 0 : 1, 243)
  fixed.writeUInt32LE(call.descriptorMode ?? 0, 248)
  texts.forEach((text, index) => fixed.writeUInt32LE(text.length, 252 + 4 * index))
  fixed.writeUInt32LE(call.textFlags ?? 0, 272)
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

/** KIND_RENAME (9) to KIND_RMDIR (16). */
export function fileChangeRecord(kind: number, header: Partial<HeaderFields>, change: Partial<FileChangeFields> = {}): Buffer {
  const texts = [walked(change.path ?? ''), bytesOf(change.argument ?? ''), walked(change.newPath ?? ''), bytesOf(change.newArgument ?? '')]
  const fixed = Buffer.alloc(136)
  writeHeader(fixed, header, kind)
  fixed.writeBigUInt64LE(change.flags ?? 0n, 72)
  fixed.writeUInt32LE(change.mode ?? 0, 92)
  fixed.writeUInt32LE(change.uid ?? 0xffffffff, 96)
  fixed.writeUInt32LE(change.gid ?? 0xffffffff, 100)
  fixed.writeInt32LE(change.folder ?? -100, 104)
  fixed.writeInt32LE(-100, 108)
  texts.forEach((text, index) => fixed.writeUInt32LE(text.length, 112 + 4 * index))
  fixed.writeUInt32LE(change.textFlags ?? 0, 128)
  fixed.writeUInt32LE(change.newTextFlags ?? 0, 132)
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

/** KIND_SOCKET (20) to KIND_DNS (28). */
export function socketRecord(kind: number, header: Partial<HeaderFields>, socket: Partial<SocketFields> = {}): Buffer {
  const address = Buffer.from(socket.address ?? [])
  const unixName = bytesOf(socket.unixName ?? '')
  const payload = Buffer.from(socket.payload ?? [])
  const [family = 0, type = 0, protocol = 0] = socket.asked ?? []
  const fixed = Buffer.alloc(224)
  writeHeader(fixed, header, kind)
  fixed.writeBigUInt64LE(socket.cookie ?? 0n, 72)
  fixed.set(socket.remote ?? [], 80)
  fixed.set(socket.local ?? [], 96)
  fixed.writeUInt16LE(socket.remotePort ?? 0, 112)
  fixed.writeUInt16LE(socket.localPort ?? 0, 114)
  fixed.writeUInt16LE(socket.family ?? 2, 116)
  fixed.writeUInt16LE(socket.type ?? 1, 118)
  fixed.writeUInt16LE(socket.protocol ?? 6, 120)
  fixed.writeUInt8(socket.state ?? 7, 122)
  fixed.writeUInt8((socket.isKnown ?? true) ? 1 : 0, 123)
  const counts = [socket.size, socket.bytesSent, socket.bytesReceived, socket.packetsSent, socket.packetsReceived, socket.durationNs]
  counts.forEach((count, index) => fixed.writeBigUInt64LE(count ?? 0n, 128 + 8 * index))
  fixed.writeUInt32LE(socket.roundTripUs ?? 0, 176)
  fixed.writeUInt32LE(socket.callFlags ?? 0, 180)
  fixed.writeInt32LE(socket.fd ?? -1, 184)
  fixed.writeInt32LE(socket.backlog ?? 0, 188)
  fixed.writeUInt32LE(socket.eventFlags ?? 0, 192)
  fixed.writeInt32LE(family, 196)
  fixed.writeUInt32LE(type, 200)
  fixed.writeInt32LE(protocol, 204)
  fixed.writeUInt32LE(address.length, 208)
  fixed.writeUInt32LE(unixName.length, 212)
  fixed.writeUInt32LE(payload.length, 216)
  return Buffer.concat([fixed, address, unixName, payload])
}

/** KIND_CGROUP_MKDIR (6) or KIND_CGROUP_RMDIR (7). */
export function cgroupRecord(kind: 6 | 7, header: Partial<HeaderFields>, hierarchyId: number, path: Text): Buffer {
  const pathBytes = bytesOf(path)
  const fixed = Buffer.alloc(88)
  writeHeader(fixed, header, kind)
  fixed.writeUInt32LE(hierarchyId, 72)
  fixed.writeUInt32LE(pathBytes.length, 80)
  return Buffer.concat([fixed, pathBytes])
}

/** Records as they stand in a ring: each behind its 8-byte header, padded to 8. */
export function ringBytes(records: readonly Uint8Array[], headerBits = 0): Uint8Array {
  const frames = records.map((record) => {
    const frame = Buffer.alloc((record.length + 8 + 7) & ~7)
    frame.writeUInt32LE((record.length | headerBits) >>> 0, 0)
    frame.set(record, 8)
    return frame
  })
  return new Uint8Array(Buffer.concat(frames))
}
