// The compiled project at a place that any user can reach. A checkout below /root is closed to others, and tests run programs as others:
// then the checkout is bound into the temp folder, which shows the same files under a path that is open.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, rmdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { packageRoot } from '../../../infra/process/package-root.js'
import { compiledRoot } from '../runner/tiers.js'

const PREFIX = join(tmpdir(), 'eunomia-reachable-')

/** The compiled root as `userId` can reach it; without one, or where nothing is in the way, compiledRoot(). */
export function reachableRoot(userId?: number): string {
  const own = compiledRoot()
  if (userId === undefined || canRead(userId, join(own, 'cli/main.js'))) return own
  const bound = `${PREFIX}${String(process.pid)}`
  if (!existsSync(bound)) bind(bound)
  return join(bound, relative(packageRoot(), own))
}

function canRead(userId: number, path: string): boolean {
  return spawnSync('test', ['-r', path], { uid: userId, gid: userId }).status === 0
}

function bind(place: string): void {
  removeLeftovers()
  mkdirSync(place)
  const { status, stderr } = spawnSync('mount', ['--bind', packageRoot(), place], { encoding: 'utf8' })
  if (status !== 0) throw new Error(`the checkout can't be bound to ${place}: ${stderr}`)
  process.on('exit', () => unbind(place))
}

function unbind(place: string): void {
  // Lazily: a program that ends right now may still have files open there.
  if (spawnSync('umount', ['--lazy', place]).status === 0) rmdirSync(place)
}

/** What runs that were killed left mounted. */
function removeLeftovers(): void {
  for (const line of readFileSync('/proc/self/mounts', 'utf8').split('\n')) {
    const place = line.split(' ')[1]
    if (place?.startsWith(PREFIX) && !existsSync(`/proc/${place.slice(PREFIX.length)}`)) unbind(place)
  }
}
