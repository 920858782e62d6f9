// Flags of mount and umount as text, without the prefixes MS_ and MNT_ as rules write them (include/uapi/linux/mount.h, fs.h).
import { bitNames, flagsText, type FlagNames } from './flag-names.js'

const MOUNT_FLAGS = bitNames(
  '',
  'RDONLY NOSUID NODEV NOEXEC SYNCHRONOUS REMOUNT MANDLOCK DIRSYNC NOSYMFOLLOW - NOATIME NODIRATIME BIND MOVE REC SILENT POSIXACL ' +
    'UNBINDABLE PRIVATE SLAVE SHARED RELATIME KERNMOUNT I_VERSION STRICTATIME LAZYTIME - - NOSEC BORN ACTIVE NOUSER',
)
const UMOUNT_FLAGS: FlagNames = bitNames('', 'FORCE DETACH EXPIRE NOFOLLOW')

/** The upper half of mount's flags may hold an old magic number, which says nothing. */
const MAGIC = 0xc0ed
const MAGIC_FACTOR = 0x1_0000

/** Flags of mount. */
export function mountFlagsText(flags: number): string {
  const isMarked = Math.floor(flags / MAGIC_FACTOR) === MAGIC
  return flagsText(isMarked ? flags % MAGIC_FACTOR : flags, MOUNT_FLAGS)
}

/** Flags of umount2. */
export function umountFlagsText(flags: number): string {
  return flagsText(flags, UMOUNT_FLAGS)
}
