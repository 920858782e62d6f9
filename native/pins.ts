// A session that outlives its process: its maps and links are pinned in bpffs, in one folder per host, which one process at a time holds. A set of pins
// belongs to one object and one set of knobs; their hash names its folder. It is complete once the state of the reader is pinned, which comes last.
// Without pins, a session works and ends with its process. Sets of other objects or knobs go to the caller, who reads what they still contain.
import { createHash } from 'node:crypto'
import { closeSync, existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, statfsSync, statSync, unlinkSync } from 'node:fs'
import { constants } from 'node:os'
import { dirname, join } from 'node:path'
import { EunomiaError, messageOf } from '../infra/process/errors.js'
import { isOurs } from '../infra/process/own-user.js'
import type { Addon } from './addon.js'
import { KIND_MAX } from './generated/layout.js'
import { loadAddon } from './index.js'
import type { KernelKnobs } from './kernel-control.js'
import { defaultObjectPath, openKernelSession, openPinnedSet, type KernelSession } from './rings.js'

/** Nothing can be pinned here; the message says why and how to fix it. */
export class PinsUnavailableError extends EunomiaError {
  static override readonly code = 'EUNOMIA_PINS_UNAVAILABLE'

  /** Another collector of this host holds the pins: they work. */
  get isHeld(): boolean {
    return (this.cause as NodeJS.ErrnoException | undefined)?.errno === constants.errno.EWOULDBLOCK
  }
}

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
   * Creates the folder if necessary, and takes its lock.
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

  /** Names of the existing sets, complete or not. */
  sets(): string[] {
    return readdirSync(this.folder).filter((name) => SET_NAME.test(name))
  }

  /** Folder of a set. */
  folderOf(set: string): string {
    return join(this.folder, set)
  }

  /** All of the set was pinned. */
  isComplete(set: string): boolean {
    return existsSync(join(this.folderOf(set), COMPLETE))
  }

  /** Creates the empty folder of a set, and removes what an interrupted start left in it. @throws PinsUnavailableError for pins that are not ours */
  make(set: string): void {
    this.remove(set)
    mkdirSync(this.folderOf(set), { mode: 0o700 })
  }

  /** Removes a set, links first, so that no program runs without its maps. @throws PinsUnavailableError for pins that are not ours */
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

  /** Releases the lock. Pins stay; an empty folder is removed. Call it once. */
  close(): void {
    try {
      rmdirSync(this.folder)
    } catch {
      // Not empty: it holds pins.
    }
    closeSync(this.#lock)
  }
}

function checkBpffs(): void {
  let type: number | null = null
  try {
    type = statfsSync(BPFFS).type
  } catch {
    // It does not exist: the same as not mounted.
  }
  if (type !== BPFFS_MAGIC) throw new PinsUnavailableError(`bpffs is not mounted at ${BPFFS}: mount -t bpf bpf ${BPFFS}`)
}

function checkOwner(folder: string): void {
  const { uid } = statSync(folder)
  if (!isOurs(uid)) throw new PinsUnavailableError(`${folder} belongs to uid ${String(uid)}, not to us: remove it, or run as its owner`)
}

function reasonOf(error: unknown): string {
  const { code, errno } = error as NodeJS.ErrnoException
  if (errno === EWOULDBLOCK) return 'another collector of this host holds it'
  if (code === 'EACCES' || code === 'EPERM') return 'permission denied; run as root'
  return messageOf(error)
}

const EWOULDBLOCK = 11

/** How a session is pinned. */
export interface PinnedSessionOptions {
  /** Folder of the host's pins in bpffs. @see hostPinFolder */
  readonly folder: string
  /** How long the programs fill the rings without a reader, milliseconds; after that they only count. */
  readonly noReaderMs: number
  /** Called with the reason when pins can't be created or taken over. */
  readonly onProblem: (problem: string) => void
  /** Compiled programs; default those of this build. */
  readonly objectPath?: string
}

/** The pins of an earlier version or of other knobs: what its rings still contain is to be read. */
export interface OlderSet {
  readonly session: KernelSession
  /** Removes its pins, once all its records are safe. Closes the session. */
  remove(): void
}

/** A session and what is to be read before it. */
export interface PinnedSession {
  readonly session: KernelSession
  /** Their probes are already detached: their rings get no more records. */
  readonly older: readonly OlderSet[]
  /** Releases the pins for the next process. Call it once, after all sessions are closed. */
  release(): void
}

/** A session that is taken over starts with all kinds, whatever the process before watched. */
const ALL_KINDS: ReadonlySet<number> = new Set(Array(KIND_MAX).keys())

/** Changes with everything that pinned programs depend on: only a process with the same name takes a set over. */
export function pinnedSetName(objectPath: string, knobs: KernelKnobs): string {
  const { ignoredPid: _, ...fixed } = knobs
  const settings = JSON.stringify(Object.entries(fixed).sort())
  return createHash('sha256').update(readFileSync(objectPath)).update(settings).digest('hex').slice(0, 16)
}

/**
 * Opens a pinned session, or one without pins when pinning fails. The probes of older sets are detached after the new ones are attached. In between,
 * both see the same events, each with its own epoch, so that none is lost.
 * @throws ProbeUnavailableError as openKernelSession
 */
export function openPinnedSession(knobs: KernelKnobs, options: PinnedSessionOptions): PinnedSession {
  const objectPath = options.objectPath ?? defaultObjectPath()
  let pins: HostPins
  try {
    pins = HostPins.open(options.folder, loadAddon())
  } catch (error) {
    if (!(error instanceof PinsUnavailableError)) throw error
    options.onProblem(error.message)
    return { session: openKernelSession(knobs, { objectPath }), older: [], release: () => undefined }
  }
  const set = pinnedSetName(objectPath, knobs)
  const session = openSet(pins, set, knobs, { ...options, objectPath })
  const older = pins.sets().flatMap((name) => (name === set ? [] : (openOlder(pins, name, objectPath, options) ?? [])))
  return { session, older, release: () => pins.close() }
}

/** Folders of other hosts' pins, beside this one, that no process holds: of collectors whose state folder is another one, or gone. */
export function abandonedPins(folder: string): string[] {
  const root = dirname(folder)
  if (!existsSync(root)) return []
  return readdirSync(root)
    .map((name) => join(root, name))
    .filter((other) => other !== folder && isAbandoned(other))
}

function isAbandoned(folder: string): boolean {
  try {
    const pins = HostPins.open(folder, loadAddon())
    const isUsed = pins.sets().length > 0
    pins.close()
    return isUsed
  } catch (error) {
    if (error instanceof PinsUnavailableError) return false
    throw error
  }
}

/** Removes all pins of a host. @returns sets that were removed @throws PinsUnavailableError when a collector holds them */
export function unloadPins(folder: string): number {
  const pins = HostPins.open(folder, loadAddon())
  try {
    const sets = pins.sets()
    for (const set of sets) pins.remove(set)
    return sets.length
  } finally {
    pins.close()
  }
}

function openSet(
  pins: HostPins,
  set: string,
  knobs: KernelKnobs,
  options: PinnedSessionOptions & { readonly objectPath: string },
): KernelSession {
  const { objectPath, noReaderMs, onProblem } = options
  const pinned = { folder: pins.folderOf(set), noReaderMs }
  if (pins.isComplete(set)) {
    try {
      const session = openPinnedSet({ ...pinned, objectPath, ignoredPid: knobs.ignoredPid, argsBytes: knobs.argsBytes })
      session.watchKinds(ALL_KINDS)
      return session
    } catch (error) {
      onProblem(`the pins in ${pinned.folder} are damaged and recreated; what their rings held is lost: ${messageOf(error)}`)
    }
  }
  try {
    pins.make(set)
    return openKernelSession(knobs, { objectPath, pins: pinned })
  } catch (error) {
    onProblem(`nothing can be pinned in ${pinned.folder}: ${messageOf(error)}`)
    try {
      pins.remove(set)
    } catch {
      // Reported already: it holds pins that are not ours.
    }
    return openKernelSession(knobs, { objectPath })
  }
}

function openOlder(pins: HostPins, set: string, objectPath: string, { noReaderMs, onProblem }: PinnedSessionOptions): OlderSet | null {
  const folder = pins.folderOf(set)
  try {
    if (!pins.isComplete(set)) {
      pins.remove(set)
      return null
    }
    const session = openPinnedSet({ folder, noReaderMs, objectPath, ignoredPid: 0, argsBytes: 0 })
    session.detach()
    const remove = (): void => {
      session.close()
      pins.remove(set)
    }
    return { session, remove }
  } catch (error) {
    onProblem(`the older pins in ${folder} can't be read; what their rings held is lost: ${messageOf(error)}`)
    try {
      pins.remove(set)
    } catch (again) {
      onProblem(messageOf(again))
    }
    return null
  }
}
