// Walks a mounted cgroup hierarchy: id (inode) and path of every cgroup. Asynchronous, one folder at a time, so that the event loop continues.
import { opendir, stat } from 'node:fs/promises'
import { join, relative } from 'node:path'
import type { CgroupHierarchy } from './cgroup-hierarchies.js'

/** A cgroup found by the walk. */
export interface WalkedCgroup {
  readonly cgroupId: bigint
  /** Below the root of the hierarchy. */
  readonly path: string
}

/**
 * Yields every cgroup of the hierarchy, parents first, including the root. Cgroups that are removed meanwhile are skipped.
 * @param maxCgroups the walk ends after this many
 */
export async function* walkCgroups(hierarchy: CgroupHierarchy, maxCgroups: number, signal: AbortSignal): AsyncGenerator<WalkedCgroup> {
  const folders = ['']
  let yielded = 0
  for (let next = 0; next < folders.length; next++) {
    const below = folders[next] ?? ''
    const folder = join(hierarchy.mountPoint, below)
    const cgroupId = await inodeOf(folder)
    if (signal.aborted || yielded === maxCgroups) return
    if (cgroupId === null) continue
    yielded++
    yield { cgroupId, path: pathBelow(hierarchy.rootPath, below) }
    for (const name of await childrenOf(folder)) folders.push(`${below}/${name}`)
  }
}

/** Id of the cgroup at exactly this path below the root of the hierarchy; null when there is none. */
export async function cgroupIdAt({ mountPoint, rootPath }: CgroupHierarchy, path: string): Promise<bigint | null> {
  return await inodeOf(join(mountPoint, relative(rootPath, path)))
}

function pathBelow(rootPath: string, below: string): string {
  const path = `${rootPath === '/' ? '' : rootPath}${below}`
  return path === '' ? '/' : path
}

async function inodeOf(folder: string): Promise<bigint | null> {
  try {
    return (await stat(folder, { bigint: true })).ino
  } catch {
    return null
  }
}

async function childrenOf(folder: string): Promise<string[]> {
  const names: string[] = []
  try {
    for await (const entry of await opendir(folder, { bufferSize: 128 })) if (entry.isDirectory()) names.push(entry.name)
  } catch {
    // removed while it was read: the names read so far may still exist
  }
  return names
}
