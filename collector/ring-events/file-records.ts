// Records of files: struct open_event of bpf/record/event.h, by far the most frequent record, and struct file_change_event.
import {
  FILE_CHANGE_EVENT_ARGUMENT_LENGTH,
  FILE_CHANGE_EVENT_BYTES,
  FILE_CHANGE_EVENT_DEVICE,
  FILE_CHANGE_EVENT_FLAGS,
  FILE_CHANGE_EVENT_FOLDER,
  FILE_CHANGE_EVENT_GID,
  FILE_CHANGE_EVENT_INODE,
  FILE_CHANGE_EVENT_MODE,
  FILE_CHANGE_EVENT_NEW_ARGUMENT_LENGTH,
  FILE_CHANGE_EVENT_NEW_FOLDER,
  FILE_CHANGE_EVENT_NEW_PATH_LENGTH,
  FILE_CHANGE_EVENT_NEW_TEXT_FLAGS,
  FILE_CHANGE_EVENT_PATH_LENGTH,
  FILE_CHANGE_EVENT_TEXT_FLAGS,
  FILE_CHANGE_EVENT_UID,
  OPEN_CREATED,
  OPEN_EVENT_ARGUMENT_LENGTH,
  OPEN_EVENT_BYTES,
  OPEN_EVENT_DEVICE,
  OPEN_EVENT_FLAGS,
  OPEN_EVENT_INODE,
  OPEN_EVENT_MODE,
  OPEN_EVENT_OPEN_FLAGS,
  OPEN_EVENT_PATH_LENGTH,
  OPEN_EVENT_TEXT_FLAGS,
  OPEN_HAS_TICKET,
  OPEN_WAY,
} from '../../native/generated/layout.js'
import { low52BitsAt } from './event-header.js'
import { PathSpan } from './record-texts.js'

const TICKET_BYTES = 8

/** struct open_event: KIND_OPEN. header.result is the descriptor or a negative errno. */
export class OpenRecord {
  /** open(2) flags; of openat2's 64 bits the low 52. */
  flags = 0
  inodeLow = 0
  inodeHigh = 0
  device = 0
  mode = 0
  isCreated = false
  /** The record has a ticket, by which the verdict on its path is returned to the probes. */
  hasTicket = false
  ticketLow = 0
  ticketHigh = 0
  readonly path = new PathSpan()

  /** The ticket follows the texts. */
  #readTicket(view: DataView, end: number): boolean {
    const at = this.path.argumentEnd
    if (at + TICKET_BYTES > end) return false
    this.ticketLow = view.getUint32(at, true)
    this.ticketHigh = view.getUint32(at + 4, true)
    return true
  }

  /** Reads the record at `at`. @returns false when it is malformed */
  read(bytes: Uint8Array, view: DataView, at: number, length: number): boolean {
    if (length < OPEN_EVENT_BYTES) return false
    this.flags = low52BitsAt(view, at + OPEN_EVENT_FLAGS)
    this.inodeLow = view.getUint32(at + OPEN_EVENT_INODE, true)
    this.inodeHigh = view.getUint32(at + OPEN_EVENT_INODE + 4, true)
    this.device = view.getUint32(at + OPEN_EVENT_DEVICE, true)
    this.mode = view.getUint32(at + OPEN_EVENT_MODE, true)
    const openFlags = view.getUint32(at + OPEN_EVENT_OPEN_FLAGS, true)
    this.isCreated = (openFlags & OPEN_CREATED) !== 0
    this.hasTicket = (openFlags & OPEN_HAS_TICKET) !== 0
    const { path } = this
    path.set(
      at + OPEN_EVENT_BYTES,
      view.getUint32(at + OPEN_EVENT_PATH_LENGTH, true),
      view.getUint32(at + OPEN_EVENT_ARGUMENT_LENGTH, true),
      view.getUint32(at + OPEN_EVENT_TEXT_FLAGS, true),
    )
    return path.argumentEnd <= at + length && path.isWhole(bytes) && (!this.hasTicket || this.#readTicket(view, at + length))
  }
}

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

/** struct file_change_event: KIND_RENAME to KIND_RMDIR. */
export class FileChangeRecord {
  flags = 0
  inodeLow = 0
  inodeHigh = 0
  device = 0
  mode = 0
  uid = 0
  gid = 0
  folder = 0
  newFolder = 0
  readonly path = new PathSpan()
  /** The new name of a rename or link; for a symlink its target, which is a text, not a path. */
  readonly newPath = new PathSpan()

  /** Reads the record at `at`. @returns false when it is malformed */
  read(bytes: Uint8Array, view: DataView, at: number, length: number): boolean {
    if (length < FILE_CHANGE_EVENT_BYTES) return false
    const u32 = (offset: number): number => view.getUint32(at + offset, true)
    this.flags = low52BitsAt(view, at + FILE_CHANGE_EVENT_FLAGS)
    this.inodeLow = u32(FILE_CHANGE_EVENT_INODE)
    this.inodeHigh = u32(FILE_CHANGE_EVENT_INODE + 4)
    this.device = u32(FILE_CHANGE_EVENT_DEVICE)
    this.mode = u32(FILE_CHANGE_EVENT_MODE)
    this.uid = u32(FILE_CHANGE_EVENT_UID)
    this.gid = u32(FILE_CHANGE_EVENT_GID)
    this.folder = view.getInt32(at + FILE_CHANGE_EVENT_FOLDER, true)
    this.newFolder = view.getInt32(at + FILE_CHANGE_EVENT_NEW_FOLDER, true)
    const start = at + FILE_CHANGE_EVENT_BYTES
    const { path, newPath } = this
    path.set(start, u32(FILE_CHANGE_EVENT_PATH_LENGTH), u32(FILE_CHANGE_EVENT_ARGUMENT_LENGTH), u32(FILE_CHANGE_EVENT_TEXT_FLAGS))
    newPath.set(
      path.argumentEnd,
      u32(FILE_CHANGE_EVENT_NEW_PATH_LENGTH),
      u32(FILE_CHANGE_EVENT_NEW_ARGUMENT_LENGTH),
      u32(FILE_CHANGE_EVENT_NEW_TEXT_FLAGS),
    )
    return newPath.argumentEnd <= at + length && path.isWhole(bytes) && newPath.isWhole(bytes)
  }
}
