// The mounts of a process as /proc/PID/mountinfo lists them. Reads and parses; knows nothing of events.
import { closeSync, openSync, readSync } from 'node:fs'

/** One mount. Paths are byte text: one character per byte. */
export interface MountInfo {
  readonly id: number
  readonly parentId: number
  /** Device number of the file system as the kernel has it: twelve bits of the major and twenty of the minor number. */
  readonly device: number
  /** The folder of the file system that is mounted. */
  readonly root: string
  /** Seen from the root of that process. */
  readonly mountPoint: string
  readonly fsType: string
}

/** The mounts that the host's first process sees. Needs no right: the file is readable by all. */
export const HOST_MOUNTS = '/proc/1/mountinfo'

/** Most bytes and mounts of one namespace: any user can make 100,000 mounts with long paths in a namespace of their own. */
export const MOUNT_INFO_BOUNDS = { bytes: 4 << 20, mounts: 20_000 }

/** A namespace has more mounts than are read. */
export class TooManyMountsError extends Error {}

/** @throws TooManyMountsError above a bound, Error with `code` if the process has ended */
export function readMountInfo(path = HOST_MOUNTS, { bytes, mounts }: typeof MOUNT_INFO_BOUNDS = MOUNT_INFO_BOUNDS): MountInfo[] {
  const found = parseMountInfo(readUpTo(path, bytes))
  if (found.length > mounts) throw new TooManyMountsError(`${path} has more than ${String(mounts)} mounts`)
  return found
}

function readUpTo(path: string, bytes: number): string {
  const file = openSync(path, 'r')
  const parts: string[] = []
  const part = Buffer.allocUnsafe(1 << 16)
  try {
    for (let left = bytes; ;) {
      const got = readSync(file, part)
      if (got === 0) return parts.join('')
      left -= got
      if (left < 0) throw new TooManyMountsError(`${path} has more than ${String(bytes)} bytes`)
      parts.push(part.toString('latin1', 0, got))
    }
  } finally {
    closeSync(file)
  }
}

/** Lines that are no mounts are left out. @see proc_pid_mountinfo(5) */
export function parseMountInfo(text: string): MountInfo[] {
  return text.split('\n').flatMap((line) => {
    const [mount = '', source = ''] = line.split(' - ', 2)
    const [id = '', parentId = '', device = '', root, mountPoint] = mount.split(' ')
    const [, major = '', minor = ''] = /^(\d+):(\d+)$/.exec(device) ?? []
    if (minor === '' || root === undefined || mountPoint === undefined) return []
    return {
      id: Number(id),
      parentId: Number(parentId),
      device: Number(major) * 2 ** 20 + Number(minor),
      root: unescape(root),
      mountPoint: unescape(mountPoint),
      fsType: source.split(' ', 1)[0] ?? '',
    }
  })
}

/** Spaces, tabs, line breaks and backslashes are written as octal numbers. @see mangle() in fs/proc_namespace.c */
function unescape(text: string): string {
  return text.includes('\\') ? text.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(parseInt(octal, 8))) : text
}

/** The mount that is the root of that process: not one mounted over it later. Null when its root is no top of a mount. */
export function rootMountOf(mounts: readonly MountInfo[]): MountInfo | null {
  const roots = mounts.filter(({ mountPoint }) => mountPoint === '/')
  const ids = new Set(roots.map(({ id }) => id))
  return roots.find(({ parentId }) => !ids.has(parentId)) ?? null
}
