// Fetches the assigned partitions from their leaders: one loop and one request in flight per broker, one fetch ahead of what is handled. Knows
// no group: positions come from its owner.
import { messageOf } from '../../process/errors.js'
import type { Logger } from '../../process/logger.js'
import type { TopicKey } from '../../topic-log/topics.js'
import { within } from '../../waiting/clock.js'
import { DEFAULT_FETCH_BYTES } from '../kafka-config.js'
import { partitionKey } from '../partitions.js'
import { BrokerLoop } from './broker-loop.js'
import { type FetchContext, type FetchTransport, KeptBatches } from './fetch-context.js'
import type { Fetched, FetcherFigures, PartitionLag, PartitionPosition } from './fetched.js'
import { FetchedPartition } from './fetched-partition.js'
import { HeldBytes } from './held-bytes.js'

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
  /** Age from which the end of a partition is asked for that is not fetched, milliseconds. Default 2,000. */
  readonly lagMs?: number
  /** After every answer, and every `lagMs` for a partition that is not fetched. */
  readonly onLag?: (lag: PartitionLag) => void
}

const DEFAULT_PARTITION_BYTES = 1024 * 1024
const DEFAULT_WAIT_MS = 500
const DEFAULT_LAG_MS = 2_000
const CLOSE_MS = 2_000

/** Fetches partitions. */
export class Fetcher {
  readonly #context: FetchContext
  readonly #end = new AbortController()
  /** In order of precedence in requests. */
  readonly #partitions = new Map<string, FetchedPartition>()
  readonly #loops = new Map<number, BrokerLoop>()
  readonly #check: NodeJS.Timeout
  #isDispatching = false
  #refreshing: Promise<void> | undefined

  constructor(transport: FetchTransport, options: FetcherOptions, log: Logger) {
    const { maxBytes = DEFAULT_FETCH_BYTES, maxPartitionBytes = DEFAULT_PARTITION_BYTES, lagMs = DEFAULT_LAG_MS } = options
    const held = new HeldBytes(maxBytes)
    this.#context = {
      transport,
      clientId: options.clientId,
      waitMs: options.waitMs ?? DEFAULT_WAIT_MS,
      maxPartitionBytes,
      lagMs,
      keyOf: options.keyOf,
      held,
      kept: new KeptBatches(),
      counters: { fetches: 0, damagedBatches: 0, refetchedBatches: 0 },
      log,
      signal: this.#end.signal,
      onLag: options.onLag ?? (() => undefined),
      itemBytes: () => Math.min(maxPartitionBytes, Math.floor(held.mostUnpacked / Math.max(this.#partitions.size, 1))),
      // Two of each partition (one that is handled, one ahead), one on its way from each broker.
      mostFrames: () => 2 * this.#partitions.size + this.#loops.size,
      onWanted: () => this.#dispatchSoon(),
      refresh: () => this.#refresh(),
    }
    this.#check = setInterval(() => {
      this.#context.kept.reportLong(log)
      for (const loop of this.#loops.values()) loop.wake()
    }, lagMs / 2)
    this.#check.unref()
  }

  /** Starts to fetch a partition there. Replaces its position if it is fetched already. */
  add({ topic, partition, offset }: PartitionPosition): void {
    const key = partitionKey(topic, partition)
    const known = this.#partitions.get(key)
    if (known === undefined) this.#partitions.set(key, new FetchedPartition(this.#context, topic, partition, offset))
    else known.seek(offset)
    this.#dispatchSoon()
  }

  /** Ends a partition, and drops what is fetched. A pending `next` rejects. Batches that were yielded stay valid until they are released. */
  remove(topic: string, partition: number): void {
    const key = partitionKey(topic, partition)
    this.#partitions.get(key)?.end()
    this.#partitions.delete(key)
  }

  /**
   * The next item of a partition; one call at a time for each. Rejects with the reason of the signal, after `remove`, and with a
   * KafkaRefusedError or KafkaTopicError that persists (the next call tries again).
   */
  async next(topic: string, partition: number, signal: AbortSignal): Promise<Fetched> {
    const found = this.#partitions.get(partitionKey(topic, partition))
    if (found === undefined) throw new Error(`${topic}/${String(partition)} is not fetched`)
    return await found.next(signal)
  }

  /** Continues there. Drops what is fetched of the partition. */
  seek(position: PartitionPosition): void {
    this.add(position)
  }

  get figures(): FetcherFigures {
    const { held, kept, counters } = this.#context
    return { heldBytes: held.total, leases: kept.count, ...counters }
  }

  /** Ends all partitions, and waits for the requests in flight. */
  async close(): Promise<void> {
    this.#end.abort()
    clearInterval(this.#check)
    for (const partition of this.#partitions.values()) partition.end()
    await within(CLOSE_MS, Promise.all([...this.#loops.values()].map(({ done }) => done)))
  }

  // Partitions that are added together are in one request.
  #dispatchSoon(): void {
    if (this.#isDispatching) return
    this.#isDispatching = true
    queueMicrotask(() => {
      this.#isDispatching = false
      if (!this.#end.signal.aborted) this.#dispatch()
    })
  }

  #dispatch(): void {
    for (const partition of this.#partitions.values()) {
      if (!partition.isWanted) continue
      const leader = this.#leaderOf(partition)
      if (leader < 0) partition.failed(partition.epoch, 'it has no leader')
      else this.#loopOf(leader).wake()
    }
  }

  #leaderOf({ topic, partition }: FetchedPartition): number {
    try {
      return this.#context.transport.leaderOf(topic, partition)
    } catch {
      // Its metadata is not known yet.
      return -1
    }
  }

  #loopOf(leader: number): BrokerLoop {
    let loop = this.#loops.get(leader)
    if (loop === undefined) {
      loop = new BrokerLoop(leader, this.#context, () => this.#ledBy(leader))
      this.#loops.set(leader, loop)
    }
    return loop
  }

  /** Those that waited longest first: a large batch is whole only in the first partition that has records. */
  #ledBy(leader: number): FetchedPartition[] {
    return [...this.#partitions.values()]
      .filter((partition) => this.#leaderOf(partition) === leader)
      .sort((a, b) => a.fetchedAtMs - b.fetchedAtMs)
  }

  async #refresh(): Promise<void> {
    this.#refreshing ??= this.#context.transport
      .refresh()
      .catch((error: unknown) => this.#context.log.debug({ error: messageOf(error) }, 'the leaders of the partitions could not be read'))
      .finally(() => (this.#refreshing = undefined))
    await this.#refreshing
  }
}
