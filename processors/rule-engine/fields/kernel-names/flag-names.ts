// Bit sets as text, as rules write them: `CLONE_NEWNS|CLONE_NEWPID`. Holds the conversion, and the flags of clone, unshare and setns
// (include/uapi/linux/sched.h), memfd_create (memfd.h) and finit_module (module.h). File flags are in file-flags.ts.

/** Names of bits in output order. A name of several bits comes before the names that it contains. */
export type FlagNames = readonly (readonly [name: string, bits: number])[]

/** Bits may be above 2^31 (clone3), so this uses plain arithmetic instead of 32-bit operators. */
function holds(value: number, bits: number): boolean {
  const high = Math.floor(bits / 2 ** 32)
  const low = bits % 2 ** 32
  return (Math.floor(value / 2 ** 32) & high) === high && (value & low) >>> 0 === low
}

/**
 * @param value bits, below 2^53; a negative one has no names
 * @returns names joined by `|`; empty if no bit has a name
 */
export function flagsText(value: number, names: FlagNames): string {
  const found: string[] = []
  if (value <= 0) return ''
  let rest = value
  for (const [name, bits] of names) {
    if (bits === 0 || !holds(rest, bits)) continue
    found.push(name)
    rest -= bits
  }
  return found.join('|')
}

/** A table from names with single bits, counted from bit 0; `-` leaves a bit out. */
export function bitNames(prefix: string, names: string): FlagNames {
  return names.split(' ').flatMap((name, bit): [string, number][] => (name === '-' ? [] : [[`${prefix}${name}`, 2 ** bit]]))
}

const CLONE_FLAGS: FlagNames = [
  ['CLONE_FILES', 0x400],
  ['CLONE_FS', 0x200],
  ['CLONE_IO', 0x8000_0000],
  ['CLONE_NEWIPC', 0x800_0000],
  ['CLONE_NEWNET', 0x4000_0000],
  ['CLONE_NEWNS', 0x2_0000],
  ['CLONE_NEWPID', 0x2000_0000],
  ['CLONE_NEWUTS', 0x400_0000],
  ['CLONE_PARENT', 0x8000],
  ['CLONE_PARENT_SETTID', 0x10_0000],
  ['CLONE_PTRACE', 0x2000],
  ['CLONE_SIGHAND', 0x800],
  ['CLONE_SYSVSEM', 0x4_0000],
  ['CLONE_THREAD', 0x1_0000],
  ['CLONE_UNTRACED', 0x80_0000],
  ['CLONE_VM', 0x100],
  ['CLONE_NEWUSER', 0x1000_0000],
  ['CLONE_CHILD_CLEARTID', 0x20_0000],
  ['CLONE_CHILD_SETTID', 0x100_0000],
  ['CLONE_SETTLS', 0x8_0000],
  ['CLONE_VFORK', 0x4000],
  ['CLONE_NEWCGROUP', 0x200_0000],
  ['CLONE_CLEAR_SIGHAND', 0x1_0000_0000],
  ['CLONE_INTO_CGROUP', 0x2_0000_0000],
]

/** CLONE_NEWTIME shares its bit with the signal of clone; only unshare, setns and clone3 mean it. */
const NAMESPACE_FLAGS: FlagNames = [...CLONE_FLAGS, ['CLONE_NEWTIME', 0x80]]

/** Flags of clone; a signal in the lowest byte has no name. */
export function cloneFlagsText(flags: number): string {
  return flagsText(flags, CLONE_FLAGS)
}

/** Flags of unshare, and the type of namespace of setns. */
export function namespaceFlagsText(flags: number): string {
  return flagsText(flags, NAMESPACE_FLAGS)
}

const MEMORY_FILE = bitNames('MFD_', 'CLOEXEC ALLOW_SEALING HUGETLB NOEXEC_SEAL EXEC')
const MODULE = bitNames('MODULE_INIT_', 'IGNORE_MODVERSIONS IGNORE_VERMAGIC COMPRESSED_FILE')

/** Flags of memfd_create. */
export function memoryFileFlagsText(flags: number): string {
  return flagsText(flags, MEMORY_FILE)
}

/** Flags of finit_module. */
export function moduleFlagsText(flags: number): string {
  return flagsText(flags, MODULE)
}
