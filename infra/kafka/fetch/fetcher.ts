// Fetches the assigned partitions from their leaders: one loop and one request in flight per broker, one fetch ahead of what is handled. Knows
// no group: positions come from its owner.
import type { Logger } from '../../process/logger.js'
import type { TopicKey } from '../../topic-log/topics.js'
import type { FrameApi, TransportConnection } from '../transport.js'
import type { Fetched, FetcherFigures, PartitionLag, PartitionPosition } from './fetched.js'

/** What the fetch side needs of a cluster. */
export interface FetchTransport {
  leaderOf(topic: string, partition: number): number
  /** A connection of its own: a broker answers a connection in order, and a fetch waits. */
  fetchConnection(nodeId: number): Promise<TransportConnection>
  sendFrame(connection: TransportConnection, api: FrameApi, frame: Buffer): Promise<Buffer>
  throttle(connection: TransportConnection, pauseMs: number): void
  drop(connection: TransportConnection): void
  refresh(): Promise<void>
}

/** How to fetch. */
export interface FetcherOptions {
  readonly clientId: string
  /** Short name of a topic by its name in Kafka. */
  readonly keyOf: (topic: string) => TopicKey
  /** Bound of all bytes held: answers and unpacked records. Default 32 MiB. A single batch is fetched whole even if it is larger. */
  readonly maxBytes?: number
  /** Most bytes of one partition in one answer; also the size from which unpacked records are yielded. Default 1 MiB. */
  readonly maxPartitionBytes?: number
  /** How long a broker waits for records, milliseconds. Default 500. */
  readonly waitMs?: number
  /** After every answer, and every few seconds for a partition that is not fetched. */
  readonly onLag?: (lag: PartitionLag) => void
}

/** Fetches partitions. */
export class Fetcher {
  constructor(transport: FetchTransport, options: FetcherOptions, log: Logger) {
    void [transport, options, log]
  }

  /** Starts to fetch a partition there. Replaces its position if it is fetched already. */
  add(position: PartitionPosition): void {
    void position
  }

  /** Ends a partition, and drops what is fetched. A pending `next` rejects. Batches that were yielded stay valid until they are released. */
  remove(topic: string, partition: number): void {
    void [topic, partition]
  }

  /**
   * The next item of a partition; one call at a time for each. Rejects with the reason of the signal, after `remove`, and with a
   * KafkaRefusedError or KafkaTopicError that persists (the next call tries again).
   */
  next(topic: string, partition: number, signal: AbortSignal): Promise<Fetched> {
    return Promise.reject(new Error(`not fetched: ${topic}/${String(partition)} ${String(signal.aborted)}`))
  }

  /** Continues there, after a partial result. Drops what is fetched of the partition. */
  seek(position: PartitionPosition): void {
    this.add(position)
  }

  get figures(): FetcherFigures {
    return { heldBytes: 0, leases: 0, fetches: 0, damagedBatches: 0, refetchedBatches: 0 }
  }

  /** Ends the requests in flight. */
  close(): Promise<void> {
    return Promise.resolve()
  }
}
