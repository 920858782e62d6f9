// A session that outlives its process: takes over what an earlier process of the same object and knobs pinned, or pins its own.
// What cannot be pinned is told and works without. Sets of other objects or knobs are given to the caller, who reads their rest.
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { messageOf } from '../infra/process/errors.js'
import { defaultObjectPath, loadAddon, openKernelSession, openPinnedSet } from './index.js'
import { HostPins } from './host-pins.js'
import type { KernelKnobs, KernelSession } from './kernel-session.js'
import { PinsUnavailableError } from './pins-unavailable-error.js'
import { MAX_KINDS } from './session.js'

/** How a session is pinned. */
export interface PinnedSessionOptions {
  /** Folder of the host's pins in bpffs. @see hostPinFolder */
  readonly folder: string
  /** How long without a reader the programs go on to fill the rings, milliseconds; then they only count. */
  readonly noReaderMs: number
  /** Told what keeps pins from being made or taken over. */
  readonly onProblem: (problem: string) => void
  /** Compiled programs; default those of this build. */
  readonly objectPath?: string
}

/** What an earlier version or other knobs left: its rings have a rest to be read. */
export interface OlderSet {
  readonly session: KernelSession
  /** Removes its pins, once its rest is safe. Closes the session. */
  remove(): void
}

/** A session and what is to be read before it. */
export interface PinnedSession {
  readonly session: KernelSession
  /** Their probes are detached already: each only holds what it held at that moment. */
  readonly older: readonly OlderSet[]
  /** Lets go of the pins, for the next process. Once, behind the end of all sessions. */
  release(): void
}

/** What the process before left out is not left out by this one, until it is told so. */
const ALL_KINDS: ReadonlySet<number> = new Set(Array(MAX_KINDS).keys())

/** Changes with everything that pinned programs depend on: a set is taken over by the same only. */
export function pinnedSetName(objectPath: string, knobs: KernelKnobs): string {
  const { ignoredPid: _, ...fixed } = knobs
  const settings = JSON.stringify(Object.entries(fixed).sort())
  return createHash('sha256').update(readFileSync(objectPath)).update(settings).digest('hex').slice(0, 16)
}

/**
 * Opens a pinned session, or one without pins when that can't be. The probes of older sets are detached when the new ones are attached: in between
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
      const session = openPinnedSet({ ...pinned, objectPath, ignoredPid: knobs.ignoredPid })
      session.watchKinds(ALL_KINDS)
      return session
    } catch (error) {
      onProblem(`the pins in ${pinned.folder} are damaged and made anew, what their rings held is lost: ${messageOf(error)}`)
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
      // Told already: it holds what is not ours.
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
    const session = openPinnedSet({ folder, noReaderMs, objectPath, ignoredPid: process.pid })
    session.detach()
    const remove = (): void => {
      session.close()
      pins.remove(set)
    }
    return { session, remove }
  } catch (error) {
    onProblem(`the older pins in ${folder} can't be read, what their rings held is lost: ${messageOf(error)}`)
    try {
      pins.remove(set)
    } catch (again) {
      onProblem(messageOf(again))
    }
    return null
  }
}
