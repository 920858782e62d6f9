// Records what the surroundings answer while ring records are handled, for the capture.
// Answers for names and cgroups are recorded only when they change. The memory for that is bounded: at the bound it is cleared, and answers are
// recorded again.
import { isDeepStrictEqual } from 'node:util'
import type { UserNames } from '../users/user-names.js'
import type { BootClock } from '../clock.js'
import type { CgroupMembership, ContainerEventBody, ContainerIndex } from '../containers/container-index.js'
import { executableKey, type ExecutableHashes } from '../executables/executable-hashes.js'
import type { FileIdentity } from '../mounts/host-files.js'
import type { HostKnowledge } from '../mounts/host-paths.js'
import type { MountTable } from '../mounts/mount-table.js'
import type { ProcProcess, ProcReader } from '../processes/proc-reader.js'
import { COMM_BYTES } from '../../native/generated/layout.js'
import type { Answer, ProcAnswer } from './answer.js'
import type { Surroundings } from './surroundings.js'

/** Answers that are cached, so that only changes are recorded. A replay caches twice as many. */
export const MAX_REMEMBERED = 65_536

/** Mount namespaces whose mounts are cached. A replay caches as many. */
export const MAX_NAMESPACES = 256
/** The host's, in answers. */
export const HOST_NAMESPACE = 0

/** A file in answers. */
export function fileKey({ device, inodeLow, inodeHigh }: FileIdentity): string {
  return `${String(device)}:${String(inodeLow)}:${String(inodeHigh)}`
}

/** Sits between the collector and its surroundings. */
export class AnswerRecorder {
  readonly #maxRemembered: number
  readonly #memberships = new Map<string, CgroupMembership>()
  readonly #users = new Map<number, string | null>()
  readonly #groups = new Map<number, string | null>()
  readonly #hashes = new Map<string, string | null>()
  readonly #mounts = new Map<number, MountTable | null>()
  readonly #files = new Map<string, string | null>()
  readonly #systemPaths = new Map<string, boolean>()
  readonly #overlays = new Map<number, boolean>()
  /** Maps that were cleared: what they lack may have been answered. */
  readonly #cleared = new Set<ReadonlyMap<unknown, unknown>>()
  #offsetUs: number | null = null
  #answers: Answer[] = []
  /** Bytes of the current frame that were handled. */
  #position: () => number = () => 0

  constructor(maxRemembered = MAX_REMEMBERED) {
    this.#maxRemembered = maxRemembered
  }

  /** The same surroundings, with recording. */
  readonly listenTo = ({ clock, users, containers, hashes, host, readProc }: Surroundings): Surroundings => ({
    host: this.#hostFiles(host),
    clock: this.#clock(clock),
    users: this.#userNames(users),
    containers: this.#containers(containers),
    hashes: this.#executables(hashes),
    readProc: readProc === null ? null : this.#procReader(readProc),
  })

  /** Records a container event of the tracker. */
  container(container: ContainerEventBody): void {
    this.#keep({ at: 0, container })
  }

  /** Starts a frame. @param position bytes of it that were handled */
  beginFrame(position: () => number): void {
    this.#position = position
  }

  /** Returns the answers since the last call. */
  take(): readonly Answer[] {
    const answers = this.#answers
    this.#answers = []
    this.#position = () => 0
    return answers
  }

  #keep(answer: Answer): void {
    this.#answers.push(answer)
  }

  /** @returns true when the value differs from the last answer */
  #isNew<Key, Value>(known: Map<Key, Value>, key: Key, value: Value): boolean {
    if (known.get(key) === value && (value !== undefined || known.has(key))) return false
    if (known.size >= this.#maxRemembered) this.#clear(known)
    known.set(key, value)
    return true
  }

  /** The same for answers of which a replay has one without a record. @param absent that one */
  #differs<Key, Value>(known: Map<Key, Value>, key: Key, value: Value, absent: Value): boolean {
    if (value === absent && !known.has(key) && !this.#cleared.has(known)) return false
    return this.#isNew(known, key, value)
  }

  /** Whether the last answer to some question may not have been the one that a replay has without a record. */
  #mayBeKnown(known: ReadonlyMap<unknown, unknown>): boolean {
    return known.size > 0 || this.#cleared.has(known)
  }

  #clear(known: Map<unknown, unknown>): void {
    known.clear()
    this.#cleared.add(known)
  }

  #clock(clock: BootClock): BootClock {
    return {
      wallOf: (bootUs) => {
        const wallUs = clock.wallOf(bootUs)
        const offsetUs = wallUs - bootUs
        if (offsetUs !== this.#offsetUs) this.#keep({ at: this.#position(), offsetUs })
        this.#offsetUs = offsetUs
        return wallUs
      },
      bootNow: () => clock.bootNow(),
      refresh: () => clock.refresh(),
      get steps() {
        return clock.steps
      },
    }
  }

  #userNames(users: Surroundings['users']): Surroundings['users'] {
    const names: UserNames = {
      get generation() {
        return users.generation
      },
      userName: (uid) => {
        const name = users.userName(uid)
        if (this.#isNew(this.#users, uid, name)) this.#keep({ at: this.#position(), uid, name })
        return name
      },
      groupName: (gid) => {
        const name = users.groupName(gid)
        if (this.#isNew(this.#groups, gid, name)) this.#keep({ at: this.#position(), gid, name })
        return name
      },
    }
    return Object.assign(names, { refresh: () => users.refresh?.() })
  }

  #containers(containers: ContainerIndex): ContainerIndex {
    return {
      get generation() {
        return containers.generation
      },
      cgroupCreated: (cgroupId, hierarchyId, path, makerUid) => containers.cgroupCreated(cgroupId, hierarchyId, path, makerUid),
      cgroupRemoved: (cgroupId, hierarchyId) => containers.cgroupRemoved(cgroupId, hierarchyId),
      membershipOf: (cgroupId, isV1) => {
        const membership = containers.membershipOf(cgroupId, isV1)
        const cgroup = `${isV1 ? 'v1' : 'v2'}:${String(cgroupId)}`
        // The object of a cgroup is replaced when more becomes known, so comparing references is enough.
        if (this.#isNew(this.#memberships, cgroup, membership)) {
          this.#keep({ at: this.#position(), cgroup, ...membership })
        }
        return membership
      },
    }
  }

  #executables(hashes: ExecutableHashes): ExecutableHashes {
    return {
      get generation() {
        return hashes.generation
      },
      of: (facts) => {
        const sha256 = hashes.of(facts)
        const exe = executableKey(facts)
        if (this.#differs(this.#hashes, exe, sha256, null)) this.#keep({ at: this.#position(), exe, sha256 })
        return sha256
      },
      executed: (image) => hashes.executed(image),
      running: (image) => hashes.running(image),
      beginBatch: () => hashes.beginBatch(),
    }
  }

  /** A replay answers null or false without a record. */
  #hostFiles(host: HostKnowledge): HostKnowledge {
    return {
      ...host,
      mounts: () => this.#mountsOf(HOST_NAMESPACE, host.mounts()),
      mountsOf: (namespace, pid) => this.#mountsOf(namespace, host.mountsOf(namespace, pid)),
      fileOf: (file) => {
        const path = host.fileOf(file)
        if (path === null && !this.#mayBeKnown(this.#files)) return null
        const key = fileKey(file)
        if (this.#differs(this.#files, key, path, null)) this.#keep({ at: this.#position(), file: key, path })
        return path
      },
      isOfSystem: (path) => {
        const isOfSystem = host.isOfSystem(path)
        if (this.#differs(this.#systemPaths, path, isOfSystem, false)) this.#keep({ at: this.#position(), systemPath: path, isOfSystem })
        return isOfSystem
      },
      hasOverlay: (device, bootUs) => {
        const isOfHost = host.hasOverlay(device, bootUs)
        if (this.#differs(this.#overlays, device, isOfHost, false)) this.#keep({ at: this.#position(), overlay: device, isOfHost })
        return isOfHost
      },
    }
  }

  #mountsOf(namespace: number, table: MountTable | null): MountTable | null {
    const last = this.#mounts.get(namespace)
    if (last === table || (last === undefined && table === null && !this.#cleared.has(this.#mounts))) return table
    if (this.#mounts.size >= Math.min(MAX_NAMESPACES, this.#maxRemembered) && last === undefined) this.#clear(this.#mounts)
    this.#mounts.set(namespace, table)
    // A table that was read again is most often the same.
    const mounts = table?.mounts ?? null
    if (last === undefined || !isDeepStrictEqual(last?.mounts ?? null, mounts)) {
      this.#keep({ at: this.#position(), mountNamespace: namespace, mounts })
    }
    return table
  }

  #procReader(readProc: ProcReader): ProcReader {
    return (pid, startUs) => {
      const found = readProc(pid, startUs)
      // A replay answers null without a record.
      if (found !== null) this.#keep({ at: this.#position(), proc: procAnswer(pid, startUs, found) })
      return found
    }
  }
}

function procAnswer(pid: number, startUs: number, { facts, texts }: ProcProcess): ProcAnswer {
  const { bytes, argsEnd, exePathEnd, argsTotal, hasExePath, hasCwd } = texts
  const { parentPid, processGroupId, sessionId, tty, comms } = facts
  return {
    pid,
    startUs,
    comm: base64(comms, 0, COMM_BYTES),
    parentPid,
    processGroupId,
    sessionId,
    tty,
    args: base64(bytes, 0, argsEnd),
    argsTotal,
    exePath: hasExePath ? base64(bytes, argsEnd, exePathEnd) : null,
    cwd: hasCwd ? base64(bytes, exePathEnd, bytes.length) : null,
  }
}

function base64(bytes: Uint8Array, start: number, end: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString('base64')
}
