// Handlers of opens, file changes, sockets and kernel calls. Each reads its record, looks up the process, splices the process bytes
// into the event and publishes it. Opens are the busiest path of the collector.
import type { FileEventEncoder, FileChangeEncoder } from '../encoder/file-event-encoder.js'
import { FileChangeRecord, OpenRecord } from '../ring-events/file-records.js'
import type { PathVerdicts } from '../watch/path-verdicts.js'
import type { EventContext, RecordHandler } from './event-context.js'
import { ExcludedOpens } from './excluded-opens.js'
import { FILE_CHANGE_KINDS, SOCKET_KINDS, KERNEL_CALL_KINDS } from '../ring-events/event-kinds.js'
import { KIND, TEXT } from '../../native/generated/layout.js'
import { singleSlashes } from '../../infra/text/glob.js'
import { readDnsMessage } from '../dns/dns-message.js'
import type { SeenNames } from '../dns/seen-names.js'
import type { NetworkEventEncoder } from '../encoder/network-event-encoder.js'
import { CALL_NUMBERS } from '../../schemas/generated/calls.js'
import { cgroupIdOf } from '../ring-events/event-header.js'
import { SocketRecord } from '../ring-events/network-records.js'
import type { KernelEventEncoder } from '../encoder/kernel-event-encoder.js'
import { KernelCallRecord } from '../ring-events/kernel-call-record.js'

/** Handler of KIND_OPEN. @param verdicts decides for new paths whether the probes continue to emit their opens; null for probes without tickets */
export function openHandler(context: EventContext, encoder: FileEventEncoder, verdicts: PathVerdicts | null): RecordHandler {
  const { header, table, processes } = context
  const open = new OpenRecord()
  const excluded = new ExcludedOpens()
  return (record) => {
    const { bytes } = record
    if (!open.read(bytes, record.view, record.at, record.length)) return 'malformed'
    context.countTextFlags(open.path.flags)
    // No file: the call failed, or another thread closed the descriptor before the probe read it.
    const hasFile = header.result >= 0 && (open.path.flags & TEXT.pathFault) === 0
    const located = hasFile ? context.locator.file(bytes, open.path, open) : null
    if (open.hasTicket) verdicts?.evaluate(bytes, open, located)
    const image = table.at(header)
    const process = processes.of(image, header)
    // Other paths depend on the mounts of the moment, and a ticket is another one each time.
    const isPure = located !== null && located.hostPath === null && !open.hasTicket
    const known = isPure && image.encoded === process ? image.encoded : null
    const judge = context.screen?.judgeOfOpens ?? null
    if (judge !== null && known !== null && excluded.has(record, known, located?.place === null, judge)) {
      context.screen?.excludedAgain()
      return 'suppressed'
    }
    const wallUs = context.wallUs()
    encoder.open(header, process, bytes, open, located, wallUs)
    const outcome = context.publish(record, 'file', encoder.writer, wallUs)
    if (outcome === 'suppressed' && judge !== null && known !== null) excluded.keep(known)
    return outcome
  }
}

/** Handlers of struct file_change_event and struct file_attribute_event, by kind. */
export function fileChangeHandlers(context: EventContext, encoder: FileChangeEncoder): ReadonlyMap<number, RecordHandler> {
  const { header, table, processes } = context
  const change = new FileChangeRecord()
  const handler: RecordHandler = (record) => {
    const { bytes } = record
    if (!change.read(bytes, record.view, record.at, record.length, header.kind)) return 'malformed'
    context.countTextFlags(change.path.flags | change.newPath.flags)
    const wallUs = context.wallUs()
    encoder.change(header, processes.of(table.at(header), header), bytes, change, wallUs)
    return context.publish(record, 'file', encoder.writer, wallUs)
  }
  return new Map(FILE_CHANGE_KINDS.map((kind) => [kind, handler]))
}

const { recvfrom, recvmsg, recvmmsg, read, readv } = CALL_NUMBERS
/** Calls that receive an answer; the last two for TCP. */
const RECEIVING: ReadonlySet<number> = new Set([recvfrom, recvmsg, recvmmsg, read, readv])

// include/linux/socket.h
const AF_INET = 2
const AF_INET6 = 10
const EINPROGRESS = -115

/** Whether the process of the event has an internet connection from now on, or is about to. */
function isConnection({ kind, result }: EventContext['header'], { facts }: SocketRecord): boolean {
  if (facts.family !== AF_INET && facts.family !== AF_INET6) return false
  return kind === KIND.connect ? result >= 0 || result === EINPROGRESS : kind === KIND.accept && result >= 0
}

/** Handlers of struct socket_event, by kind. @param names learned from DNS answers */
export function networkHandlers(context: EventContext, encoder: NetworkEventEncoder, names: SeenNames): ReadonlyMap<number, RecordHandler> {
  const { header, table, processes, containers } = context
  const socket = new SocketRecord()
  const containerOf = (): string => {
    return containers.membershipOf(cgroupIdOf(header), header.isCgroupV1).containerId ?? ''
  }
  const nameOf = (address: string): string | null => (names.size === 0 ? null : names.nameOf(containerOf(), address, header.bootUs))
  const handler: RecordHandler = (record) => {
    const { bytes } = record
    if (!socket.read(record.view, record.at, record.length)) return 'malformed'
    const dns = header.kind === KIND.dns ? readDnsMessage(bytes.subarray(socket.unixEnd, socket.payloadEnd)) : null
    if (dns !== null && RECEIVING.has(header.syscall)) names.learn(containerOf(), dns, header.bootUs)
    const image = table.at(header)
    if (isConnection(header, socket)) image.process.hasConnection = true
    const wallUs = context.wallUs()
    encoder.event(header, processes.of(image, header), bytes, socket, { dns, nameOf }, wallUs)
    return context.publish(record, 'network', encoder.writer, wallUs)
  }
  return new Map(SOCKET_KINDS.map((kind) => [kind, handler]))
}

const MOUNT_KINDS: ReadonlySet<number> = new Set([KIND.mount, KIND.umount, KIND.pivotRoot])
// @see include/uapi/linux/mount.h
const MS_BIND = 0x1000
const MOUNT_FLAGS = 3

/** What is mounted has changed; a bind mount of the host is remembered until it is unmounted. */
function noteMount({ header, locator }: EventContext, bytes: Uint8Array, { path, source, low }: KernelCallRecord): void {
  const textOf = (start: number, end: number): string => Buffer.from(bytes.subarray(start, end)).toString('latin1')
  const mountPoint = singleSlashes(textOf(path.pathEnd, path.argumentEnd))
  const { isPresent, mountNamespace } = path.place
  locator.mountsChanged(isPresent && mountNamespace !== 0 ? mountNamespace : null)
  if (isPresent || !mountPoint.startsWith('/')) return
  const isBind = header.syscall === CALL_NUMBERS.mount && ((low[MOUNT_FLAGS] ?? 0) & MS_BIND) !== 0
  if (isBind) locator.bound(singleSlashes(textOf(source.start, source.end)), mountPoint, header.bootUs)
  else if (header.kind === KIND.umount) locator.unbound(mountPoint, header.bootUs)
}

/** Handlers of struct kernel_call_event, by kind. */
export function kernelCallHandlers(context: EventContext, encoder: KernelEventEncoder): ReadonlyMap<number, RecordHandler> {
  const { header, table, processes } = context
  const call = new KernelCallRecord()
  const handler: RecordHandler = (record) => {
    const { bytes } = record
    if (!call.read(bytes, record.view, record.at, record.length)) return 'malformed'
    context.countTextFlags(call.path.flags)
    if (call.result >= 0 && MOUNT_KINDS.has(header.kind)) noteMount(context, bytes, call)
    const wallUs = context.wallUs()
    encoder.call(header, processes.of(table.at(header), header), bytes, call, wallUs)
    return context.publish(record, 'kernel', encoder.writer, wallUs)
  }
  return new Map(KERNEL_CALL_KINDS.map((kind) => [kind, handler]))
}
