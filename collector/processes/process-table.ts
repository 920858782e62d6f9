// Every process of the host according to the kernel records: seeded by the task iterator, updated by fork, exec and exit.
// Between the ring and the encoder; knows no Avro and no containers. Bounded: evictions are counted.
import { EXE_HOST_MOUNTED, EXE_HOST_ROOT, EXE_LOWER_LAYER } from '../../native/generated/layout.js'
import type { EventHeader } from '../ring-events/event-header.js'
import type { ExecRecord } from '../ring-events/process-records.js'
import { KeptBytes } from '../ring-events/kept-bytes.js'
import { TaskFacts } from '../ring-events/task-facts.js'
import { noEvents, type EventCounts, type ProcessEvents } from './event-counts.js'
import { type Ancestor, leadersOf, NO_LEADERS, type Leaders, Lineage } from './lineage.js'
import { asAncestor, ProcessEntry, ProcessImage, type ProcessOrigin } from './process-entry.js'
import { StreamsReader } from './standard-streams.js'
import { keepOrigin } from './copied-program.js'
import { argumentsUpTo, textsOfExec, UNKNOWN_TEXTS, withoutSecrets, type ProcessTexts, type TextsReading } from './process-texts.js'
import { NO_HOST_PATHS, type PathLocator } from '../mounts/host-paths.js'
import type { Redactor } from '../redaction/redactor.js'
import type { ProcReader } from './proc-reader.js'
import { Retirement } from './retirement.js'
import { TableReviver, TableSaver, type TableState } from './table-state.js'

/** Bounds of the process table. */
export interface ProcessTableOptions {
  /** Most processes, including ended ones. Default 65536, twice the kernel's default for pids. */
  readonly maxProcesses?: number
  /** Most ended processes and replaced images stored for late events. Default 16384: what a full security ring can end. */
  readonly maxRetired?: number
  /** How long they are stored after the last possibly late event, microseconds. Default 250 ms: a virtual CPU may halt that long in a probe. */
  readonly keepRetiredUs?: number
  /** Ancestors of a process, including the parent. Default 8. */
  readonly maxAncestors?: number
  /** Arguments of the parent that an event carries, bytes. Default 1024. */
  readonly parentArgsBytes?: number
  /** Fallback for processes without a record; null where /proc is not that of the records. */
  readonly readProc?: ProcReader | null
  /** Finds the files of paths on the host. Default: paths stay as processes see them. */
  readonly locator?: PathLocator
  /** Default null: secrets stay. */
  readonly redactor?: Redactor | null
  /** Most fallback reads between two calls of `refillProcReads`, so that lost records can't cause a flood of /proc reads. Default 256. */
  readonly procReads?: number
}

const IN_LAYERS = EXE_LOWER_LAYER | EXE_HOST_ROOT
const NO_LINEAGE = new Lineage([], new Uint8Array(0))
/** Longest chain of seeded parents that is followed: a recording may contain a cycle. */
const MAX_DEPTH = 1024

/** Stores processes and returns their images. @see ProcessImage */
export class ProcessTable {
  readonly #byPid = new Map<number, ProcessEntry>()
  readonly #retirement: Retirement<ProcessEntry | ProcessImage>
  readonly #options: Required<ProcessTableOptions>
  readonly #reading: TextsReading
  #last: ProcessImage | null = null
  #size = 0
  #procReadsLeft: number
  /** Bytes that many processes have. */
  readonly kept = new KeptBytes()
  /** Events of all processes. */
  readonly total: EventCounts = noEvents()
  /** Called for each process that ended, while it is still stored. */
  onEnd: ((process: ProcessEntry) => void) | null = null
  /** Evictions at the bounds and processes without a record, by name. */
  readonly counters = { evictedLive: 0, evictedExited: 0, fromProc: 0, fromEvent: 0, procReadsRefused: 0, argsBlocked: 0 }

  constructor(options: ProcessTableOptions = {}) {
    this.#options = {
      maxProcesses: options.maxProcesses ?? 65_536,
      maxRetired: options.maxRetired ?? 16_384,
      keepRetiredUs: options.keepRetiredUs ?? 250_000,
      maxAncestors: options.maxAncestors ?? 8,
      parentArgsBytes: options.parentArgsBytes ?? 1024,
      readProc: options.readProc ?? null,
      procReads: options.procReads ?? 256,
      locator: options.locator ?? NO_HOST_PATHS,
      redactor: options.redactor ?? null,
    }
    const { locator, redactor } = this.#options
    this.#reading = { streams: new StreamsReader(locator), locator, redactor, kept: this.kept }
    this.#retirement = new Retirement(this.#options.keepRetiredUs, this.#options.maxRetired, (item) => this.#forget(item))
    this.#procReadsLeft = this.#options.procReads
  }

  /** Processes in the table, including ended ones. */
  get size(): number {
    return this.#size
  }
  /** Ended processes and images that were dropped before their time. */
  get retiredEarly(): number {
    return this.#retirement.early
  }

  /** Allows the fallback again; called once a second. */
  refillProcReads(): void {
    this.#procReadsLeft = this.#options.procReads
  }

  /** No events before `bootUs` follow: drops what ended well before. */
  handledUpTo(bootUs: number): void {
    this.#retirement.expire(bootUs)
  }

  /** Counts an event of this process. */
  count({ pid, startUs }: EventHeader, topic: keyof EventCounts): void {
    this.total[topic]++
    const last = this.#last?.process
    const entry = last?.pid === pid && last.startUs === startUs ? last : this.#find(pid, startUs)
    if (entry !== null) (entry.events ??= noEvents())[topic]++
  }

  /** Yields the events of each running process that had any. */
  *eventCounts(): Generator<ProcessEvents> {
    for (const { pid, startUs, hasExited, events } of this.#byPid.values()) {
      if (!hasExited && events !== null) yield { pid, startUs, events }
    }
  }

  /** The current table, for `restore` in another process. Objects shared with the table are immutable. */
  save(): TableState {
    const saver = new TableSaver()
    const processes = [...this.#byPid.values()].map((newest) => {
      const owners = []
      for (let entry: ProcessEntry | null = newest; entry !== null; entry = entry.older) owners.push(saver.process(entry))
      return owners
    })
    const retired = [...this.#retirement.entries()].flatMap(([endUs, stored]) => {
      const item = saver.saved.get(stored)
      return item === undefined ? [] : [{ endUs, item }]
    })
    return { processes, retired }
  }

  /** Restores a saved table into an empty one. @throws TypeError if it is invalid: the table stays empty */
  restore(state: TableState): void {
    const reviver = new TableReviver(this.#options.redactor)
    const newest = state.processes.map((owners) => owners.map((saved) => reviver.process(saved)))
    for (const owners of newest) {
      owners.forEach((entry, index) => (entry.older = owners[index + 1] ?? null))
      const [first] = owners
      if (first !== undefined) this.#byPid.set(first.pid, first)
      this.#size += owners.length
    }
    for (const { endUs, item } of state.retired) {
      const revived = reviver.revived.get(item)
      if (revived !== undefined) this.#retirement.add(endUs, revived)
    }
  }

  /** Adds a running process from the task iterator. Parents arrive in any order: call `relateSeeds` after the last. */
  seed(header: EventHeader, record: ExecRecord, bytes: Uint8Array, view: DataView): ProcessImage {
    const facts = this.#factsOf(header, record, bytes, view)
    const known = this.#find(header.pid, header.startUs)?.image ?? null
    if (known !== null) return known
    const entry = this.#add(new ProcessEntry(header.pid, header.startUs, 'tasks'), header.bootUs)
    const texts = textsOfExec(bytes, record, facts, this.#reading)
    // Ancestors and leaders may be seeded later: relateSeeds.
    return (entry.image = new ProcessImage(entry, 0, { facts, texts, lineage: NO_LINEAGE, leaders: NO_LEADERS, execCount: 0 }))
  }

  /** Links seeded processes to ancestors that were seeded after them. */
  relateSeeds(): void {
    for (const entry of this.#byPid.values()) this.#relate(entry, 0)
  }

  /** Yields all stored processes, including ended ones. */
  *entries(): Generator<ProcessEntry> {
    for (const newest of this.#byPid.values())
      for (let entry: ProcessEntry | null = newest; entry !== null; entry = entry.older) yield entry
  }

  /**
   * Adds a new process. It runs what the forking process runs; with CLONE_PARENT its parent is another process. The task iterator may have found it
   * before this record was read, already running another file: the state of the fork counts, and the exec records follow.
   */
  fork(header: EventHeader, facts: TaskFacts): ProcessImage {
    const known = this.#find(header.pid, header.startUs)
    const before = known?.image ?? null
    if (before !== null && (before.process.origin !== 'tasks' || before.sinceUs > 0)) return before
    const entry = known ?? this.#add(new ProcessEntry(header.pid, header.startUs, 'fork'), header.bootUs)
    entry.maker = this.#makerOf(header, facts)
    return this.#run(entry, header.bootUs, facts, this.#textsOfFork(header, facts), this.#lineage(facts, header.bootUs), 0)
  }

  /** A process runs another file from now on. */
  exec(header: EventHeader, record: ExecRecord, bytes: Uint8Array, view: DataView): ProcessImage {
    const facts = this.#factsOf(header, record, bytes, view)
    const entry = this.#find(header.pid, header.startUs) ?? this.#add(new ProcessEntry(header.pid, header.startUs, 'exec'), header.bootUs)
    const before = entry.image
    const texts = keepOrigin(before, facts, header.euid, textsOfExec(bytes, record, facts, this.#reading))
    const image = this.#run(entry, header.bootUs, facts, texts, this.#lineage(facts, header.bootUs), (before?.execCount ?? 0) + 1)
    return before === null ? image : this.#replace(before, image)
  }

  /** The standard streams of a process lead elsewhere from now on. */
  streams(header: EventHeader, record: ExecRecord, bytes: Uint8Array): ProcessImage {
    const before = this.at(header)
    const { process, facts, lineage, execCount } = before
    const texts = { ...before.texts, streams: this.#reading.streams.read(bytes, record) }
    return this.#replace(before, this.#run(process, header.bootUs, facts, texts, lineage, execCount))
  }

  /** A process ended: it stays stored for a while for its late events. */
  exit(header: EventHeader): ProcessImage {
    const image = this.at(header)
    this.#retire(image.process, header.bootUs)
    return image
  }

  /** The current or last image of a process; null if it is not, or no longer, stored. */
  find(pid: number, startUs: number): ProcessImage | null {
    return this.#find(pid, startUs)?.image ?? null
  }

  /** What the process of an event ran at the time of the event. */
  at(header: EventHeader): ProcessImage {
    const last = this.#last
    if (last !== null && last.process.pid === header.pid && last.process.startUs === header.startUs && last.sinceUs <= header.bootUs) {
      if (last.process.image === last) return last
    }
    const image = this.#find(header.pid, header.startUs)?.imageAt(header.bootUs) ?? this.#addUnrecorded(header)
    this.#last = image
    return image
  }

  /** Adds what the kernel does not know of the executable: whether its layers are those that a runtime mounted. */
  #factsOf({ bootUs }: EventHeader, { factsAt, namespacesAt }: ExecRecord, bytes: Uint8Array, view: DataView): TaskFacts {
    const facts = TaskFacts.read(bytes, view, factsAt, namespacesAt, this.kept)
    if ((facts.exeFlags & IN_LAYERS) === EXE_LOWER_LAYER && this.#options.locator.hasOverlay(facts.exeDevice, bootUs))
      facts.exeFlags |= EXE_HOST_MOUNTED
    return facts
  }

  #find(pid: number, startUs: number): ProcessEntry | null {
    let entry = this.#byPid.get(pid) ?? null
    while (entry !== null && entry.startUs !== startUs) entry = entry.older
    return entry
  }

  #run(entry: ProcessEntry, sinceUs: number, facts: TaskFacts, texts: ProcessTexts, lineage: Lineage, execCount: number): ProcessImage {
    const leaders = this.#leaders(entry.pid, facts, lineage, sinceUs === 0 ? Infinity : sinceUs)
    return (entry.image = new ProcessImage(entry, sinceUs, { facts, texts, lineage, leaders, execCount }))
  }

  /** The image before another one is stored for a while for late events. */
  #replace(before: ProcessImage, image: ProcessImage): ProcessImage {
    image.older = before
    this.#retirement.add(image.sinceUs, image)
    return image
  }

  #add(entry: ProcessEntry, nowUs: number): ProcessEntry {
    if (this.#size >= this.#options.maxProcesses) this.#evict()
    const before = this.#byPid.get(entry.pid) ?? null
    if (before !== null && before.startUs > entry.startUs) {
      // A late event of an earlier owner of the pid: insert it after the newer one.
      let newer = before
      while (newer.older !== null && newer.older.startUs > entry.startUs) newer = newer.older
      entry.older = newer.older
      newer.older = entry
      this.#retire(entry, nowUs)
    } else {
      entry.older = before
      this.#byPid.set(entry.pid, entry)
      // The pid has a new owner, so the previous one has ended, even if its exit record was lost.
      if (before !== null) this.#retire(before, nowUs)
    }
    this.#size++
    return entry
  }

  #retire(entry: ProcessEntry, nowUs: number): void {
    if (entry.hasExited) return
    entry.hasExited = true
    this.onEnd?.(entry)
    this.#retirement.add(nowUs, entry)
  }

  /** Drops a process, or the predecessors of an image. */
  #forget(item: ProcessEntry | ProcessImage): void {
    if (item instanceof ProcessEntry) this.#remove(item)
    else item.older = null
  }

  #evict(): void {
    if (this.#retirement.size > 0) {
      const before = this.#size
      while (this.#size === before && this.#retirement.forgetOldest());
      if (this.#size < before) return void this.counters.evictedExited++
    }
    const oldest = this.#byPid.values().next()
    if (oldest.done === true) return
    this.counters.evictedLive++
    this.#remove(oldest.value)
  }

  #remove(entry: ProcessEntry): void {
    if (this.#last?.process === entry) this.#last = null
    const newest = this.#byPid.get(entry.pid)
    if (newest === entry) {
      if (entry.older === null) this.#byPid.delete(entry.pid)
      else this.#byPid.set(entry.pid, entry.older)
      this.#size--
      return
    }
    for (let newer = newest; newer !== undefined && newer.older !== null; newer = newer.older) {
      if (newer.older !== entry) continue
      newer.older = entry.older
      this.#size--
      return
    }
  }

  #addUnrecorded(header: EventHeader): ProcessImage {
    const found = this.#readProc(header)
    const origin: ProcessOrigin = found === null ? 'event' : 'proc'
    if (found === null) this.counters.fromEvent++
    else this.counters.fromProc++
    const entry = this.#add(new ProcessEntry(header.pid, header.startUs, origin), header.bootUs)
    const facts = found?.facts ?? TaskFacts.unknown
    const parent = this.#byPid.get(facts.parentPid)
    if (parent !== undefined && found !== null && parent.startUs <= header.startUs) facts.parentStartUs = parent.startUs
    return this.#run(entry, 0, facts, found?.texts ?? UNKNOWN_TEXTS, this.#lineage(facts, header.bootUs), 0)
  }

  #readProc(header: EventHeader): ReturnType<ProcReader> {
    if (this.#options.readProc === null) return null
    if (this.#procReadsLeft <= 0) {
      this.counters.procReadsRefused++
      return null
    }
    this.#procReadsLeft--
    const found = this.#options.readProc(header.pid, header.startUs)
    if (found?.areArgsBlocked === true) this.counters.argsBlocked++
    return found === null ? null : { ...found, texts: withoutSecrets(found.texts, this.#options.redactor) }
  }

  #textsOfFork(header: EventHeader, facts: TaskFacts): ProcessTexts {
    const maker = this.#makerOf(header, facts)?.imageAt(header.bootUs)
    const isSameFile =
      maker?.facts.exeInodeLow === facts.exeInodeLow &&
      maker.facts.exeInodeHigh === facts.exeInodeHigh &&
      maker.facts.exeDevice === facts.exeDevice
    if (isSameFile) {
      // As of its exec: the fork may be in other namespaces already.
      facts.exeFlags = maker.facts.exeFlags
      return maker.texts
    }
    return this.#readProc(header)?.texts ?? UNKNOWN_TEXTS
  }

  /** The process that forked it: its parent, except with CLONE_PARENT. */
  #makerOf({ bootUs }: EventHeader, { makerPid, parentPid, parentStartUs }: TaskFacts): ProcessEntry | null {
    return makerPid === 0 ? this.#find(parentPid, parentStartUs) : this.#ownerAt(makerPid, bootUs)
  }

  /** Owner of a pid at a time. */
  #ownerAt(pid: number, bootUs: number): ProcessEntry | null {
    let entry = this.#byPid.get(pid) ?? null
    while (entry !== null && entry.startUs > bootUs) entry = entry.older
    return entry
  }

  #relate(entry: ProcessEntry, depth: number): void {
    const image = entry.image
    if (image === null || image.lineage.ancestors.length > 0 || entry.origin !== 'tasks' || image.facts.parentPid === 0) return
    const parent = this.#find(image.facts.parentPid, image.facts.parentStartUs)
    if (parent !== null && parent !== entry && depth < MAX_DEPTH) this.#relate(parent, depth + 1)
    const lineage = this.#lineage(image.facts, Infinity)
    const { facts, texts, execCount } = image
    entry.maker = parent
    const leaders = this.#leaders(entry.pid, facts, lineage, Infinity)
    entry.image = new ProcessImage(entry, image.sinceUs, { facts, texts, lineage, leaders, execCount })
  }

  #lineage(facts: TaskFacts, bootUs: number): Lineage {
    if (facts.parentPid === 0) return NO_LINEAGE
    const parent = this.#find(facts.parentPid, facts.parentStartUs)?.imageAt(bootUs) ?? null
    if (parent !== null) return (parent.childLineage ??= this.#lineageBelow(parent))
    const { parentPid: pid, parentStartUs: startUs } = facts
    const parentOnly = { pid, startUs, name: facts.parentComm(), exe: new Uint8Array(0), exePath: null, exeFlags: 0, program: null }
    return new Lineage([parentOnly], new Uint8Array(0))
  }

  #lineageBelow(parent: ProcessImage): Lineage {
    const { maxAncestors, parentArgsBytes } = this.#options
    const ancestors = [asAncestor(parent), ...parent.lineage.ancestors].slice(0, maxAncestors)
    return new Lineage(ancestors, argumentsUpTo(parent.texts, parentArgsBytes), parent.texts.argsRedacted)
  }

  #leaders(pid: number, { sessionId, processGroupId }: TaskFacts, lineage: Lineage, bootUs: number): Leaders {
    return leadersOf({ pid, sessionId, processGroupId, lineage }, this.#leaderAt, bootUs)
  }
  readonly #leaderAt = (leader: number, bootUs: number): Ancestor | null => {
    const image = this.#ownerAt(leader, bootUs)?.imageAt(bootUs) ?? null
    return image === null ? null : asAncestor(image)
  }
}
