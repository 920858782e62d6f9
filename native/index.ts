// The only loader of the addons: eunomia.node needs libbpf, regex.node needs libre2. Both are Node-API: one build runs on every version of Node.
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { isMainThread } from 'node:worker_threads'
import { EunomiaError, messageOf } from '../infra/process/errors.js'
import { packageRoot } from '../infra/process/package-root.js'
import type { Addon, PathHandle, RegexAddon } from './addon.js'
import { LAYOUT_HASH } from './generated/layout.js'

const load = createRequire(import.meta.url)

/**
 * The compiled addon of the kernel: needs libbpf. Not for worker threads: its C++ wrappers throw, and so end the process, when a worker is
 * terminated during a call; a session belongs to the whole process anyway, as do privileges.
 * @throws KernelAddonRefusedError in a worker thread, and when it was built from other headers than this program
 */
export function loadAddon(): Addon {
  if (!isMainThread)
    throw new KernelAddonRefusedError(
      'probes, pins and privileges belong to the main thread: the addon of the kernel does not load in a worker thread',
    )
  const path = addonPath('eunomia')
  return checkVersion(load(path) as Addon, path)
}

/** @throws KernelAddonRefusedError for an addon that reads other layouts than ours */
export function checkVersion<Loaded extends { readonly layoutHash?: number }>(addon: Loaded, path: string): Loaded {
  if (addon.layoutHash === LAYOUT_HASH) return addon
  throw new KernelAddonRefusedError(`${path} is of another version (run the set-up again: npm run setup)`)
}

/** The compiled addon of regular expressions: needs libre2. */
export function loadRegexAddon(): RegexAddon {
  const path = addonPath('regex')
  try {
    return load(path) as RegexAddon
  } catch (cause) {
    throw new RegexUnavailableError(`regular expressions can't be compiled: ${REGEX_NEEDS} (${messageOf(cause)})`, { cause })
  }
}

/** The addon of the kernel was requested in a worker thread, or is of another version. */
export class KernelAddonRefusedError extends EunomiaError {
  static override readonly code = 'EUNOMIA_PROBE_UNAVAILABLE'
}

const REGEX_NEEDS = 'apt-get install libre2-dev g++ make (in an image, libre2-11 is enough), then npm run build'

/** The addon of regular expressions can't be loaded; the message says what it needs. */
export class RegexUnavailableError extends EunomiaError {
  static override readonly code = 'EUNOMIA_REGEX_UNAVAILABLE'
}

/** Where an addon is built. */
export function addonPath(name: 'eunomia' | 'regex'): string {
  return join(packageRoot(), `native/build/Release/${name}.node`)
}

/**
 * Takes an exclusive lock on a folder that is ours and closed to others. It ends with the process.
 * @returns its descriptor; closing it releases the lock @throws Error with `errno`: EWOULDBLOCK (11) when another process holds it
 */
export function lockFolder(path: string): number {
  return loadAddon().lockFolder(path)
}

/**
 * Folder of the cgroup with this id in a mounted hierarchy: at once, however many cgroups there are. Needs CAP_DAC_READ_SEARCH and Linux 5.5.
 * @returns null when there is none, or the kernel does not allow it
 */
export function cgroupFolder(mountPoint: string, cgroupId: bigint): string | null {
  return loadAddon().cgroupPath(mountPoint, cgroupId) ?? null
}

/** Follows a link such as /proc/PID/exe without a call to the file system of its target. @returns null when there is no target */
export function resolveLink(link: Uint8Array): PathHandle | null {
  return loadAddon().resolvePath(link) ?? null
}

/**
 * Resolves a path below a root, as a process with this root would, but in the kernel's cache only: no file system is called and nothing is mounted.
 * Does not follow a symbolic link in the last component.
 * @returns null for what does not exist or is not cached
 * @see openat2(2), RESOLVE_CACHED
 */
export function resolveBelow(root: Uint8Array, path: Uint8Array): PathHandle | null {
  return loadAddon().resolvePath(path, root) ?? null
}

/**
 * Reads a file of /proc that shows memory of another process. Such a process can hold up who reads it, for ever; not so here.
 * @returns null when it can't be read; `blocked` when that did not end within deadlineMs
 */
export function readOfOther(path: string, maxBytes: number, deadlineMs: number): Uint8Array | 'blocked' | null {
  const bytes = loadAddon().readGuarded(path, maxBytes, deadlineMs)
  return bytes === undefined ? 'blocked' : bytes
}
