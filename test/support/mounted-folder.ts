// Removes folders of tests below which something may be mounted: a folder of the host that is still bound there would be emptied.
import { spawnSync } from 'node:child_process'
import { parseMountInfo } from '../../infra/process/mount-info.js'
import { readFileSync } from 'node:fs'

/** What is mounted at a folder or below it, the innermost last. Byte text. */
function mountsBelow(folder: string): string[] {
  const own = Buffer.from(folder).toString('latin1')
  return parseMountInfo(readFileSync('/proc/self/mountinfo', 'latin1'))
    .map(({ mountPoint }) => mountPoint)
    .filter((mountPoint) => mountPoint === own || mountPoint.startsWith(`${own}/`))
}

/** Unmounts everything below a folder, then removes it. @throws Error without removing anything while something is mounted there */
export function removeUnmounted(folder: string): void {
  // Once for each: of several mounts at one place a call takes away the topmost.
  for (const mount of mountsBelow(folder).reverse()) spawnSync('umount', ['--lazy', mount])
  const left = mountsBelow(folder)
  if (left.length > 0) throw new Error(`${folder} is not removed, something is mounted there: ${left.join(', ')}`)
  // Not rmSync: it can't remove what lies deeper than PATH_MAX.
  spawnSync('rm', ['-rf', '--', folder])
}
