// The surroundings of a recording: each answer is valid from the record that needed it.
// Knows nothing about this host; a question that was not recorded has no answer. Bounded: evicted answers are counted.
import type { BootClock } from '../clock.js'
import type { UserNames } from '../users/user-names.js'
import { UNKNOWN_CGROUP, type CgroupMembership, type ContainerEventBody, type ContainerIndex } from '../containers/container-index.js'
import { executableKey, NO_HASHES, type ExecutableHashes } from '../executables/executable-hashes.js'
import { NO_HOST, type HostKnowledge } from '../mounts/host-paths.js'
import { MountTable } from '../mounts/mount-table.js'
import type { ProcProcess } from '../processes/proc-reader.js'
import { textsOf } from '../processes/process-texts.js'
import { COMM_BYTES } from '../../native/generated/layout.js'
import { TaskFacts } from '../ring-events/task-facts.js'
import { fileKey, HOST_NAMESPACE, MAX_NAMESPACES, MAX_REMEMBERED } from './answer-recorder.js'
import type { Answer, ProcAnswer } from './answer.js'
import type { Surroundings } from './surroundings.js'

/** Returns recorded answers. */
export class RecordedSurroundings implements Surroundings {
  readonly clock: BootClock
  readonly users: UserNames
  readonly containers: ContainerIndex
  readonly hashes: ExecutableHashes
  readonly host: HostKnowledge
  readonly readProc = (pid: number, startUs: number): ProcProcess | null => this.#process(pid, startUs)
  readonly #maxAnswers: number
  readonly #memberships = new Map<string, CgroupMembership>()
  readonly #users = new Map<number, string | null>()
  readonly #groups = new Map<number, string | null>()
  readonly #hashes = new Map<string, string | null>()
  readonly #mounts = new Map<number, MountTable | null>()
  readonly #files = new Map<string, string | null>()
  readonly #systemPaths = new Map<string, boolean>()
  readonly #overlays = new Map<number, boolean>()
  readonly #processes = new Map<string, ProcAnswer>()
  #offsetUs: number
  #generation = 0
  #waiting: readonly Answer[] = []
  #next = 0
  #position: () => number = () => 0
  /** Receives container events in their recorded order. */
  onContainer: (body: ContainerEventBody) => void = () => undefined
  /** Answers evicted at the bound: events that need them again lack these fields. */
  forgotten = 0

  /** @param offsetUs of wall time until an answer changes it */
  constructor(offsetUs: number, maxAnswers = 2 * MAX_REMEMBERED) {
    this.#offsetUs = offsetUs
    this.#maxAnswers = maxAnswers
    this.clock = {
      wallOf: (bootUs) => bootUs + this.#now().#offsetUs,
      bootNow: () => Date.now() * 1000 - this.#offsetUs,
      refresh: () => undefined,
      steps: 0,
    }
    const generation = (): number => this.#now().#generation
    this.users = {
      get generation() {
        return generation()
      },
      userName: (uid) => this.#now().#users.get(uid) ?? null,
      groupName: (gid) => this.#now().#groups.get(gid) ?? null,
    }
    this.hashes = {
      ...NO_HASHES,
      get generation() {
        return generation()
      },
      of: (facts) => this.#now().#hashes.get(executableKey(facts)) ?? null,
    }
    this.containers = {
      get generation() {
        return generation()
      },
      cgroupCreated: () => undefined,
      cgroupRemoved: () => undefined,
      membershipOf: (cgroupId, isV1) => this.#now().#memberships.get(`${isV1 ? 'v1' : 'v2'}:${String(cgroupId)}`) ?? UNKNOWN_CGROUP,
    }
    this.host = {
      ...NO_HOST,
      counts: { replaced: 0, boundForgotten: 0 },
      mounts: () => this.#now().#mounts.get(HOST_NAMESPACE) ?? null,
      mountsOf: (namespace) => this.#now().#mounts.get(namespace) ?? null,
      fileOf: (file) => (this.#now().#files.size === 0 ? null : (this.#files.get(fileKey(file)) ?? null)),
      isOfSystem: (path) => this.#now().#systemPaths.get(path) ?? false,
      hasOverlay: (device) => this.#now().#overlays.get(device) ?? false,
    }
  }

  /** Sets the answers for the next frame, after applying all of the last. */
  beginFrame(answers: readonly Answer[], position: () => number): void {
    this.#position = () => Infinity
    this.#now()
    this.#processes.clear()
    this.#waiting = answers.filter((answer) => !('container' in answer))
    this.#next = 0
    this.#position = position
    for (const answer of answers) if ('container' in answer) this.onContainer(answer.container)
  }

  /** Applies the answers up to the current record. */
  #now(): this {
    if (this.#next >= this.#waiting.length) return this
    const position = this.#position()
    for (let answer = this.#waiting[this.#next]; answer !== undefined && answer.at <= position; answer = this.#waiting[++this.#next]) {
      this.#apply(answer)
    }
    return this
  }

  #apply(answer: Answer): void {
    if ('offsetUs' in answer) this.#offsetUs = answer.offsetUs
    else if ('uid' in answer) this.#keep(this.#users, answer.uid, answer.name)
    else if ('gid' in answer) this.#keep(this.#groups, answer.gid, answer.name)
    else if ('exe' in answer) this.#keep(this.#hashes, answer.exe, answer.sha256)
    else if ('cgroup' in answer) {
      const { path, claim, claimUid, containerId } = answer
      this.#keep(this.#memberships, answer.cgroup, { path, claim, claimUid, containerId })
    } else if ('mounts' in answer) {
      const { mountNamespace, mounts } = answer
      const table = mounts === null ? null : new MountTable(mounts, mountNamespace === HOST_NAMESPACE)
      this.#keep(this.#mounts, mountNamespace, table, MAX_NAMESPACES)
    } else if ('file' in answer) this.#keep(this.#files, answer.file, answer.path)
    else if ('systemPath' in answer) this.#keep(this.#systemPaths, answer.systemPath, answer.isOfSystem)
    else if ('overlay' in answer) this.#keep(this.#overlays, answer.overlay, answer.isOfHost)
    else if ('proc' in answer) this.#processes.set(`${String(answer.proc.pid)} ${String(answer.proc.startUs)}`, answer.proc)
  }

  #keep<Key, Value>(known: Map<Key, Value>, key: Key, value: Value, most = this.#maxAnswers): void {
    this.#generation++
    // The newest is last, so the first is the oldest answer.
    known.delete(key)
    known.set(key, value)
    if (known.size <= most) return
    const [oldest] = known.keys()
    if (oldest !== undefined) known.delete(oldest)
    this.forgotten++
  }

  #process(pid: number, startUs: number): ProcProcess | null {
    const key = `${String(pid)} ${String(startUs)}`
    const answer = this.#now().#processes.get(key)
    if (answer === undefined) return null
    this.#processes.delete(key)
    const facts = new TaskFacts()
    facts.comms = new Uint8Array(2 * COMM_BYTES)
    facts.comms.set(Buffer.from(answer.comm, 'base64').subarray(0, COMM_BYTES - 1))
    facts.parentPid = answer.parentPid
    facts.processGroupId = answer.processGroupId
    facts.sessionId = answer.sessionId
    facts.tty = answer.tty
    const [args, exePath, cwd] = [answer.args, answer.exePath, answer.cwd].map((text) => (text === null ? null : bytesOf(text)))
    return { facts, texts: textsOf(args ?? new Uint8Array(0), answer.argsTotal, exePath ?? null, cwd ?? null) }
  }
}

function bytesOf(base64: string): Uint8Array {
  return new Uint8Array(Buffer.from(base64, 'base64'))
}
