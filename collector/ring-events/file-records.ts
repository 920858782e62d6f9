// Records of files: struct open_event of bpf/record/event.h, by far the most frequent record, struct file_change_event, and the longer
// struct file_attribute_event.
import {
  ATTRIBUTE_HAS_ACCESS_TIME,
  ATTRIBUTE_HAS_MODIFY_TIME,
  ATTRIBUTE_HAS_SIZE,
  FILE_ATTRIBUTE_EVENT,
  FILE_CHANGE_EVENT,
  KIND,
  OPEN_CREATED,
  OPEN_EVENT,
  OPEN_FLAGS_OF_FILE,
  OPEN_HAS_TICKET,
  OPEN_WAY,
} from '../../native/generated/layout.js'
import { opensSetId } from '../../infra/watch-plan/watch-plan.js'
import { low52BitsAt, signed52BitsAt } from './event-header.js'
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
  /** Of openat2: what the open file says has replaced what the caller had in memory. */
  areFlagsOfFile = false
  /** The record has a ticket, by which the verdict on its path is returned to the probes. */
  hasTicket = false
  ticketLow = 0
  ticketHigh = 0
  readonly path = new PathSpan()

  /** The ticket ends the record. */
  #readTicket(view: DataView, at: number, end: number): boolean {
    if (at + TICKET_BYTES > end) return false
    this.ticketLow = view.getUint32(at, true)
    this.ticketHigh = view.getUint32(at + 4, true)
    return true
  }

  /** Reads the record at `at`. @returns false when it is malformed */
  read(bytes: Uint8Array, view: DataView, at: number, length: number): boolean {
    if (length < OPEN_EVENT.bytes) return false
    this.flags = low52BitsAt(view, at + OPEN_EVENT.flags)
    this.inodeLow = view.getUint32(at + OPEN_EVENT.inode, true)
    this.inodeHigh = view.getUint32(at + OPEN_EVENT.inode + 4, true)
    this.device = view.getUint32(at + OPEN_EVENT.device, true)
    this.mode = view.getUint32(at + OPEN_EVENT.mode, true)
    const openFlags = view.getUint32(at + OPEN_EVENT.openFlags, true)
    this.isCreated = (openFlags & OPEN_CREATED) !== 0
    this.areFlagsOfFile = (openFlags & OPEN_FLAGS_OF_FILE) !== 0
    this.hasTicket = (openFlags & OPEN_HAS_TICKET) !== 0
    const { path } = this
    path.set(
      at + OPEN_EVENT.bytes,
      view.getUint32(at + OPEN_EVENT.pathLength, true),
      view.getUint32(at + OPEN_EVENT.argumentLength, true),
      view.getUint32(at + OPEN_EVENT.textFlags, true),
    )
    const end = at + length
    if (path.argumentEnd > end || !path.isWhole(bytes)) return false
    const placeEnd = path.readPlace(bytes, view, path.argumentEnd, end)
    return placeEnd >= 0 && (!this.hasTicket || this.#readTicket(view, placeEnd, end))
  }
}

// @see include/uapi/asm-generic/fcntl.h
const O_ACCMODE = 3
const O_WRONLY = 1
const O_RDWR = 2
const O_PATH = 0o10000000

/** Bits of OPEN_WAY. A descriptor of O_PATH can neither read nor write. @param flags their low 32 bits @param mode as the call gave it */
export function openWay(flags: number, isCreated: boolean, mode: number): number {
  const access = (flags & O_PATH) === 0 ? flags & O_ACCMODE : O_ACCMODE
  return (
    (access === 0 || access === O_RDWR ? OPEN_WAY.read : 0) |
    (access === O_WRONLY || access === O_RDWR ? OPEN_WAY.write : 0) |
    (isCreated ? OPEN_WAY.created : 0) |
    (opensSetId(flags, isCreated, mode) ? OPEN_WAY.setId : 0)
  )
}

/** KIND_RENAME to KIND_TIMES: struct file_change_event, or struct file_attribute_event, which begins with it. */
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
  /** The new name of a rename or link; for a symlink its target and for an extended attribute its name, which are texts, not paths. */
  readonly newPath = new PathSpan()
  /** Length that truncate set, or bytes of the value of an extended attribute; null for other calls. */
  size: number | null = null
  /** Times that were set, in microseconds since 1970; null for one that was not given. */
  accessUs: number | null = null
  modifyUs: number | null = null

  /** Reads the record at `at`. @returns false when it is malformed */
  read(bytes: Uint8Array, view: DataView, at: number, length: number, kind: number): boolean {
    const hasAttributes = kind >= KIND.truncate
    const fixedBytes = hasAttributes ? FILE_ATTRIBUTE_EVENT.bytes : FILE_CHANGE_EVENT.bytes
    if (length < fixedBytes) return false
    const u32 = (offset: number): number => view.getUint32(at + offset, true)
    this.flags = low52BitsAt(view, at + FILE_CHANGE_EVENT.flags)
    this.inodeLow = u32(FILE_CHANGE_EVENT.inode)
    this.inodeHigh = u32(FILE_CHANGE_EVENT.inode + 4)
    this.device = u32(FILE_CHANGE_EVENT.device)
    this.mode = u32(FILE_CHANGE_EVENT.mode)
    this.uid = u32(FILE_CHANGE_EVENT.uid)
    this.gid = u32(FILE_CHANGE_EVENT.gid)
    this.folder = view.getInt32(at + FILE_CHANGE_EVENT.folder, true)
    this.newFolder = view.getInt32(at + FILE_CHANGE_EVENT.newFolder, true)
    this.#readAttributes(view, at, hasAttributes)
    const start = at + fixedBytes
    const { path, newPath } = this
    path.set(start, u32(FILE_CHANGE_EVENT.pathLength), u32(FILE_CHANGE_EVENT.argumentLength), u32(FILE_CHANGE_EVENT.textFlags))
    newPath.set(
      path.argumentEnd,
      u32(FILE_CHANGE_EVENT.newPathLength),
      u32(FILE_CHANGE_EVENT.newArgumentLength),
      u32(FILE_CHANGE_EVENT.newTextFlags),
    )
    const end = at + length
    if (newPath.argumentEnd > end || !path.isWhole(bytes) || !newPath.isWhole(bytes)) return false
    const placeEnd = path.readPlace(bytes, view, newPath.argumentEnd, end)
    return placeEnd >= 0 && newPath.readPlace(bytes, view, placeEnd, end) >= 0
  }

  #readAttributes(view: DataView, at: number, hasAttributes: boolean): void {
    const has = hasAttributes ? view.getUint32(at + FILE_ATTRIBUTE_EVENT.attributeFlags, true) : 0
    this.size = (has & ATTRIBUTE_HAS_SIZE) === 0 ? null : low52BitsAt(view, at + FILE_ATTRIBUTE_EVENT.size)
    this.accessUs = (has & ATTRIBUTE_HAS_ACCESS_TIME) === 0 ? null : signed52BitsAt(view, at + FILE_ATTRIBUTE_EVENT.accessUs)
    this.modifyUs = (has & ATTRIBUTE_HAS_MODIFY_TIME) === 0 ? null : signed52BitsAt(view, at + FILE_ATTRIBUTE_EVENT.modifyUs)
  }
}
