// Flags of the calls on files as text: opens (`O_RDWR|O_CREAT`, numbers of x86-64), calls that take paths, file modes, mounts.
// @see include/uapi/asm-generic/fcntl.h, include/uapi/linux/fcntl.h, openat2.h, fs.h, mount.h
import { flagsText, type FlagNames, bitNames } from './flag-names.js'

const ACCESS_MODE = 0o3
const ACCESS_MODES = ['O_RDONLY', 'O_WRONLY', 'O_RDWR'] as const

/** Bits in the order in which they are written. O_TMPFILE and O_SYNC contain bits of others, so they come first. */
const FLAG_BITS: readonly (readonly [name: string, bits: number])[] = [
  ['O_CREAT', 0o100],
  ['O_APPEND', 0o2000],
  ['O_DSYNC', 0o10000],
  ['O_EXCL', 0o200],
  ['O_NONBLOCK', 0o4000],
  ['O_SYNC', 0o4010000],
  ['O_TRUNC', 0o1000],
  ['O_DIRECT', 0o40000],
  ['O_DIRECTORY', 0o200000],
  ['O_LARGEFILE', 0o100000],
  ['O_CLOEXEC', 0o2000000],
  ['O_NOFOLLOW', 0o400000],
  ['O_NOATIME', 0o1000000],
  ['O_NOCTTY', 0o400],
  ['O_PATH', 0o10000000],
  ['O_TMPFILE', 0o20200000],
]

/**
 * @param flags as passed to the system call
 * @param isCreated the call created the file: Falco adds O_F_CREATED, which is not a kernel flag
 */
export function openFlagsText(flags: number, isCreated = false): string {
  const names: string[] = [ACCESS_MODES[flags & ACCESS_MODE] ?? 'O_WRONLY|O_RDWR']
  for (const [name, bits] of FLAG_BITS) if ((flags & bits) === bits) names.push(name)
  if (isCreated) names.push('O_F_CREATED')
  return names.includes('O_TMPFILE') ? names.filter((name) => name !== 'O_DIRECTORY').join('|') : names.join('|')
}

/** Means the working directory where a call takes a folder descriptor. */
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
const XATTR: FlagNames = [
  ['XATTR_CREATE', 1],
  ['XATTR_REPLACE', 2],
]

const BY_CALL: Readonly<Record<string, FlagNames>> = {
  unlinkat: UNLINKAT,
  linkat: LINKAT,
  renameat2: RENAMEAT2,
  fchownat: NOFOLLOW,
  fchmodat2: NOFOLLOW,
  execveat: NOFOLLOW,
  utimensat: NOFOLLOW,
  setxattrat: NOFOLLOW,
  removexattrat: NOFOLLOW,
  setxattr: XATTR,
  lsetxattr: XATTR,
  fsetxattr: XATTR,
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

const PERMISSION_BITS = bitNames('S_I', 'XOTH WOTH ROTH XGRP WGRP RGRP XUSR WUSR RUSR SVTX SGID SUID')
const TYPE_MASK = 0o170000
const TYPE_NAMES: ReadonlyMap<number, string> = new Map([
  [0o140000, 'S_IFSOCK'],
  [0o120000, 'S_IFLNK'],
  [0o100000, 'S_IFREG'],
  [0o060000, 'S_IFBLK'],
  [0o040000, 'S_IFDIR'],
  [0o020000, 'S_IFCHR'],
  [0o010000, 'S_IFIFO'],
])

/** @param mode permission bits, possibly with the file type */
export function modeText(mode: number): string {
  const type = TYPE_NAMES.get(mode & TYPE_MASK)
  const bits = flagsText(mode & ~TYPE_MASK, PERMISSION_BITS)
  return [bits, type].filter((part) => part !== undefined && part !== '').join('|')
}

/** `0644`; `0` for none. */
export function octalText(mode: number): string {
  return mode === 0 ? '0' : `0${mode.toString(8)}`
}

const MOUNT_FLAGS = bitNames(
  '',
  'RDONLY NOSUID NODEV NOEXEC SYNCHRONOUS REMOUNT MANDLOCK DIRSYNC NOSYMFOLLOW - NOATIME NODIRATIME BIND MOVE REC SILENT POSIXACL ' +
    'UNBINDABLE PRIVATE SLAVE SHARED RELATIME KERNMOUNT I_VERSION STRICTATIME LAZYTIME - - NOSEC BORN ACTIVE NOUSER',
)
const UMOUNT_FLAGS: FlagNames = bitNames('', 'FORCE DETACH EXPIRE NOFOLLOW')

/** The upper half of mount's flags may hold an old magic number, which is meaningless. */
const MAGIC = 0xc0ed
const MAGIC_FACTOR = 0x1_0000

/** Flags of mount. */
export function mountFlagsText(flags: number): string {
  const isMarked = Math.floor(flags / MAGIC_FACTOR) === MAGIC
  return flagsText(isMarked ? flags % MAGIC_FACTOR : flags, MOUNT_FLAGS)
}

const OPEN_TREE: FlagNames = [
  ['OPEN_TREE_CLONE', 1],
  ['AT_SYMLINK_NOFOLLOW', AT_SYMLINK_NOFOLLOW],
  ['AT_NO_AUTOMOUNT', 0x800],
  ['AT_EMPTY_PATH', AT_EMPTY_PATH],
  ['AT_RECURSIVE', 0x8000],
  ['OPEN_TREE_CLOEXEC', 0o2000000],
]
const MOUNT_ATTRIBUTES: FlagNames = [
  ...bitNames('MOUNT_ATTR_', 'RDONLY NOSUID NODEV NOEXEC NOATIME STRICTATIME - NODIRATIME'),
  ['MOUNT_ATTR_IDMAP', 0x10_0000],
  ['MOUNT_ATTR_NOSYMFOLLOW', 0x20_0000],
]

/** Flags of open_tree and mount_setattr. */
export function openTreeFlagsText(flags: number): string {
  return flagsText(flags, OPEN_TREE)
}

/** Attributes that mount_setattr and open_tree_attr set. */
export function mountAttributesText(attributes: number): string {
  return flagsText(attributes, MOUNT_ATTRIBUTES)
}

/** Flags of umount2. */
export function umountFlagsText(flags: number): string {
  return flagsText(flags, UMOUNT_FLAGS)
}
