// Applies a wish to a draft: how each field of the catalogue is written to the record that it is read from. Fields that can't be set
// (times, counters) stay as they are.
import { isIP } from 'node:net'
import { changeAncestor, factsOf, type EventDraft } from './event-draft.js'
import type { Wish } from './wish/wish.js'

type Setter = (draft: EventDraft, value: string) => void

const words = (text: string): string[] => text.split(' ')
const isTrue = (value: string): boolean => value === 'true'
const setPath = (draft: EventDraft, path: string): void => {
  draft.path = path
}
const setArguments = (draft: EventDraft, rest: readonly string[]): void => {
  draft.process.args = [draft.process.args[0] ?? draft.process.name, ...rest]
}
const setFlags =
  (bits: number): Setter =>
  (draft, value) => {
    draft.flags = isTrue(value) ? draft.flags | bits : draft.flags & ~bits
    if (isTrue(value) && draft.result < 0) draft.result = 3
  }

const setPeer: Setter = (draft, value) => {
  const remoteAddress = value.split('/')[0] ?? value
  if (isIP(remoteAddress) > 0) draft.network = { ...draft.network, remoteAddress, family: isIP(remoteAddress) === 6 ? 10 : 2 }
}
const setOwnAddress: Setter = (draft, value) => {
  const localAddress = value.split('/')[0] ?? value
  if (isIP(localAddress) > 0) draft.network = { ...draft.network, localAddress }
}
const setPort =
  (side: 'remotePort' | 'localPort'): Setter =>
  (draft, value) => {
    draft.network = { ...draft.network, [side]: Math.min(65_535, Math.max(0, whole(value))) }
  }
const FAMILIES: Readonly<Record<string, number>> = { AF_UNIX: 1, AF_LOCAL: 1, AF_INET: 2, AF_INET6: 10, AF_NETLINK: 16, AF_PACKET: 17 }
const REQUESTS: Readonly<Record<string, number>> = {
  PTRACE_TRACEME: 0,
  PTRACE_ATTACH: 16,
  PTRACE_SEIZE: 0x4206,
  PTRACE_POKETEXT: 4,
  PTRACE_SETREGS: 13,
}

/** Fields of sockets. The process is the client unless the event says otherwise. */
const NETWORK_SETTERS: readonly (readonly [field: string, setter: Setter])[] = [
  ['fd.ip', setPeer],
  ['fd.net', setPeer],
  ['fd.sip', setPeer],
  ['fd.snet', setPeer],
  ['fd.rip', setPeer],
  ['fd.rnet', setPeer],
  ['fd.cip', setOwnAddress],
  ['fd.cnet', setOwnAddress],
  ['fd.port', setPort('remotePort')],
  ['fd.sport', setPort('remotePort')],
  ['fd.rport', setPort('remotePort')],
  ['fd.lport', setPort('localPort')],
  [
    'fd.l4proto',
    (draft, value) => (draft.network = { ...draft.network, protocol: value === 'udp' ? 17 : 6, socketType: value === 'udp' ? 2 : 1 }),
  ],
  ['fd.connected', (draft, value) => (draft.network = { ...draft.network, isConnected: isTrue(value) })],
  ['fd.name_changed', (draft, value) => (draft.network = { ...draft.network, isNameChanged: isTrue(value) })],
  ['fd.sip.name', (draft, value) => (draft.network = { ...draft.network, remoteName: value })],
  ['evt.arg.domain', (draft, value) => (draft.network = { ...draft.network, family: FAMILIES[value] ?? 2 })],
]

const KERNEL_SETTERS: readonly (readonly [field: string, setter: Setter])[] = [
  ['evt.arg.request', (draft, value) => (draft.kernel = { ...draft.kernel, request: REQUESTS[value] ?? 16 })],
  ['evt.arg.uid', (draft, value) => (draft.kernel = { ...draft.kernel, uid: whole(value) })],
]

/** In the order of application: a field that depends on another comes after it. */
const SETTERS: readonly (readonly [field: string, setter: Setter])[] = [
  ['evt.type', (draft, value) => (draft.eventType = value)],
  ['proc.name', (draft, value) => (draft.process.name = value)],
  ['proc.exepath', (draft, value) => (draft.process.exePath = value)],
  ['proc.exe', (draft, value) => (draft.process.args = [value, ...draft.process.args.slice(1)])],
  ['proc.exeline', (draft, value) => (draft.process.args = words(value))],
  ['proc.args', (draft, value) => setArguments(draft, words(value))],
  [
    'proc.cmdline',
    (draft, value) => {
      const { name } = draft.process
      setArguments(draft, words(value.startsWith(`${name} `) ? value.slice(name.length + 1) : value))
    },
  ],
  ['proc.cwd', (draft, value) => (draft.process.cwd = value)],
  ['proc.pname', (draft, value) => changeAncestor(draft, 1, { name: value })],
  ['proc.pexe', (draft, value) => changeAncestor(draft, 1, { exe: value })],
  ['proc.pexepath', (draft, value) => changeAncestor(draft, 1, { exePath: value })],
  ['proc.pcmdline', (draft, value) => (draft.process.parentArgs = ['', ...words(value).slice(1)])],
  ['proc.aname', (draft, value) => changeAncestor(draft, 2, { name: value })],
  ['proc.aexe', (draft, value) => changeAncestor(draft, 2, { exe: value })],
  ['proc.aexepath', (draft, value) => changeAncestor(draft, 2, { exePath: value })],
  ['proc.tty', (draft, value) => (draft.process.tty = value === '0' ? null : whole(value))],
  ['proc.vpid', (draft, value) => (draft.process.namespacePid = whole(value))],
  ['proc.is_vpgid_leader', (draft, value) => setLeader(draft, isTrue(value))],
  ['proc.duration', (draft, value) => (draft.process.startBootUs = draft.bootTimeUs - Math.floor(whole(value) / 1000))],
  ['proc.is_exe_upper_layer', (draft, value) => (draft.process.isExeUpperLayer = isTrue(value))],
  ['proc.is_exe_from_memfd', (draft, value) => (draft.process.isExeMemfd = isTrue(value))],
  ['thread.cap_effective', (draft) => (draft.process.capEffective = 2 ** 40 - 1)],
  ['thread.cap_permitted', (draft) => (draft.process.capPermitted = 2 ** 40 - 1)],
  ['user.name', (draft, value) => (draft.process.user = value)],
  ['user.uid', (draft, value) => (draft.process.uid = whole(value))],
  ['user.loginuid', (draft, value) => (draft.process.loginUid = value === '-1' ? null : whole(value))],
  ['fd.name', setPath],
  ['fd.directory', (draft, value) => setPath(draft, `${value}/${baseName(draft.path)}`)],
  ['fd.filename', (draft, value) => setPath(draft, `${draft.path.slice(0, draft.path.lastIndexOf('/'))}/${value}`)],
  ['fd.nameraw', (draft, value) => (draft.pathArgument = value)],
  ['evt.arg.path', setPath],
  ['evt.arg.name', setPath],
  ['evt.arg.filename', setPath],
  ['evt.is_open_read', (draft, value) => (draft.flags = isTrue(value) ? draft.flags & ~1 : (draft.flags & ~3) | 1)],
  ['evt.is_open_write', setFlags(0o101)],
  ['evt.is_open_create', (draft, value) => (draft.isCreated = isTrue(value))],
  ['evt.is_open_exec', (draft) => Object.assign(draft, { flags: draft.flags | 0o100, mode: 0o755 })],
  ['evt.is_open_setid', (draft) => Object.assign(draft, { flags: draft.flags | 0o100, isCreated: true, mode: 0o4755 })],
  ['evt.arg.flags', (draft, value) => (draft.flags |= flagBits(value))],
  ['evt.arg.oldpath', setPath],
  ['fs.path.source', setPath],
  ['evt.arg.linkpath', setPath],
  ['evt.arg.newpath', (draft, value) => (draft.file = { ...draft.file, newPath: value })],
  ['fs.path.target', (draft, value) => (draft.file = { ...draft.file, newPath: value })],
  ['evt.arg.target', (draft, value) => (draft.file = { ...draft.file, linkTarget: value })],
  ['evt.arg.mode', (draft, value) => (draft.mode = modeBits(value))],
  ...NETWORK_SETTERS,
  ...KERNEL_SETTERS,
  ['fd.typechar', (draft, value) => (draft.flags = value === 'd' ? draft.flags | 0o200000 : draft.flags & ~0o200000)],
  ['fd.num', (draft, value) => (draft.result = whole(value))],
  ['evt.rawres', (draft, value) => (draft.result = whole(value))],
  ['evt.res', (draft, value) => (draft.result = value === 'SUCCESS' ? Math.max(0, draft.result) : -13)],
  ['container.id', (draft, value) => (value === 'host' ? (draft.facts = null) : factsOf(draft))],
  ['container.image.repository', (draft, value) => (factsOf(draft).imageRepository = value)],
  ['container.privileged', (draft, value) => (factsOf(draft).isPrivileged = isTrue(value))],
  ['k8s.ns.name', (draft, value) => setPod(draft, { namespace: value })],
  ['k8s.pod.name', (draft, value) => setPod(draft, { name: value })],
]

/** Writes the values of the wish to the draft. */
export function applyWish(draft: EventDraft, wish: Wish): void {
  for (const [field, setter] of SETTERS) {
    const value = wish.get(field)
    if (value !== undefined) setter(draft, value)
  }
  for (const [key, value] of wish) applyIndexed(draft, key, value)
}

/** `proc.aname[3]`, `container.mount.dest[/etc]`. */
function applyIndexed(draft: EventDraft, key: string, value: string): void {
  const [, field, argument = ''] = /^([a-z.]+)\[(.*)\]$/.exec(key) ?? []
  const generation = Math.min(10, whole(argument))
  if (field === 'proc.aname' && generation > 0) changeAncestor(draft, generation, { name: value })
  if (field === 'proc.aexe' && generation > 0) changeAncestor(draft, generation, { exe: value })
  if (field === 'proc.aexepath' && generation > 0) changeAncestor(draft, generation, { exePath: value })
  if (field === 'container.mount.dest') {
    const facts = factsOf(draft)
    const mount = { source: argument.replaceAll('*', 'x'), destination: value, type: 'bind', isWritable: true, propagation: '' }
    facts.mounts = [...facts.mounts, mount]
  }
}

function setLeader(draft: EventDraft, isLeader: boolean): void {
  const { namespacePid } = draft.process
  draft.process.namespaceProcessGroupId = isLeader ? namespacePid : namespacePid - 1
}

function setPod(draft: EventDraft, change: { readonly name?: string; readonly namespace?: string }): void {
  const facts = factsOf(draft)
  facts.pod = { name: 'web-7d1', namespace: 'shop', uid: null, containerName: 'web', ...facts.pod, ...change }
}

function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}

function flagBits(text: string): number {
  const bits: Readonly<Record<string, number>> = {
    O_WRONLY: 1,
    O_RDWR: 2,
    O_CREAT: 0o100,
    O_TRUNC: 0o1000,
    O_APPEND: 0o2000,
    O_TMPFILE: 0o20200000,
  }
  return Object.entries(bits).reduce((sum, [name, bit]) => (text.includes(name) ? sum | bit : sum), 0)
}

/** `S_ISUID|S_IXUSR` as bits. */
function modeBits(text: string): number {
  const bits: Readonly<Record<string, number>> = { S_ISUID: 0o4000, S_ISGID: 0o2000, S_IXUSR: 0o100, S_IXGRP: 0o10, S_IXOTH: 0o1 }
  return Object.entries(bits).reduce((sum, [name, bit]) => (text.includes(name) ? sum | bit : sum), 0o644)
}

/** A whole number that a record can hold; 0 for anything else. */
function whole(text: string): number {
  const value = Math.trunc(Number(text))
  return Number.isSafeInteger(value) ? value : 0
}
