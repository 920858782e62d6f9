// What a file is opened for, from the flags of the call: as events tell it, and as filters ask it.
import { OPEN_WAY } from '../../native/kernel-filters.js'

// @see include/uapi/asm-generic/fcntl.h
const O_ACCMODE = 3
const O_WRONLY = 1
const O_RDWR = 2
const O_PATH = 0o10000000

/** Bits of OPEN_WAY. A descriptor of O_PATH can neither read nor write. @param flags their low 32 bits */
export function openWay(flags: number, isCreated: boolean): number {
  const access = (flags & O_PATH) === 0 ? flags & O_ACCMODE : O_ACCMODE
  return (
    (access === 0 || access === O_RDWR ? OPEN_WAY.read : 0) |
    (access === O_WRONLY || access === O_RDWR ? OPEN_WAY.write : 0) |
    (isCreated ? OPEN_WAY.created : 0)
  )
}
