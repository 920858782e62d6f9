// A fresh cgroup for one test: its id distinguishes what runs in it from everything else on the machine.
import { mkdirSync, readFileSync, rmdirSync, statSync } from 'node:fs'
import { join } from 'node:path'

/** A cgroup made for a test. */
export interface CgroupFolder {
  readonly path: string
  /** Where a process writes "0" to enter. */
  readonly procs: string
  /** What the kernel calls its id: the inode of its folder. */
  readonly id: bigint
  remove(): void
}

let made = 0

/** Mount point of the v2 hierarchy, or of the v1 controller `controller`; undefined when there is none. */
export function cgroupMount(controller?: string): string | undefined {
  for (const line of readFileSync('/proc/mounts', 'utf8').split('\n')) {
    const [, path, type, options = ''] = line.split(' ')
    if (controller === undefined ? type === 'cgroup2' : type === 'cgroup' && options.split(',').includes(controller)) return path
  }
  return undefined
}

/** Makes a cgroup below `mount` (default: the v2 hierarchy's). */
export function makeCgroup(mount = cgroupMount(), name = `eunomia-test-${process.pid}-${++made}`): CgroupFolder {
  if (mount === undefined) throw new Error('no cgroup hierarchy is mounted')
  const path = join(mount, name)
  mkdirSync(path)
  return { path, procs: join(path, 'cgroup.procs'), id: statSync(path, { bigint: true }).ino, remove: () => rmdirSync(path) }
}
