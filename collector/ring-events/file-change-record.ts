// struct file_change_event of bpf/record/event.h: KIND_RENAME to KIND_RMDIR.
import { EVENT_HEADER_BYTES, low52BitsAt } from './event-header.js'
import { PathSpan } from './path-span.js'

/** Offsets within struct file_change_event. */
export const FILE_CHANGE_EVENT = {
  flags: 72,
  inode: 80,
  device: 88,
  mode: 92,
  uid: 96,
  gid: 100,
  folder: 104,
  newFolder: 108,
  pathLength: 112,
  argumentLength: 116,
  newPathLength: 120,
  newArgumentLength: 124,
  textFlags: 128,
  newTextFlags: 132,
} as const

/** sizeof(struct file_change_event). */
export const FILE_CHANGE_EVENT_BYTES = EVENT_HEADER_BYTES + 64

/** The change that was read last. */
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
  /** The new name of a rename or link; of a symlink what it leads to, which is a text and no path. */
  readonly newPath = new PathSpan()

  /** Reads the record at `at`. @returns false when it is malformed */
  read(bytes: Uint8Array, view: DataView, at: number, length: number): boolean {
    if (length < FILE_CHANGE_EVENT_BYTES) return false
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
    const start = at + FILE_CHANGE_EVENT_BYTES
    const { path, newPath } = this
    path.set(start, u32(FILE_CHANGE_EVENT.pathLength), u32(FILE_CHANGE_EVENT.argumentLength), u32(FILE_CHANGE_EVENT.textFlags))
    newPath.set(
      path.argumentEnd,
      u32(FILE_CHANGE_EVENT.newPathLength),
      u32(FILE_CHANGE_EVENT.newArgumentLength),
      u32(FILE_CHANGE_EVENT.newTextFlags),
    )
    return newPath.argumentEnd <= at + length && path.isWhole(bytes) && newPath.isWhole(bytes)
  }
}
