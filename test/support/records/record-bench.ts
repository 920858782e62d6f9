// The path of a record from ring bytes to the topic log, with its surroundings controlled by a test: containers, names, clock, log.
import { RecordedClock } from '../../../collector/clock.js'
import { FileChangeEncoder, FileEventEncoder } from '../../../collector/encoder/file-event-encoder.js'
import { KernelEventEncoder } from '../../../collector/encoder/kernel-event-encoder.js'
import { SeenNames } from '../../../collector/dns/seen-names.js'
import { NetworkEventEncoder } from '../../../collector/encoder/network-event-encoder.js'
import { OriginEncoder } from '../../../collector/encoder/origin-encoder.js'
import { type ExecutableHashes, NO_HASHES } from '../../../collector/executables/executable-hashes.js'
import type { UserNames } from '../../../collector/users/user-names.js'
import { ProcessEventEncoder } from '../../../collector/encoder/process-event-encoder.js'
import { Ledger } from '../../../collector/ledger/ledger.js'
import { cgroupHandlers, processHandlers } from '../../../collector/pipeline/process-handlers.js'
import { EventContext, type EventScreen } from '../../../collector/pipeline/event-context.js'
import { fileChangeHandlers, kernelCallHandlers, networkHandlers, openHandler } from '../../../collector/pipeline/event-handlers.js'
import { RecordPipeline } from '../../../collector/pipeline/record-pipeline.js'
import { publishSnapshot, seedProcesses } from '../../../collector/pipeline/snapshot.js'
import { NO_HOST_PATHS } from '../../../collector/mounts/host-paths.js'
import { ProcessTable, type ProcessTableOptions } from '../../../collector/processes/process-table.js'
import { EventPublisher } from '../../../collector/publish/event-publisher.js'
import { KIND } from '../../../native/generated/layout.js'
import { RING, type RingBatch, type RingIndex } from '../../../collector/source/event-source.js'
import type { TopicLog } from '../../../infra/topic-log/topic-log.js'
import { Codec } from '../../../schemas/codec.js'
import type { FileEvent, KernelEvent, NetworkEvent, ProcessEvent } from '../../../schemas/generated/types.js'
import { FakeContainerIndex } from '../fakes/fake-container-index.js'
import { HeldLog } from '../fakes/held-log.js'
import { ringBytes } from './ring-records.js'

export const HOST_ID = '0b5f2f0e-9d0a-4f5e-8f0b-2f1d6a7c9e11'
export const BOOT_ID = 'a1b2c3d4-0000-4000-8000-1234567890ab'
export const KERNEL_EPOCH = 1_760_000_000_000_000
export const COLLECTOR_EPOCH = 1_760_000_000_000_999
/** Wall time minus boot time. */
export const OFFSET_US = 1_759_000_000_000_000
export const CPUS = 4

/** Two users and a group. */
export const USERS: UserNames & { generation: number } = {
  generation: 1,
  userName: (uid) => (uid === 0 ? 'root' : uid === 1000 ? 'alice' : null),
  groupName: (gid) => (gid === 0 ? 'root' : null),
}

interface OpenParts {
  readonly log: HeldLog
  readonly ledger: Ledger
  readonly safe: [security: number, bulk: number]
  readonly publisher: EventPublisher
}

/** Parts of one collector without source and timers. */
export class RecordBench {
  readonly log: HeldLog
  readonly containers = new FakeContainerIndex()
  readonly codec = new Codec()
  readonly ledger: Ledger
  /** Positions up to which the rings may be freed. */
  readonly safe: [security: number, bulk: number]
  readonly positions: [security: number, bulk: number] = [0, 0]
  fullCalls = 0
  readonly publisher: EventPublisher
  readonly context: EventContext
  readonly pipeline: RecordPipeline
  readonly #processEvents: ProcessEventEncoder

  private constructor(
    parts: OpenParts,
    table: ProcessTableOptions,
    users: UserNames,
    hashes: ExecutableHashes,
    screen: EventScreen | null,
  ) {
    this.log = parts.log
    this.ledger = parts.ledger
    this.safe = parts.safe
    this.publisher = parts.publisher
    const identity = { hostId: HOST_ID, hostName: 'node-17', bootId: BOOT_ID }
    const kernel = new OriginEncoder({ ...identity, epoch: KERNEL_EPOCH })
    this.context = new EventContext({
      table: new ProcessTable(table),
      containers: this.containers,
      users,
      hashes,
      publisher: this.publisher,
      clock: new RecordedClock(OFFSET_US),
      locator: NO_HOST_PATHS,
      screen,
    })
    const own = new OriginEncoder({ ...identity, epoch: COLLECTOR_EPOCH })
    const { redactor = null } = table
    this.#processEvents = new ProcessEventEncoder(this.codec.schemaId('process'), kernel, own, redactor)
    const handlers = new Map([
      ...processHandlers(this.context, this.#processEvents),
      ...cgroupHandlers(this.context),
      [KIND.open, openHandler(this.context, new FileEventEncoder(this.codec.schemaId('file'), kernel), null)] as const,
      ...fileChangeHandlers(this.context, new FileChangeEncoder(this.codec.schemaId('file'), kernel)),
      ...kernelCallHandlers(
        this.context,
        new KernelEventEncoder(this.codec.schemaId('kernel'), kernel, this.containers, NO_HOST_PATHS, redactor),
      ),
      ...networkHandlers(this.context, new NetworkEventEncoder(this.codec.schemaId('network'), kernel), new SeenNames()),
    ])
    this.pipeline = new RecordPipeline(this.context, this.ledger, handlers, CPUS, () => this.fullCalls++)
  }

  /** @param otherLog receives the records instead of `log` @param screen default none */
  static async open(
    table: ProcessTableOptions = {},
    users: UserNames = USERS,
    otherLog?: TopicLog,
    hashes = NO_HASHES,
    screen: EventScreen | null = null,
  ): Promise<RecordBench> {
    const log = new HeldLog()
    const ledger = new Ledger(CPUS)
    const safe: OpenParts['safe'] = [0, 0]
    const onSafe = (ring: RingIndex, position: number): void => void (safe[ring] = position)
    const publisher = await EventPublisher.open({
      topicLog: otherLog ?? log,
      ledger,
      key: Buffer.from(HOST_ID),
      onSafe,
      onLoss: () => undefined,
    })
    return new RecordBench({ log, ledger, safe, publisher }, table, users, hashes, screen)
  }

  /** Passes records to the pipeline as one batch. @returns the batch */
  feed(ring: RingIndex, records: readonly Uint8Array[], headerBits = 0): RingBatch {
    return this.feedBytes(ring, ringBytes(records, headerBits))
  }

  feedBytes(ring: RingIndex, bytes: Uint8Array, isAhead = false): RingBatch {
    this.positions[ring] += bytes.length
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    const batch = { ring, bytes, view, offset: 0, endOffset: bytes.length, endPosition: this.positions[ring], isAhead }
    this.pipeline.receive(batch)
    return batch
  }

  security(...records: Uint8Array[]): void {
    this.feed(RING.security, records)
  }
  bulk(...records: Uint8Array[]): void {
    this.feed(RING.bulk, records)
  }

  /** Seeds the process table and publishes the snapshot. @returns malformed records */
  async seed(...tasks: Uint8Array[]): Promise<number> {
    const bytes = ringBytes(tasks)
    const malformed = seedProcesses(this.context, bytes)
    await publishSnapshot(this.context, this.#processEvents, this.ledger, bytes)
    return malformed
  }

  /** Process events published, decoded. */
  get processEvents(): ProcessEvent[] {
    return this.log.records.filter(({ topic }) => topic === 'process').map(({ value }) => this.codec.decode('process', value))
  }
  /** File events published, decoded. */
  get fileEvents(): FileEvent[] {
    return this.log.records.filter(({ topic }) => topic === 'file').map(({ value }) => this.codec.decode('file', value))
  }
  /** Kernel events published, decoded. */
  get kernelEvents(): KernelEvent[] {
    return this.log.records.filter(({ topic }) => topic === 'kernel').map(({ value }) => this.codec.decode('kernel', value))
  }
  /** Network events published, decoded. */
  get networkEvents(): NetworkEvent[] {
    return this.log.records.filter(({ topic }) => topic === 'network').map(({ value }) => this.codec.decode('network', value))
  }
}
