// The type of a descriptor: from the kind of its inode, the family of its socket, and the name of files without a folder.
import type { DescriptorType } from '../../schemas/generated/types.js'

// include/uapi/linux/stat.h
const S_IFMT = 0o170000
const BY_MODE: ReadonlyMap<number, DescriptorType> = new Map([
  [0o010000, 'pipe'],
  [0o020000, 'character_device'],
  [0o040000, 'directory'],
  [0o060000, 'block_device'],
  [0o100000, 'file'],
])
const S_IFSOCK = 0o140000

// include/linux/socket.h
const BY_FAMILY: ReadonlyMap<number, DescriptorType> = new Map([
  [1, 'unix'],
  [2, 'ipv4'],
  [10, 'ipv6'],
  [16, 'netlink'],
  [17, 'packet'],
])

/** Kernel names of anon_inodefs files, and the prefix of memfd names. */
const BY_NAME: readonly (readonly [name: string, type: DescriptorType])[] = [
  ['memfd:', 'memfd'],
  ['[eventfd', 'eventfd'],
  ['[eventpoll', 'eventpoll'],
  ['inotify', 'inotify'],
  ['[signalfd', 'signalfd'],
  ['[timerfd', 'timerfd'],
  ['bpf', 'bpf'],
  ['[io_uring', 'io_uring'],
  ['[userfaultfd', 'userfaultfd'],
  ['[pidfd', 'pidfd'],
]

/**
 * @param mode i_mode; 0 when there is no such file
 * @param family AF_* of its socket
 * @param looseName name of a file without a folder; null for one with a path
 */
export function descriptorTypeOf(mode: number, family: number, looseName: string | null): DescriptorType | null {
  if (mode === 0 && looseName === null) return null
  const kind = mode & S_IFMT
  if (kind === S_IFSOCK) return BY_FAMILY.get(family) ?? 'socket'
  // Since 6.16 anonymous files have the mode of regular files, so the name is checked first.
  const named = looseName === null ? undefined : BY_NAME.find(([name]) => looseName.startsWith(name))
  return named?.[1] ?? BY_MODE.get(kind) ?? 'other'
}
