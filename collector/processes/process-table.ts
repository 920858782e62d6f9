// Every process of the host according to the kernel records: seeded by the task iterator, updated by fork, exec and exit.
// Between the ring and the encoder; knows no Avro and no containers. Bounded: evictions are counted.
import type { EventHeader } from '../ring-events/event-header.js'
import type { ExecRecord } from '../ring-events/process-records.js'
import { TaskFacts } from '../ring-events/task-facts.js'
import { copyBytes } from '../ring-events/record-texts.js'
import { noEvents, type EventCounts, type ProcessEvents } from './event-counts.js'
import { leadersOf, NO_LEADERS, type Leaders, type Ancestor, Lineage } from './lineage.js'
import { ProcessEntry, ProcessImage, type ProcessOrigin } from './process-entry.js'
import { StreamsReader } from './standard-streams.js'
import { argumentsUpTo, exePathOf, firstArgument, textsOfExec, UNKNOWN_TEXTS, type ProcessTexts } from './process-texts.js'
import type { ProcReader } from './proc-reader.js'
import { Retirement } from './retirement.js'
import { TableReviver, TableSaver, type TableState } from './table-state.js'

/** Bounds of the process table. */
export interface ProcessTableOptions {
  /** Processes kept, ended ones included. Default 65536, twice the kernel's default for pids. */
  readonly maxProcesses?: number
  /** Ended processes and replaced images kept for late events. Default 16384: what a full security ring can end. */
  readonly maxRetired?: number
  /** How long they are kept behind the last event that may be late, microseconds. Default 250 ms: a CPU of a virtual machine may halt that long in a probe. */
  readonly keepRetiredUs?: number
  /** Ancestors of a process, the parent included. Default 8. */
  readonly maxAncestors?: number
  /** Arguments of the parent that an event carries, bytes. Default 1024. */
  readonly parentArgsBytes?: number
  /** Fallback for processes that no record told of; null where /proc is not that of the records. */
  readonly readProc?: ProcReader | null
  /** Most fallback readings between two calls of `refillProcReads`, so that lost records can't make the collector busy with /proc. Default 256. */
  readonly procReads?: number
}

const NO_LINEAGE = new Lineage([], new Uint8Array(0))
/** Longest first argument of an ancestor, bytes. */
const ANCESTOR_EXE_BYTES = 1024
/** Longest chain of seeded parents that is followed: a recording may hold a circle. */
const MAX_DEPTH = 1024

/** @see ProcessImage for what it gives */
export class ProcessTable {
  readonly #byPid = new Map<number, ProcessEntry>()
  readonly #retirement: Retirement<ProcessEntry | ProcessImage>
  readonly #options: Required<ProcessTableOptions>
  readonly #streams = new StreamsReader()
  #last: ProcessImage | null = null
  #size = 0
  #procReadsLeft: number
  /** Events that were told, of whatever process. */
  readonly total: EventCounts = noEvents()
  /** Told of each process that ended, while it is known. */
  onEnd: ((process: ProcessEntry) => void) | null = null
  /** What went beyond the bounds or was not told of, by name. */
  readonly counters = { evictedLive: 0, evictedExited: 0, fromProc: 0, fromEvent: 0, procReadsRefused: 0 }

  constructor(options: ProcessTableOptions = {}) {
    this.#options = {
      maxProcesses: options.maxProcesses ?? 65_536,
      maxRetired: options.maxRetired ?? 16_384,
      keepRetiredUs: options.keepRetiredUs ?? 250_000,
      maxAncestors: options.maxAncestors ?? 8,
      parentArgsBytes: options.parentArgsBytes ?? 1024,
      readProc: options.readProc ?? null,
      procReads: options.procReads ?? 256,
    }
    this.#retirement = new Retirement(this.#options.keepRetiredUs, this.#options.maxRetired, (item) => this.#forget(item))
    this.#procReadsLeft = this.#options.procReads
  }

  /** Processes in the table, ended ones that are kept included. */
  get size(): number {
    return this.#size
  }
  /** Ended processes and images that were forgotten before their time. */
  get retiredEarly(): number {
    return this.#retirement.early
  }

  /** Allows the fallback again; called once a second. */
  refillProcReads(): void {
    this.#procReadsLeft = this.#options.procReads
  }

  /** No event of before `bootUs` is still to come: what ended well before is forgotten. */
  handledUpTo(bootUs: number): void {
    this.#retirement.expire(bootUs)
  }

  /** An event was told of this process. */
  count({ pid, startUs }: EventHeader, topic: keyof EventCounts): void {
    this.total[topic]++
    const last = this.#last?.process
    const entry = last?.pid === pid && last.startUs === startUs ? last : this.#find(pid, startUs)
    if (entry !== null) (entry.events ??= noEvents())[topic]++
  }

  /** Events of each process that runs, as far as there were any. */
  *eventCounts(): Generator<ProcessEvents> {
    for (const { pid, startUs, hasExited, events } of this.#byPid.values()) {
      if (!hasExited && events !== null) yield { pid, startUs, events }
    }
  }

  /** The table as it is, for `restore` in another process. What it shares with the table does not change. */
  save(): TableState {
    const saver = new TableSaver()
    const processes = [...this.#byPid.values()].map((newest) => {
      const owners = []
      for (let entry: ProcessEntry | null = newest; entry !== null; entry = entry.older) owners.push(saver.process(entry))
      return owners
    })
    const retired = [...this.#retirement.entries()].flatMap(([endUs, kept]) => {
      const item = saver.saved.get(kept)
      return item === undefined ? [] : [{ endUs, item }]
    })
    return { processes, retired }
  }

  /** Takes a saved table back; into an empty one. @throws TypeError for what is none: the table is empty then */
  restore(state: TableState): void {
    const reviver = new TableReviver()
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

  /** A running process of the task iterator. Parents come in any order: `relateSeeds` is called behind the last. */
  seed(header: EventHeader, record: ExecRecord, bytes: Uint8Array, view: DataView): ProcessImage {
    const facts = TaskFacts.read(bytes, view, record.factsAt, record.namespacesAt)
    const known = this.#find(header.pid, header.startUs)?.image ?? null
    if (known !== null) return known
    const entry = this.#add(new ProcessEntry(header.pid, header.startUs, 'tasks'), header.bootUs)
    const texts = textsOfExec(bytes, record, facts.hasExecutable, this.#streams)
    // Ancestors and leaders may be seeded behind it: relateSeeds.
    return (entry.image = new ProcessImage(entry, 0, { facts, texts, lineage: NO_LINEAGE, leaders: NO_LEADERS, execCount: 0 }))
  }

  /** Gives a seeded process the ancestors that were seeded behind it. */
  relateSeeds(): void {
    for (const entry of this.#byPid.values()) this.#relate(entry, 0)
  }

  /** All processes that are known, ended ones that are kept included. */
  *entries(): Generator<ProcessEntry> {
    for (const newest of this.#byPid.values())
      for (let entry: ProcessEntry | null = newest; entry !== null; entry = entry.older) yield entry
  }

  /**
   * A new process. It runs what the process that made it runs; its parent is another one after CLONE_PARENT. The task iterator may have found it
   * before this record was read, running another file by then: what it was made as counts, its execs are told behind.
   */
  fork(header: EventHeader, facts: TaskFacts): ProcessImage {
    const known = this.#find(header.pid, header.startUs)
    const before = known?.image ?? null
    if (before !== null && (before.process.origin !== 'tasks' || before.sinceUs > 0)) return before
    const entry = known ?? this.#add(new ProcessEntry(header.pid, header.startUs, 'fork'), header.bootUs)
    entry.maker = this.#makerOf(header, facts)
    return this.#run(entry, header.bootUs, facts, this.#textsOfFork(header, facts), this.#lineage(facts, header.bootUs), 0)
  }

  /** A process that runs another file from now on. */
  exec(header: EventHeader, record: ExecRecord, bytes: Uint8Array, view: DataView): ProcessImage {
    const facts = TaskFacts.read(bytes, view, record.factsAt, record.namespacesAt)
    const entry = this.#find(header.pid, header.startUs) ?? this.#add(new ProcessEntry(header.pid, header.startUs, 'exec'), header.bootUs)
    const before = entry.image
    const texts = textsOfExec(bytes, record, facts.hasExecutable, this.#streams)
    const image = this.#run(entry, header.bootUs, facts, texts, this.#lineage(facts, header.bootUs), (before?.execCount ?? 0) + 1)
    if (before !== null) {
      image.older = before
      this.#retirement.add(header.bootUs, image)
    }
    return image
  }

  /** A process that ended: kept for a while for events of it that come late. */
  exit(header: EventHeader): ProcessImage {
    const image = this.at(header)
    this.#retire(image.process, header.bootUs)
    return image
  }

  /** What a process runs, or ran last; null for one that is not known, or not any more. */
  find(pid: number, startUs: number): ProcessImage | null {
    return this.#find(pid, startUs)?.image ?? null
  }

  /** What the process of an event ran at the time of the event. */
  at(header: EventHeader): ProcessImage {
    const last = this.#last
    if (last !== null && last.process.pid === header.pid && last.process.startUs === header.startUs && last.sinceUs <= header.bootUs) {
      if (last.process.image === last) return last
    }
    const image = this.#find(header.pid, header.startUs)?.imageAt(header.bootUs) ?? this.#makeUntold(header)
    this.#last = image
    return image
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

  #add(entry: ProcessEntry, nowUs: number): ProcessEntry {
    if (this.#size >= this.#options.maxProcesses) this.#evict()
    const before = this.#byPid.get(entry.pid) ?? null
    if (before !== null && before.startUs > entry.startUs) {
      // A late event of an earlier owner of the pid: it goes behind the newer one.
      let newer = before
      while (newer.older !== null && newer.older.startUs > entry.startUs) newer = newer.older
      entry.older = newer.older
      newer.older = entry
      this.#retire(entry, nowUs)
    } else {
      entry.older = before
      this.#byPid.set(entry.pid, entry)
      // Its pid has a new owner, so the process before ended, whether its exit was told or lost.
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

  /** Of an image, what ran before it. */
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

  #makeUntold(header: EventHeader): ProcessImage {
    const told = this.#readProc(header)
    const origin: ProcessOrigin = told === null ? 'event' : 'proc'
    if (told === null) this.counters.fromEvent++
    else this.counters.fromProc++
    const entry = this.#add(new ProcessEntry(header.pid, header.startUs, origin), header.bootUs)
    const facts = told?.facts ?? TaskFacts.unknown
    const parent = this.#byPid.get(facts.parentPid)
    if (parent !== undefined && told !== null && parent.startUs <= header.startUs) facts.parentStartUs = parent.startUs
    return this.#run(entry, 0, facts, told?.texts ?? UNKNOWN_TEXTS, this.#lineage(facts, header.bootUs), 0)
  }

  #readProc(header: EventHeader): ReturnType<ProcReader> {
    if (this.#options.readProc === null) return null
    if (this.#procReadsLeft <= 0) {
      this.counters.procReadsRefused++
      return null
    }
    this.#procReadsLeft--
    return this.#options.readProc(header.pid, header.startUs)
  }

  #textsOfFork(header: EventHeader, facts: TaskFacts): ProcessTexts {
    const maker = this.#makerOf(header, facts)?.imageAt(header.bootUs)
    const isSameFile =
      maker?.facts.exeInodeLow === facts.exeInodeLow &&
      maker.facts.exeInodeHigh === facts.exeInodeHigh &&
      maker.facts.exeDevice === facts.exeDevice
    if (isSameFile) return maker.texts
    return this.#readProc(header)?.texts ?? UNKNOWN_TEXTS
  }

  /** The process that forked it: its parent but for CLONE_PARENT. */
  #makerOf({ bootUs }: EventHeader, { makerPid, parentPid, parentStartUs }: TaskFacts): ProcessEntry | null {
    return makerPid === 0 ? this.#find(parentPid, parentStartUs) : this.#ownerAt(makerPid, bootUs)
  }

  /** Who had a pid at a time. */
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
    entry.image = new ProcessImage(entry, image.sinceUs, {
      facts,
      texts,
      lineage,
      leaders: this.#leaders(entry.pid, facts, lineage, Infinity),
      execCount,
    })
  }

  #lineage(facts: TaskFacts, bootUs: number): Lineage {
    if (facts.parentPid === 0) return NO_LINEAGE
    const parent = this.#find(facts.parentPid, facts.parentStartUs)?.imageAt(bootUs) ?? null
    if (parent !== null) return (parent.childLineage ??= this.#lineageBelow(parent))
    const told = { pid: facts.parentPid, startUs: facts.parentStartUs, name: facts.parentComm(), exe: new Uint8Array(0), exePath: null }
    return new Lineage([told], new Uint8Array(0))
  }

  #lineageBelow(parent: ProcessImage): Lineage {
    const { maxAncestors, parentArgsBytes } = this.#options
    const ancestors = [told(parent), ...parent.lineage.ancestors].slice(0, maxAncestors)
    return new Lineage(ancestors, argumentsUpTo(parent.texts, parentArgsBytes))
  }

  #leaders(pid: number, { sessionId, processGroupId }: TaskFacts, lineage: Lineage, bootUs: number): Leaders {
    return leadersOf({ pid, sessionId, processGroupId, lineage }, (leader) => {
      const image = this.#ownerAt(leader, bootUs)?.imageAt(bootUs) ?? null
      return image === null ? null : told(image)
    })
  }
}

/** An image as an event of another process tells of it, made once. */
function told(image: ProcessImage): Ancestor {
  return (image.told ??= {
    pid: image.process.pid,
    startUs: image.process.startUs,
    name: copyBytes(image.facts.comms, 0, image.facts.commEnd),
    exe: firstArgument(image.texts, ANCESTOR_EXE_BYTES),
    exePath: exePathOf(image.texts),
  })
}
