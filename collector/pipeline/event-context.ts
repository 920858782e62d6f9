// State shared by the handlers of all kinds while one record is handled, and the outcomes that a handler returns.
import type { AvroWriter } from '../../schemas/avro-writer.js'
import type { UserNames } from '../users/user-names.js'
import { ProcessEncoder } from '../encoder/process-encoder.js'
import type { BootClock } from '../clock.js'
import type { ContainerIndex } from '../containers/container-index.js'
import type { ExecutableHashes } from '../executables/executable-hashes.js'
import type { PathLocator } from '../mounts/host-paths.js'
import type { ProcessTable } from '../processes/process-table.js'
import type { EventPublisher, RingRecord, RingTopic } from '../publish/event-publisher.js'
import { cgroupIdOf, EventHeader } from '../ring-events/event-header.js'
import { TEXT_FAULTS, TEXT_FLAG_NAMES } from '../ring-events/record-texts.js'
import type { RingIndex } from '../source/event-source.js'
import { PipeHolders } from '../processes/pipe-holders.js'
import type { ProcessEntry, ProcessImage } from '../processes/process-entry.js'

/** The current record: bytes[at, at + length). */
export interface CurrentRecord extends RingRecord {
  bytes: Uint8Array
  view: DataView
  at: number
  length: number
  ring: RingIndex
  mark: number
  account: number
}

/** Outcome of a record. `full`: it was published, and the log accepts no more for now. `suppressed`: nobody needs the event. */
export type Outcome = 'published' | 'full' | 'suppressed' | 'consumed' | 'malformed'

/** Handles the records of one kind. */
export type RecordHandler = (record: CurrentRecord) => Outcome

/**
 * What the readers in this process need of its events. Where no other process reads the topics (`run`), an event that nobody needs is neither
 * encoded nor appended, and the ledger counts it as suppressed. Answers by the rules in force, so that it follows a reload at once.
 */
export interface EventScreen {
  /** Whether a rule may match a process event of a kind, made by a system call: asked before the event is encoded. */
  isForRules(kind: number, syscall: number): boolean
  /**
   * By what opens are judged, another object after a reload. Null while the verdict on one may depend on its time, number or CPU: what is known of an
   * equal one then says nothing.
   */
  readonly judgeOfOpens: object | null
  /** An event was excluded without being asked for, as an equal one was. */
  excludedAgain(): void
  /** Whether nobody has learned yet that this cgroup is of that container. @param cgroupId decimal */
  isPlaceNew(containerId: string, cgroupId: string): boolean
  /** Whether a rule may match the event with the value bytes[0, end), or it is not known. */
  mayMatch(topic: RingTopic, bytes: Uint8Array, end: number): boolean
}

/** Dependencies of the handlers. */
export interface EventContextDeps {
  readonly table: ProcessTable
  readonly containers: ContainerIndex
  readonly users: UserNames
  readonly hashes: ExecutableHashes
  readonly publisher: EventPublisher
  readonly clock: BootClock
  readonly locator: PathLocator
  /** Default null: every event is published. */
  readonly screen?: EventScreen | null
}

/** Shared by the handlers of all kinds. */
export class EventContext {
  readonly table: ProcessTable
  readonly containers: ContainerIndex
  readonly hashes: ExecutableHashes
  readonly publisher: EventPublisher
  readonly clock: BootClock
  readonly locator: PathLocator
  readonly processes: ProcessEncoder
  readonly screen: EventScreen | null
  /** Pipes between processes. */
  readonly pipes = new PipeHolders()
  /** Header of the current record. */
  readonly header = new EventHeader()
  /** Number of texts that were cut or could not be read, by flag. */
  readonly textFlags = new Map<string, number>()

  constructor(deps: EventContextDeps) {
    this.table = deps.table
    this.containers = deps.containers
    this.hashes = deps.hashes
    this.publisher = deps.publisher
    this.clock = deps.clock
    this.locator = deps.locator
    this.screen = deps.screen ?? null
    this.processes = new ProcessEncoder(deps.containers, deps.users, deps.hashes)
  }

  /** A process began a program: notes its pipes, and whether they lead to the network. */
  noteStreams(image: ProcessImage): void {
    image.isFedByNetwork = this.pipes.add(image.process, image.texts.streams, this.#parentOf)
  }

  readonly #parentOf = ({ image }: ProcessEntry): ProcessEntry | null =>
    image === null ? null : (this.table.find(image.facts.parentPid, image.facts.parentStartUs)?.process ?? null)

  /** Nobody needs the process event of the current record, whatever it contains. */
  get isUnneeded(): boolean {
    const { header } = this
    return this.screen?.isForRules(header.kind, header.syscall) === false && !this.#isPlaceNew()
  }

  /** Publishes what an encoder wrote, unless nobody needs it. */
  publish(record: RingRecord, topic: RingTopic, writer: AvroWriter, wallUs: number): Outcome {
    const screen = this.screen
    const isNeeded = screen === null || (topic === 'process' && this.#isPlaceNew()) || screen.mayMatch(topic, writer.bytes, writer.position)
    if (!isNeeded) return 'suppressed'
    return this.publisher.fromRing(record, topic, writer, wallUs) ? 'published' : 'full'
  }

  #isPlaceNew(): boolean {
    const containerId = this.processes.containerIdAt(this.header)
    if (containerId === null || this.screen === null) return false
    return this.screen.isPlaceNew(containerId, cgroupIdOf(this.header).toString())
  }

  /** Wall time of the current record. */
  wallUs(): number {
    return this.clock.wallOf(this.header.bootUs)
  }

  /** Counts the text flags of a record. */
  countTextFlags(flags: number): void {
    if ((flags & TEXT_FAULTS) === 0) return
    for (const [name, flag] of TEXT_FLAG_NAMES) if ((flags & flag) !== 0) this.textFlags.set(name, (this.textFlags.get(name) ?? 0) + 1)
  }
}
