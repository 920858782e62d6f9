// Flags of the calls that take paths as text: unlinkat, linkat, renameat2, fchownat, execveat (include/uapi/linux/fcntl.h, fs.h),
// and how openat2 resolves a path (include/uapi/linux/openat2.h).
import { flagsText, type FlagNames } from './flag-names.js'

/** Stands for the working directory where a call takes a folder. */
export const AT_FDCWD = -100
const AT_SYMLINK_NOFOLLOW = 0x100
const AT_EMPTY_PATH = 0x1000

const UNLINKAT: FlagNames = [['AT_REMOVEDIR', 0x200]]
const LINKAT: FlagNames = [
  ['AT_SYMLINK_FOLLOW', 0x400],
  ['AT_EMPTY_PATH', AT_EMPTY_PATH],
]
const RENAMEAT2: FlagNames = [
  ['RENAME_NOREPLACE', 1],
  ['RENAME_EXCHANGE', 2],
  ['RENAME_WHITEOUT', 4],
]
const NOFOLLOW: FlagNames = [
  ['AT_SYMLINK_NOFOLLOW', AT_SYMLINK_NOFOLLOW],
  ['AT_EMPTY_PATH', AT_EMPTY_PATH],
]

const BY_CALL: Readonly<Record<string, FlagNames>> = {
  unlinkat: UNLINKAT,
  linkat: LINKAT,
  renameat2: RENAMEAT2,
  fchownat: NOFOLLOW,
  fchmodat2: NOFOLLOW,
  execveat: NOFOLLOW,
}

/** @param call name of the system call; a call without flags has no text */
export function pathCallFlagsText(call: string, flags: number): string {
  return Object.hasOwn(BY_CALL, call) ? flagsText(flags, BY_CALL[call] ?? []) : ''
}

const RESOLVE: FlagNames = [
  ['RESOLVE_BENEATH', 8],
  ['RESOLVE_IN_ROOT', 0x10],
  ['RESOLVE_NO_MAGICLINKS', 2],
  ['RESOLVE_NO_SYMLINKS', 4],
  ['RESOLVE_NO_XDEV', 1],
  ['RESOLVE_CACHED', 0x20],
]

/** `resolve` of openat2. */
export function resolveFlagsText(flags: number): string {
  return flagsText(flags, RESOLVE)
}
