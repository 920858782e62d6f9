// The folder of a host's pins in bpffs: one set of pins per object and knobs, in a folder named by their hash. Held by one process at a time.
// Knows folders and names of pins, not what is pinned (native/src/rings/pins.cc). A set is complete when the state of the reader is pinned, which is done last.
import { closeSync, existsSync, mkdirSync, readdirSync, rmdirSync, statfsSync, statSync, unlinkSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { messageOf } from '../infra/process/errors.js'
import type { Addon } from './addon.js'
import { PinsUnavailableError } from './pins-unavailable-error.js'

/** Where bpffs is mounted. */
export const BPFFS = '/sys/fs/bpf'
/** BPF_FS_MAGIC, include/uapi/linux/magic.h. */
const BPFFS_MAGIC = 0xcafe4a11
const SET_NAME = /^[0-9a-f]{16}$/
const PIN_NAME = /^(link|map)_[a-z0-9_]+$/
const COMPLETE = 'map_reader'

/** Folder of a host's pins. @param root for tests; a folder in bpffs */
export function hostPinFolder(hostId: string, root = join(BPFFS, 'eunomia')): string {
  return join(root, hostId)
}

/** The pins of one host, held until `close`. */
export class HostPins {
  readonly folder: string
  readonly #lock: number

  private constructor(folder: string, lock: number) {
    this.folder = folder
    this.#lock = lock
  }

  /**
   * Makes the folder if it is not there, and takes its lock.
   * @throws PinsUnavailableError (EUNOMIA_PINS_UNAVAILABLE) when there is no bpffs, no permission, a foreign owner, or another holder
   */
  static open(folder: string, addon: Pick<Addon, 'lockFolder'>): HostPins {
    try {
      checkBpffs()
      mkdirSync(folder, { recursive: true, mode: 0o700 })
      for (const made of [dirname(folder), folder]) checkOwner(made)
      return new HostPins(folder, addon.lockFolder(folder))
    } catch (error) {
      if (error instanceof PinsUnavailableError) throw error
      throw new PinsUnavailableError(`nothing can be pinned in ${folder}: ${reasonOf(error)}`, { cause: error })
    }
  }

  /** Names of the sets that are there, complete or not. */
  sets(): string[] {
    return readdirSync(this.folder).filter((name) => SET_NAME.test(name))
  }

  /** Folder of a set. */
  folderOf(set: string): string {
    return join(this.folder, set)
  }

  /** The set was pinned to its end. */
  isComplete(set: string): boolean {
    return existsSync(join(this.folderOf(set), COMPLETE))
  }

  /** Makes the empty folder of a set; what an interrupted start left in it is removed. @throws PinsUnavailableError for pins that are not ours */
  make(set: string): void {
    this.remove(set)
    mkdirSync(this.folderOf(set), { mode: 0o700 })
  }

  /** Removes a set, links first, so that nothing is emitted without a map. @throws PinsUnavailableError for pins that are not ours */
  remove(set: string): void {
    const folder = this.folderOf(set)
    if (!existsSync(folder)) return
    const names = readdirSync(folder).sort()
    const foreign = names.filter((name) => !PIN_NAME.test(name))
    if (foreign.length > 0)
      throw new PinsUnavailableError(`${folder} holds pins that are not ours (${foreign.slice(0, 3).join(', ')}); remove them by hand`)
    for (const name of names) unlinkSync(join(folder, name))
    rmdirSync(folder)
  }

  /** Lets go of the lock; pins stay, an empty folder goes. Once. */
  close(): void {
    try {
      rmdirSync(this.folder)
    } catch {
      // Not empty: there are pins.
    }
    closeSync(this.#lock)
  }
}

function checkBpffs(): void {
  let type: number | null = null
  try {
    type = statfsSync(BPFFS).type
  } catch {
    // Not there: as not mounted.
  }
  if (type !== BPFFS_MAGIC) throw new PinsUnavailableError(`bpffs is not mounted at ${BPFFS}: mount -t bpf bpf ${BPFFS}`)
}

function checkOwner(folder: string): void {
  const { uid } = statSync(folder)
  if (uid !== process.getuid?.())
    throw new PinsUnavailableError(`${folder} belongs to uid ${String(uid)}, not to us: remove it, or run as its owner`)
}

function reasonOf(error: unknown): string {
  const { code, errno } = error as NodeJS.ErrnoException
  if (errno === EWOULDBLOCK) return 'another collector of this host holds it'
  if (code === 'EACCES' || code === 'EPERM') return 'permission denied; run as root'
  return messageOf(error)
}

const EWOULDBLOCK = 11
