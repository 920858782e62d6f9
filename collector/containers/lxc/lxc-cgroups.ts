// LXC containers as their cgroups show them: LXC has no daemon and no API, and a container has a cgroup exactly while it runs.
// Only cgroups directly below the root of a hierarchy count (`lxc.payload.NAME`), or below `/lxc` (`NAME`): there only root may make one.
// Those of LXC without root lie below their user's slice, where the user may make any name, and stay claims.
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { MAX_PID } from '../facts/facts-bounds.js'

/** Prefix of a payload's cgroup. */
export const PAYLOAD_PREFIX = 'lxc.payload.'
/** Parent of payloads in older layouts. */
export const LXC_PARENT = 'lxc'

const MAX_FOLDERS = 64
const MAX_PIDS = 512

/** Whether LXC may call a container so. */
export function isLxcName(name: string): boolean {
  return name !== '' && name !== '.' && name !== '..' && !name.includes('/') && Buffer.byteLength(name) <= 255
}

/** Paths that a container's own cgroup may have. */
export function lxcCgroupPaths(name: string): readonly string[] {
  return name.startsWith('lxc.') ? [`/${PAYLOAD_PREFIX}${name}`] : [`/${PAYLOAD_PREFIX}${name}`, `/${LXC_PARENT}/${name}`]
}

/** Names of the containers below the root of a hierarchy, at most `max`; an empty list when it can't be read. */
export async function lxcNames(mountPoint: string, max: number): Promise<{ readonly names: readonly string[]; readonly cut: number }> {
  const payloads = (await folders(mountPoint)).filter((name) => name.startsWith(PAYLOAD_PREFIX))
  const children = (await folders(join(mountPoint, LXC_PARENT))).filter((name) => !name.startsWith('lxc.'))
  const names = [...payloads.map((name) => name.slice(PAYLOAD_PREFIX.length)).filter((name) => name !== ''), ...children]
  return { names: names.slice(0, max), cut: Math.max(0, names.length - max) }
}

/** The first process in or below a cgroup, in the host namespace: pid 1 of a pid namespace, else the lowest pid; null for none. */
export async function firstProcess(folder: string): Promise<number | null> {
  const waiting = [folder]
  let lowest: number | null = null
  let looked = 0
  for (let count = 0; count < MAX_FOLDERS; count++) {
    const next = waiting.shift()
    if (next === undefined) break
    for (const pid of await pidsIn(next)) {
      if (looked++ >= MAX_PIDS) return lowest
      if (await isInit(pid)) return pid
      lowest = Math.min(lowest ?? pid, pid)
    }
    for (const name of await folders(next)) waiting.push(join(next, name))
  }
  return lowest
}

async function folders(path: string): Promise<string[]> {
  const entries = await readdir(path, { withFileTypes: true }).catch(() => [])
  return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name)
}

async function pidsIn(folder: string): Promise<number[]> {
  const text = await readFile(join(folder, 'cgroup.procs'), 'utf8').catch(() => '')
  return text
    .split('\n')
    .map(Number)
    .filter((pid) => Number.isInteger(pid) && pid > 0 && pid <= MAX_PID)
}

async function isInit(pid: number): Promise<boolean> {
  const status = await readFile(`/proc/${String(pid)}/status`, 'utf8').catch(() => '')
  return /^NSpid:\t\d+(?:\t\d+)*\t1$/m.test(status)
}
