// What the partitions and broker loops of one fetcher share.
import type { Logger } from '../../process/logger.js'
import type { TopicKey } from '../../topic-log/topics.js'
import type { FrameApi, TransportConnection } from '../transport.js'
import type { FetchedBatch, PartitionLag } from './fetched.js'
import type { HeldBytes } from './held-bytes.js'

/** What the fetch side needs of a cluster. */
export interface FetchTransport {
  leaderOf(topic: string, partition: number): number
  /** A connection of its own: a broker answers a connection in order, and a fetch waits. */
  fetchConnection(nodeId: number): Promise<TransportConnection>
  /** See ProduceTransport. */
  sendFrame(connection: TransportConnection, api: FrameApi, frame: Buffer, timeoutMs?: number, silenceMs?: number): Promise<Buffer>
  /** See KafkaTransport. */
  recycle(answer: Uint8Array): void
  throttle(connection: TransportConnection, pauseMs: number): void
  drop(connection: TransportConnection): void
  refresh(): Promise<void>
}

/** Counters that are only increased. */
export interface FetchCounters {
  fetches: number
  damagedBatches: number
  refetchedBatches: number
}

/** Shared by the partitions and loops. */
export interface FetchContext {
  readonly transport: FetchTransport
  readonly clientId: string
  readonly waitMs: number
  readonly maxPartitionBytes: number
  readonly lagMs: number
  readonly keyOf: (topic: string) => TopicKey
  readonly held: HeldBytes
  readonly kept: KeptBatches
  readonly counters: FetchCounters
  readonly log: Logger
  /** Ends everything. */
  readonly signal: AbortSignal
  readonly onLag: (lag: PartitionLag) => void
  /** Bytes of unpacked records from which an item is yielded. */
  readonly itemBytes: () => number
  /** How many answers may be held at once. */
  readonly mostFrames: () => number
  /** A partition wants to be fetched. */
  readonly onWanted: () => void
  /** Reads the leaders again; calls at the same time are one. */
  readonly refresh: () => Promise<void>
}

const KEPT_LONG_MS = 60_000

interface Kept {
  readonly sinceMs: number
  isReported: boolean
}

/** The batches that were yielded and not released. */
export class KeptBatches {
  readonly #batches = new Map<FetchedBatch, Kept>()

  get count(): number {
    return this.#batches.size
  }

  add(batch: FetchedBatch): void {
    this.#batches.set(batch, { sinceMs: performance.now(), isReported: false })
  }

  delete(batch: FetchedBatch): void {
    this.#batches.delete(batch)
  }

  /** Logs each batch once that is kept for a minute: its bytes are missing to the other partitions. */
  reportLong(log: Logger, nowMs = performance.now()): void {
    for (const [{ topic, partition, firstOffset }, kept] of this.#batches) {
      const keptMs = Math.round(nowMs - kept.sinceMs)
      if (kept.isReported || keptMs < KEPT_LONG_MS) continue
      kept.isReported = true
      log.warn({ topic, partition, firstOffset, keptMs }, 'a fetched batch is kept for long, and with it its memory')
    }
  }
}
