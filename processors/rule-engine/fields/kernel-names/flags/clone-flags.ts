// Flags of clone, unshare and setns as text (include/uapi/linux/sched.h). The lowest byte of clone's flags is a signal and has no name.
import { flagsText, type FlagNames } from './flag-names.js'

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
