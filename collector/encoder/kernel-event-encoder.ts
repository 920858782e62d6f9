// Encodes records of the topic kernel in the wire format, fields in the order of schemas/kernel.avsc. The caller appends writer.bytes[0, position).
import { AvroWriter } from '../../schemas/avro-writer.js'
import {
  KERNEL_EVENT_TYPE_SYMBOLS,
  SYSCALL_SYMBOLS,
  type DescriptorType,
  DESCRIPTOR_TYPE_SYMBOLS,
  type KernelEventType,
} from '../../schemas/generated/types.js'
import { writeHeader } from '../../schemas/wire-format.js'
import type { ContainerIndex } from '../containers/container-index.js'
import { type EventHeader, NO_SYSCALL } from '../ring-events/event-header.js'
import { COMM_BYTES, KIND, TEXT } from '../../native/generated/layout.js'
import { kindFacts } from '../ring-events/event-kinds.js'
import { CALL_ARGUMENTS, type KernelCallRecord, type TextSpan } from '../ring-events/kernel-call-record.js'
import { pathOfWalked } from '../ring-events/record-texts.js'
import { addressText } from './address-text.js'
import { descriptorTypeOf } from './descriptor-type.js'
import type { ProcessBytes } from '../processes/encoded-process.js'
import { kernelCallFacts } from './kernel-call-facts.js'
import type { OriginEncoder } from './origin-encoder.js'
import { NO_HOST_PATHS, type PathLocator } from '../mounts/host-paths.js'
import { isPathCut, PATH_SOURCE, PathEncoder } from './path-encoder.js'
import { writePlace } from './place-encoder.js'
import type { Redactor } from '../redaction/redactor.js'
import { RawTexts, writeText } from './text-encoder.js'
import { syscallSymbol } from '../../schemas/calls.js'
import { CALL_NUMBERS } from '../../schemas/generated/calls.js'

const UNKNOWN = 0
/** Kinds whose event says what the descriptor leads to. */
const DESCRIBED: ReadonlySet<number> = new Set([KIND.dup, KIND.setns, KIND.ioctl])
/** After them the root of the process is what the argument named. */
const ROOTS: ReadonlySet<number> = new Set([KIND.chroot, KIND.pivotRoot])
const NO_TEXT: TextSpan = { start: 0, end: 0 }
const decoder = new TextDecoder()

/** Encodes kernel events into `writer`, which is reset by each. */
export class KernelEventEncoder {
  readonly writer = new AvroWriter(64 * 1024)
  readonly #schemaId: number
  readonly #origin: OriginEncoder
  readonly #containers: ContainerIndex
  readonly #raw = new RawTexts()
  readonly #paths: PathEncoder
  readonly #locator: PathLocator
  readonly #redactor: Redactor | null

  /** @param redactor null: secrets stay */
  constructor(
    schemaId: number,
    origin: OriginEncoder,
    containers: ContainerIndex,
    locator: PathLocator = NO_HOST_PATHS,
    redactor: Redactor | null = null,
  ) {
    this.#schemaId = schemaId
    this.#origin = origin
    this.#containers = containers
    this.#locator = locator
    this.#redactor = redactor
    this.#paths = new PathEncoder(this.#raw, locator)
  }

  call(header: EventHeader, process: ProcessBytes, bytes: Uint8Array, record: KernelCallRecord, wallUs: number): void {
    const { writer } = this
    const { kind } = header
    const isCall = header.syscall !== NO_SYSCALL
    const symbol = isCall ? syscallSymbol(header.syscall) : UNKNOWN
    const isRingOperation = kind === KIND.ioUring && !isCall
    const facts = kernelCallFacts(SYSCALL_SYMBOLS[symbol] ?? 'UNKNOWN', record)
    const looseName = looseNameOf(bytes, record)
    const isMountType = kind === KIND.mount && header.syscall !== CALL_NUMBERS.fsconfig && record.name.end > record.name.start
    // What is mounted is set like any option.
    const isMountSource = header.syscall === CALL_NUMBERS.fsconfig && isText(bytes, record.name, 'source')
    writer.reset()
    this.#raw.clear()
    writeHeader(writer, this.#schemaId)
    writer.int(typeSymbol(kind))
    writer.int(symbol)
    writer.long(record.result)
    this.#optional(record.targetPid === 0 ? null : record.targetPid)
    this.#targetName(bytes, record)
    this.#optional(isRingOperation ? (record.low[0] ?? 0) : facts.request)
    this.#optional(facts.flags)
    const source = this.#path(bytes, header, record, looseName)
    const isCut = (record.path.flags & TEXT.argsTruncated) !== 0
    const key = header.syscall === CALL_NUMBERS.fsconfig ? record.name : NO_TEXT
    let redacted = this.#secretText(bytes, isMountSource ? record.options : record.source, 'source', isCut)
    this.#text(bytes, isMountType ? record.name : NO_TEXT, 'fsType')
    redacted += this.#secretText(bytes, isMountType ? NO_TEXT : record.name, 'name', isCut)
    redacted += this.#secretText(bytes, isMountSource ? NO_TEXT : record.options, 'options', isCut, key)
    writer.int(redacted)
    this.#optional(facts.signal)
    this.#optional(facts.fd)
    this.#optional(facts.newFd)
    this.#descriptor(bytes, header, record, looseName)
    writer.raw(process.bytes, 0, process.length)
    this.#raw.addAll(process.raw)
    for (const id of [facts.uid, facts.euid, facts.suid, facts.fsuid]) this.#optional(id)
    for (const id of [facts.gid, facts.egid, facts.sgid, facts.fsgid]) this.#optional(id)
    for (const set of [facts.capEffective, facts.capPermitted, facts.capInheritable]) this.#optional(set)
    this.#optional(facts.namespaceTypes)
    this.#optional(facts.programType)
    this.#optional(facts.mountAttributes)
    this.#optional(facts.mode)
    this.#optional(facts.device)
    this.#optional(facts.size)
    this.#arguments(record, isCall)
    this.#paths.writeArgument(writer, bytes, record.path, 'pathArgument')
    writer.int(source)
    writer.boolean(isPathCut(source, record.path) || isCut)
    this.#target(record)
    this.#optional(header.tid)
    writePlace(writer, this.#raw, this.#paths.place, 'place')
    writer.int(header.route)
    writer.nulls(5) // droppedKinds .. intervalUs
    writer.int(valuesSource(header, record))
    this.#origin.write(writer, header.cpu, header.seq, header.bootUs, wallUs)
    this.#raw.write(writer)
  }

  /** A number, or null. */
  #optional(value: number | null): void {
    this.writer.int(value === null ? 0 : 1)
    if (value !== null) this.writer.long(value)
  }

  /** A text, or null if the call has none. */
  #text(bytes: Uint8Array, { start, end }: TextSpan, field: string): void {
    this.writer.int(end > start ? 1 : 0)
    if (end > start && !writeText(this.writer, bytes, start, end)) this.#raw.add(field, bytes, start, end)
  }

  /** A text that may hold secrets; `key` is the mount option whose value it is. @returns how many were replaced */
  #secretText(bytes: Uint8Array, span: TextSpan, field: string, isCut: boolean, key = NO_TEXT): number {
    const { start, end } = span
    const name = key.end > key.start ? decoder.decode(bytes.subarray(key.start, key.end)) : ''
    const clean = end > start ? this.#redactor?.mountText(bytes, { start, end, isCut, key: name }) : undefined
    if (clean === undefined || clean.count === 0) this.#text(bytes, span, field)
    else this.#text(clean.bytes, { start: 0, end: clean.bytes.length }, field)
    return clean?.count ?? 0
  }

  #targetName(bytes: Uint8Array, record: KernelCallRecord): void {
    const start = record.targetCommAt
    let end = start
    while (end < start + COMM_BYTES && bytes[end] !== 0) end++
    this.#text(bytes, record.targetPid === 0 ? NO_TEXT : { start, end }, 'targetName')
  }

  /** @returns its PATH_SOURCE; a file without a folder has a name and no path */
  #path(bytes: Uint8Array, header: EventHeader, record: KernelCallRecord, looseName: string | null): number {
    const { path } = record
    if (ROOTS.has(header.kind) && record.result >= 0) return this.#paths.writeRoot(this.writer, bytes, path, 'path')
    const isOfDescriptor = record.descriptorMode !== 0 && path.argumentEnd === path.pathEnd
    if (isOfDescriptor && looseName === null) {
      return this.#paths.write(this.writer, bytes, path, this.#locator.file(bytes, path, null), 'path', header)
    }
    if (!isOfDescriptor) return this.#paths.write(this.writer, bytes, path, null, 'path', header)
    this.#paths.place = null
    this.writer.nulls(1)
    return PATH_SOURCE.unknown
  }

  /** descriptorType, and for a socket that a dup copied or io_uring connected: family .. localPort */
  #descriptor(bytes: Uint8Array, header: EventHeader, record: KernelCallRecord, looseName: string | null): void {
    const { writer } = this
    const { socket } = record
    const type = DESCRIBED.has(header.kind) ? this.#typeOfDescriptor(header, record, looseName) : null
    writer.int(type === null ? 0 : 1)
    if (type !== null) writer.int(DESCRIPTOR_TYPE_SYMBOLS.indexOf(type))
    if (!socket.isKnown || (header.kind !== KIND.dup && header.kind !== KIND.ioUring)) return writer.nulls(7)
    this.#optional(socket.family)
    this.#optional(header.kind === KIND.dup ? socket.protocol : null)
    writer.nulls(1) // isServer: the history of the socket is not known here
    this.#end(bytes, socket.remoteAt, socket.remotePort, socket.family)
    this.#end(bytes, socket.localAt, socket.localPort, socket.family)
  }

  #typeOfDescriptor(header: EventHeader, record: KernelCallRecord, looseName: string | null): DescriptorType | null {
    const isNamespace = header.kind === KIND.setns && record.descriptorMode !== 0 && looseName?.startsWith('[pidfd') !== true
    return isNamespace ? 'namespace' : descriptorTypeOf(record.descriptorMode, record.socket.family, looseName)
  }

  /** Address and port of one end; null for an end without a port. */
  #end(bytes: Uint8Array, at: number, port: number, family: number): void {
    const address = port === 0 ? null : addressText(bytes, at, family)
    this.writer.int(address === null ? 0 : 1)
    if (address !== null) this.writer.text(address)
    this.#optional(address === null ? null : port)
  }

  /** The arguments in the format of the audit system. */
  #arguments(record: KernelCallRecord, isCall: boolean): void {
    const { writer } = this
    writer.int(isCall ? 1 : 0)
    if (!isCall) return
    writer.blockStart(CALL_ARGUMENTS)
    for (let index = 0; index < CALL_ARGUMENTS; index++) writer.text(hexadecimal(record.high[index] ?? 0, record.low[index] ?? 0))
    writer.blockEnd()
  }

  /** targetStartBootUs, targetContainerId */
  #target(record: KernelCallRecord): void {
    const { writer } = this
    const isKnown = record.targetPid !== 0
    const membership = isKnown ? this.#containers.membershipOf(record.targetCgroupId, record.isTargetCgroupV1) : null
    const containerId = membership?.containerId ?? null
    this.#optional(isKnown ? record.targetStartUs : null)
    writer.int(containerId === null ? 0 : 1)
    if (containerId !== null) writer.text(containerId)
  }
}

function isText(bytes: Uint8Array, { start, end }: TextSpan, text: string): boolean {
  return end - start === text.length && decoder.decode(bytes.subarray(start, end)) === text
}

/** Calls whose numbers are in the memory of the caller. */
const WITH_NUMBERS: ReadonlySet<number> = new Set([
  CALL_NUMBERS.capset,
  CALL_NUMBERS.bpf,
  CALL_NUMBERS.io_uring_setup,
  CALL_NUMBERS.mount_setattr,
  CALL_NUMBERS.open_tree_attr,
])

function valuesSource({ syscall }: EventHeader, { path, name, socket }: KernelCallRecord): number {
  // The names of io_uring are the kernel's copies.
  if ((path.flags & TEXT.valuesOfKernel) !== 0) return PATH_SOURCE.kernel
  if (syscall === NO_SYSCALL)
    return socket.isKnown ? PATH_SOURCE.argument : name.end > name.start ? PATH_SOURCE.kernel : PATH_SOURCE.unknown
  return name.end > name.start || WITH_NUMBERS.has(syscall) ? PATH_SOURCE.argument : PATH_SOURCE.unknown
}

function typeSymbol(kind: number): number {
  return Math.max(UNKNOWN, KERNEL_EVENT_TYPE_SYMBOLS.indexOf((kindFacts(kind)?.name ?? 'UNKNOWN') as KernelEventType))
}

function hexadecimal(high: number, low: number): string {
  return high === 0 ? low.toString(16) : high.toString(16) + low.toString(16).padStart(8, '0')
}

/** Name of a descriptor's file without a folder: a memfd, a pipe, a socket; null for one with a path. */
function looseNameOf(bytes: Uint8Array, { path, descriptorMode }: KernelCallRecord): string | null {
  if (descriptorMode === 0 || (path.flags & TEXT.pathUnreachable) === 0) return null
  const name = decoder.decode(pathOfWalked(bytes, path.start, path.pathEnd, false)).slice(1)
  return name.includes('/') ? null : name
}
