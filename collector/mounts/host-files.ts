// Files of the host by device and inode: a hard link, an overlay or a file handle leads to them under no path that says so.
// Read now and then with lstat, one file at a time: a path may lead to a file system that never answers.
import { lstat } from 'node:fs/promises'
import type { MountTable } from './mount-table.js'

/** A file by its numbers, as the kernel has them. */
export interface FileIdentity {
  readonly device: number
  readonly inodeLow: number
  readonly inodeHigh: number
}

/** Most files that are known by their numbers. */
export const MAX_HOST_FILES = 1024
/** Most inode numbers, with those that a file had before it was replaced. */
const MAX_INODES = 4096

interface KnownFile extends FileIdentity {
  readonly path: string
}

/** Keeps the identities of files; see `refresh`. */
export class HostFiles {
  /** Files that were left out at the bound. */
  refused = 0
  /** How often all former numbers were forgotten at the bound. */
  forgotten = 0
  readonly #inodes = new Map<number, KnownFile[]>()
  #paths: readonly string[] = []
  #isReading = false

  /** The files to know. @param paths absolute, as byte text */
  watch(paths: Iterable<string>): void {
    const wanted = [...new Set(paths)]
    this.refused = Math.max(0, wanted.length - MAX_HOST_FILES)
    this.#paths = wanted.slice(0, MAX_HOST_FILES)
  }

  /** Path of a file; null for one that is not known. */
  of({ device, inodeLow, inodeHigh }: FileIdentity): string | null {
    const known = this.#inodes.get(inodeLow)
    if (known === undefined) return null
    return known.find((file) => file.device === device && file.inodeHigh === inodeHigh)?.path ?? null
  }

  /** Reads all identities again. A file that was replaced keeps its former number, too: its old content may be linked elsewhere. */
  async refresh(mounts: MountTable): Promise<void> {
    if (this.#isReading) return
    this.#isReading = true
    try {
      for (const path of this.#paths) await this.#read(path, mounts)
    } finally {
      this.#isReading = false
    }
  }

  async #read(path: string, mounts: MountTable): Promise<void> {
    const place = mounts.placeOf(path)
    if (place === null) return
    try {
      const { ino } = await lstat(Buffer.from(path, 'latin1'), { bigint: true })
      this.#keep({ path, device: place.device, inodeLow: Number(ino & 0xffffffffn), inodeHigh: Number(ino >> 32n) })
    } catch {
      // It does not exist, for now.
    }
  }

  #keep(file: KnownFile): void {
    const known = (this.#inodes.get(file.inodeLow) ?? []).filter(
      ({ device, inodeHigh }) => device !== file.device || inodeHigh !== file.inodeHigh,
    )
    if (this.#inodes.size >= MAX_INODES && known.length === 0) {
      this.#inodes.clear()
      this.forgotten++
    }
    this.#inodes.set(file.inodeLow, [...known, file])
  }
}
