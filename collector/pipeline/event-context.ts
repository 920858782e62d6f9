// State that the handlers of all kinds share while one record is handled, and the outcomes that a handler reports.
import type { UserNames } from '../users/user-names.js'
import { ProcessEncoder } from '../encoder/process-encoder.js'
import type { BootClock } from '../clock.js'
import type { ContainerIndex } from '../containers/container-index.js'
import type { ExecutableHashes } from '../executables/executable-hashes.js'
import type { ProcessTable } from '../processes/process-table.js'
import type { EventPublisher, RingRecord } from '../publish/event-publisher.js'
import { EventHeader } from '../ring-events/event-header.js'
import { TEXT_FAULTS, TEXT_FLAG_NAMES } from '../ring-events/record-texts.js'
import type { RingIndex } from '../source/event-source.js'

/** The record that is handled now: bytes[at, at + length). */
export interface CurrentRecord extends RingRecord {
  bytes: Uint8Array
  view: DataView
  at: number
  length: number
  ring: RingIndex
  mark: number
  account: number
}

/** What became of a record. `full`: it was published, and the log wants no more for now. */
export type Outcome = 'published' | 'full' | 'consumed' | 'malformed'

/** Handles the records of one kind. */
export type RecordHandler = (record: CurrentRecord) => Outcome

/** What handlers stand on. */
export interface EventContextDeps {
  readonly table: ProcessTable
  readonly containers: ContainerIndex
  readonly users: UserNames
  readonly hashes: ExecutableHashes
  readonly publisher: EventPublisher
  readonly clock: BootClock
}

/** Shared by the handlers of all kinds. */
export class EventContext {
  readonly table: ProcessTable
  readonly containers: ContainerIndex
  readonly hashes: ExecutableHashes
  readonly publisher: EventPublisher
  readonly clock: BootClock
  readonly processes: ProcessEncoder
  /** Header of the record that is handled now. */
  readonly header = new EventHeader()
  /** How often a text was cut or could not be read, by flag. */
  readonly textFlags = new Map<string, number>()

  constructor(deps: EventContextDeps) {
    this.table = deps.table
    this.containers = deps.containers
    this.hashes = deps.hashes
    this.publisher = deps.publisher
    this.clock = deps.clock
    this.processes = new ProcessEncoder(deps.containers, deps.users, deps.hashes)
  }

  /** Wall time of the record that is handled now. */
  wallUs(): number {
    return this.clock.wallOf(this.header.bootUs)
  }

  /** Counts what a record says of its texts. */
  countTextFlags(flags: number): void {
    if ((flags & TEXT_FAULTS) === 0) return
    TEXT_FLAG_NAMES.forEach((name, bit) => {
      if ((flags & (1 << bit)) !== 0) this.textFlags.set(name, (this.textFlags.get(name) ?? 0) + 1)
    })
  }
}
