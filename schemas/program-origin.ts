// What the facts of an executable prove about its origin. Names prove nothing: a file, a process and an argument are named by who makes them.
// The collector decides with it which copies of programs keep the origin of the program; rules read it as fields.
import { EXE_FLAGS } from './generated/exe-flags.js'

/**
 * host: a file of the host's own system, in its view of the files, that only its root can change. image: a file of the image that a runtime
 * mounted for a container, which nobody changed since. Each without variables that load other code into it. A script has none: all that is known of it is its path as given.
 */
export type ProgramOrigin = 'host' | 'image'

/** What {@link originOf} needs to know. */
export interface ProgramFacts {
  /** Bits of EXE_FLAGS. */
  readonly flags: number
  /** Path of the executable as its process sees it. */
  readonly exePath: string | null
  /** Path of the script, or of what was copied. */
  readonly program: string | null
  /** The process, or the one whose ancestor it is, is or may be in a container. */
  readonly isInContainer: boolean
}

/** Where systems keep installed programs. All are writable by root only. */
export const SYSTEM_FOLDERS = [
  '/usr',
  '/bin',
  '/sbin',
  '/lib',
  '/lib32',
  '/lib64',
  '/opt',
  '/etc',
  '/snap',
  '/nix/store',
  '/gnu/store',
  '/var/lib/dpkg/info',
  '/var/lib/rancher',
  '/var/lib/snapd',
] as const

const { known, local, lowerLayer, rootOwned, hostRoot, hostNamespace, rootNamespace, interpreted, steered } = EXE_FLAGS
const { sharedWrite, unlinked, mountRoot, foreignMount, memfd, copy, hostMounted } = EXE_FLAGS

const ALWAYS = known | local
const NEVER = sharedWrite | unlinked | mountRoot | foreignMount | memfd | steered | interpreted
const HOST = ALWAYS | rootOwned | hostRoot | rootNamespace
// Root in a container may mount overlays of layers of its choice, but not on the host, where runtimes mount theirs.
const IMAGE = ALWAYS | lowerLayer | hostMounted

/** The origin that the facts prove; null for none. */
export function originOf({ flags, exePath, program, isInContainer }: ProgramFacts): ProgramOrigin | null {
  const origin = originByFlags(flags, isInContainer)
  return origin !== null && isInSystem(isCopied(flags) ? program : exePath) ? origin : null
}

/** What runs is a copy of its `program`. */
export const isCopied = (flags: number): boolean => (flags & copy) !== 0

/** The origin of a file that is in a system folder; null for no proof. */
export function originByFlags(flags: number, isInContainer: boolean): ProgramOrigin | null {
  if ((flags & (isCopied(flags) ? NEVER & ~memfd : NEVER)) !== 0) return null
  if ((flags & hostRoot) === 0) return (flags & IMAGE) === IMAGE ? 'image' : null
  // A container that the host's root folder is mounted in can make that its own.
  const needed = isInContainer ? HOST | hostNamespace : HOST
  return (flags & needed) === needed ? 'host' : null
}

/** File name of what runs: of the script or the copied program, else of the executable. */
export function programName(exePath: string | null, program: string | null): string {
  const path = program ?? exePath ?? ''
  return path.slice(path.lastIndexOf('/') + 1)
}

/** A path as given may lead back out of a folder by its dots. */
function isInSystem(path: string | null): boolean {
  if (path === null || path.includes('/../') || path.endsWith('/..')) return false
  return SYSTEM_FOLDERS.some((folder) => path.startsWith(`${folder}/`))
}
