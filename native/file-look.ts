// A look at a file that waits for nobody (native/src/process/file_look.cc): where somebody else chose the path, or what lies behind a link of /proc.
import type { FileLook } from './addon.js'
import { loadAddon } from './index.js'

/** Follows a link such as /proc/PID/exe, without asking the file system it leads to. @returns null when it leads nowhere */
export function lookThrough(link: Uint8Array): FileLook | null {
  return loadAddon().lookAtFile(link) ?? null
}

/**
 * Looks a path up below a root, as a process with this root would, but only in the cache of the kernel: nothing is asked of any file system,
 * nothing is mounted. Not through a symbolic link in the last place.
 * @returns null for what is not there, or not in the cache
 * @see openat2(2), RESOLVE_CACHED
 */
export function lookBelow(root: Uint8Array, path: Uint8Array): FileLook | null {
  return loadAddon().lookAtFile(path, root) ?? null
}
