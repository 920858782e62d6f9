// The descriptor of an event (`fd.*`): an opened file, a socket, a duplicated descriptor. As in Falco, a call on a path alone has none.
import type { DescriptorType } from '../../../../schemas/generated/types.js'
import type { RuleRecord } from '../rule-event.js'
import { fullPath, isDirectoryOpen, PATH_SOURCE } from './call-path.js'
import { recordText } from '../record/record-text.js'
import { socketKind, socketName, socketOf, SOCKET_KIND_SOURCE, SOCKET_NAME_SOURCE } from './socket.js'

/** Record types with a descriptor. */
export const DESCRIPTOR_KINDS = {
  file: ['open', 'chmod', 'chown', 'truncate', 'xattr', 'times'],
  network: ['socket', 'bind', 'listen', 'connect', 'accept', 'send', 'receive', 'close'],
  kernel: ['dup', 'setns', 'memfd', 'userfaultfd', 'bpf', 'io_uring', 'module_load', 'ioctl'],
} as const

const FILE_HEAD = 'FileEvent.type FileEvent.fd'
const HEAD = `${FILE_HEAD} NetworkEvent.type KernelEvent.type`
/** What {@link descriptorKind} reads. */
export const KIND_SOURCE = `${HEAD} FileEvent.result FileEvent.descriptorType FileEvent.flags KernelEvent.descriptorType ${SOCKET_KIND_SOURCE}`
/** What {@link descriptorName} reads. */
export const NAME_SOURCE = `${HEAD} KernelEvent.name ${PATH_SOURCE} ${SOCKET_NAME_SOURCE}`
/** What {@link descriptorNumber} reads. */
export const NUMBER_SOURCE = `${HEAD} FileEvent.result NetworkEvent.fd NetworkEvent.result KernelEvent.fd KernelEvent.newFd KernelEvent.result`

const ofKernel = (source: string): string =>
  source
    .split(' ')
    .filter((name) => name.startsWith('KernelEvent.'))
    .join(' ')
/** The same for duplicated descriptors only. */
export const COPY_SOURCE = {
  kind: ofKernel(`${KIND_SOURCE} ${NUMBER_SOURCE}`),
  name: ofKernel(`${NAME_SOURCE} ${NUMBER_SOURCE}`).replace('KernelEvent.name ', ''),
}

const OF_KERNEL_TYPE: Readonly<Record<string, DescriptorType | null>> = {
  dup: null,
  setns: null,
  ioctl: null,
  memfd: 'memfd',
  userfaultfd: 'userfaultfd',
  bpf: 'bpf',
  io_uring: 'io_uring',
  module_load: 'file',
}

/** Falco's names for descriptor kinds: `fd.type` and `fd.typechar`. */
const WORDS: Readonly<Record<DescriptorType, readonly [type: string | null, char: string]>> = {
  UNKNOWN: [null, 'o'],
  file: ['file', 'f'],
  directory: ['directory', 'd'],
  character_device: ['file', 'f'],
  block_device: ['file', 'f'],
  pipe: ['pipe', 'p'],
  ipv4: ['ipv4', '4'],
  ipv6: ['ipv6', '6'],
  unix: ['unix', 'u'],
  netlink: ['netlink', 'n'],
  packet: [null, 'o'],
  socket: [null, 'o'],
  memfd: ['memfd', 'm'],
  eventfd: ['event', 'e'],
  eventpoll: ['eventpoll', 'l'],
  inotify: ['inotify', 'i'],
  signalfd: ['signalfd', 's'],
  timerfd: ['timerfd', 't'],
  bpf: ['bpf', 'b'],
  io_uring: ['io_uring', 'r'],
  userfaultfd: ['userfaultfd', 'u'],
  pidfd: ['pidfd', 'P'],
  namespace: ['file', 'f'],
  other: [null, 'o'],
}

const ON_DESCRIPTOR: ReadonlySet<string> = new Set(DESCRIPTOR_KINDS.file)

/** Whether the event is about a descriptor. */
export function hasDescriptor(event: RuleRecord): boolean {
  switch (event.topic) {
    case 'process':
      return false
    case 'file':
      return event.record.type === 'open' || (ON_DESCRIPTOR.has(event.record.type) && event.record.fd !== null)
    case 'network':
      return event.record.type !== 'dns'
    case 'kernel':
      return Object.hasOwn(OF_KERNEL_TYPE, event.record.type)
  }
}

/** Number of the descriptor: the new one if the call created one, -1 if it failed to. */
export function descriptorNumber(event: RuleRecord): number | undefined {
  if (!hasDescriptor(event)) return undefined
  switch (event.topic) {
    case 'process':
      return undefined
    case 'file':
      return event.record.type === 'open' ? Math.max(event.record.result, -1) : (event.record.fd ?? undefined)
    case 'network':
      return event.record.fd ?? (event.record.result < 0 ? -1 : undefined)
    case 'kernel':
      return event.record.newFd ?? event.record.fd ?? (event.record.result < 0 ? -1 : undefined)
  }
}

/** Kind of the descriptor; null if there is none or it is not known. A failed open has none. */
export function descriptorKind(event: RuleRecord): DescriptorType | null {
  if (!hasDescriptor(event)) return null
  switch (event.topic) {
    case 'process':
      return null
    case 'file': {
      const { type, result, descriptorType } = event.record
      if (type !== 'open') return known(descriptorType)
      if (result < 0) return null
      // In Falco, an open yields a file or a folder, whatever the path refers to.
      return descriptorType === 'directory' || isDirectoryOpen(event.record) ? 'directory' : 'file'
    }
    case 'network':
      return socketKind(event.record)
    case 'kernel': {
      const socket = socketOf(event)
      return socket === null ? (OF_KERNEL_TYPE[event.record.type] ?? known(event.record.descriptorType)) : socketKind(socket)
    }
  }
}

function known(type: DescriptorType | null): DescriptorType | null {
  return type === 'UNKNOWN' ? null : type
}

/** `fd.type`; undefined if Falco has no name for the kind. */
export function descriptorTypeText(event: RuleRecord): string | undefined {
  const kind = descriptorKind(event)
  return kind === null ? undefined : (kindWord(kind) ?? undefined)
}

/** Falco's name for a descriptor kind; null if it has none. */
export function kindWord(kind: DescriptorType): string | null {
  return WORDS[kind][0]
}

/** `fd.typechar`. A failed open counts as a file. */
export function descriptorTypeChar(event: RuleRecord): string | undefined {
  const kind = descriptorKind(event)
  if (kind !== null) return WORDS[kind][1]
  return event.topic === 'file' && event.record.type === 'open' && event.record.result < 0 ? 'f' : undefined
}

/** Path of a file, ends of a connection, name of a memory file; empty for a descriptor without a name. */
export function descriptorName(event: RuleRecord): string | undefined {
  if (!hasDescriptor(event)) return undefined
  if (event.topic === 'file') return fullPath(event)
  if (event.topic === 'kernel' && event.record.type === 'memfd') return recordText(event, 'name', event.record.name) ?? ''
  return socketName(event) ?? fullPath(event) ?? ''
}

/** Whether the descriptor refers to a file, which has a folder and a name in it. */
export function isFile(event: RuleRecord): boolean {
  const kind = descriptorKind(event)
  return kind !== null && kindWord(kind) === 'file'
}
