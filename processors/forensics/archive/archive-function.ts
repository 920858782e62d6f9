// The function `archive`: writes topics as objects. It confirms nothing: each object is committed as a step, with its entry (partition-archive.ts).
import { isRetryable } from '../../../infra/process/errors.js'
import type { Logger } from '../../../infra/process/logger.js'
import type { Metrics } from '../../../infra/process/metrics.js'
import type { AssignedPartition } from '../../../infra/topic-log/topic-log.js'
import { type Clock, SYSTEM_CLOCK } from '../../../infra/waiting/clock.js'
import { Waiters } from '../../../infra/waiting/waiters.js'
import type { Codec } from '../../../schemas/codec.js'
import { RecordUnreadableError, SchemaUnknownError } from '../../../schemas/record-errors.js'
import { readSchemaId } from '../../../schemas/wire-format.js'
import { type DeferredContext, type DeferredFunction, defineFunction, type EventBatch } from '../../function.js'
import { SchemaLearner } from '../../runtime/schema-learner.js'
import { ARCHIVE_TOPICS, type ArchiveTopic } from '../columns.js'
import type { ObjectStore } from '../objects/object-store.js'
import { ObjectWriters } from '../parquet/object-writer.js'
import { archiveMetrics, type ArchiveMetrics } from './archive-metrics.js'
import { PartitionArchive } from './partition-archive.js'

/** How it archives. */
export interface ArchiveConfig {
  /** Bytes at which an object is cut, records that are not packed yet included. */
  readonly objectBytes: number
  /** Age at which an object is cut, milliseconds. */
  readonly objectMs: number
  /** Bytes of all objects in memory: at the bound, the oldest one is cut, and reading waits. */
  readonly memoryBytes: number
}

/** What it needs. */
export interface ArchiveDeps {
  readonly codec: Codec
  readonly store: ObjectStore
  readonly log: Logger
  readonly metrics: Metrics
  readonly clock?: Clock
}

const LOOK_MS = 500

/** The function with its timer. */
export class Archive {
  readonly #config: ArchiveConfig
  readonly #deps: ArchiveDeps & { readonly clock: Clock }
  readonly #writers: ObjectWriters
  readonly #learner: SchemaLearner
  readonly #metrics: ArchiveMetrics
  readonly #owners = new Map<AssignedPartition, PartitionArchive>()
  /** Also those that are given up: their last commit follows, and its metadata are theirs. */
  readonly #byAssignment = new WeakMap<AssignedPartition, PartitionArchive>()
  readonly #freed = new Waiters()
  readonly #timer: NodeJS.Timeout

  private constructor(deps: ArchiveDeps, config: ArchiveConfig, writers: ObjectWriters) {
    this.#config = config
    this.#deps = { ...deps, clock: deps.clock ?? SYSTEM_CLOCK }
    this.#writers = writers
    this.#learner = new SchemaLearner(deps.codec, deps.metrics)
    this.#metrics = archiveMetrics(deps.metrics, () => this.#heldBytes)
    this.#timer = setInterval(() => this.#look(), LOOK_MS)
  }

  static async create(deps: ArchiveDeps, config: ArchiveConfig): Promise<Archive> {
    return new Archive(deps, config, await ObjectWriters.create(deps.codec))
  }

  /** The function for `startFunction`. */
  get definition(): DeferredFunction {
    return defineFunction({
      name: 'archive',
      inputs: ARCHIVE_TOPICS,
      outputs: ['archive'],
      commit: 'deferred',
      maxUnconfirmed: Number.MAX_SAFE_INTEGER,
      assigned: (partition) => {
        const { codec, log, store, clock } = this.#deps
        const onFreed = (): void => this.#freed.wake()
        const deps = { codec, log, store, clock, writers: this.#writers, metrics: this.#metrics, onFreed }
        const owner = new PartitionArchive(partition, archiveTopic(partition.topic), deps)
        this.#owners.set(partition, owner)
        this.#byAssignment.set(partition, owner)
      },
      ended: (partition) => {
        this.#owners.get(partition)?.close()
        this.#owners.delete(partition)
      },
      metadata: (partition) => this.#byAssignment.get(partition)?.metadata ?? partition.metadata,
      skipped: (partition, offsets, reason) => this.#owners.get(partition)?.skip(offsets, reason),
      handle: async (batch, context) => await this.#handle(batch, context),
    })
  }

  close(): void {
    clearInterval(this.#timer)
  }

  async #handle(batch: EventBatch, context: DeferredContext): Promise<void> {
    const { partition, signal } = context
    const round = this.#owners.get(partition)?.round
    await this.#learn(batch, partition)
    await this.#room(signal)
    const owner = this.#owners.get(partition)
    // It is given up, or what came before is read again.
    if (owner === undefined || owner.round !== round || signal.aborted) return context.defer(1)
    batch.rewind()
    while (batch.next()) owner.add(batch.record)
    if (owner.openBytes >= this.#config.objectBytes) owner.cut()
  }

  /** Schemas that the columns of the batch need; a record of a schema that nobody knows is archived without. */
  async #learn(batch: EventBatch, { topic, partition }: AssignedPartition): Promise<void> {
    const { codec } = this.#deps
    let known = codec.schemaId(topic)
    while (batch.next()) {
      const { valueBytes, valueStart, valueEnd } = batch.record
      if (valueStart < 0) continue
      try {
        const id = readSchemaId(valueBytes, valueStart, valueEnd, topic)
        if (id === known) continue
        if (codec.writerSchema(topic, id) === undefined) {
          const error = new SchemaUnknownError(id, 'it was not asked for yet')
          await this.#learner.learnFor({ kind: 'threw', error }, { topic, partition })
        }
        known = id
      } catch (error) {
        if (isRetryable(error) || !(error instanceof RecordUnreadableError)) throw error
      }
    }
  }

  /** Resolves when there is memory for another batch, or with the signal. */
  async #room(signal: AbortSignal): Promise<void> {
    while (this.#heldBytes >= this.#config.memoryBytes && !signal.aborted) {
      const owners = [...this.#owners.values()]
      if (!owners.some((owner) => owner.isStoring)) {
        this.#metrics.early.add()
        owners.reduce((first, owner) => (owner.openedUs < first.openedUs ? owner : first)).cut()
      }
      const before = this.#heldBytes
      await this.#freed.until(() => this.#heldBytes < before, signal)
    }
  }

  get #heldBytes(): number {
    let bytes = 0
    for (const owner of this.#owners.values()) bytes += owner.heldBytes
    return bytes
  }

  #look(): void {
    const before = this.#deps.clock.nowUs() - this.#config.objectMs * 1000
    for (const owner of this.#owners.values()) if (owner.openedUs <= before) owner.cut()
  }
}

function archiveTopic(topic: string): ArchiveTopic {
  const found = ARCHIVE_TOPICS.find((one) => one === topic)
  if (found === undefined) throw new RangeError(`the topic ${topic} is not archived`)
  return found
}
