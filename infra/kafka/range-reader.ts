// Reads ranges of partitions without a group: the past of a cluster. Each range has a fetcher of its own, so that a reader that is slow holds up
// no other.
import { type EunomiaError, messageOf } from '../process/errors.js'
import type { Logger } from '../process/logger.js'
import type { PartitionBounds, PartitionRange, RangeOptions, RangeReader } from '../topic-log/range-reader.js'
import { selectRecords } from '../topic-log/selected-batch.js'
import type { RecordBatch } from '../topic-log/topic-log.js'
import type { TopicKey } from '../topic-log/topics.js'
import { Backoff } from '../waiting/backoff.js'
import type { Fetched } from './fetch/fetched.js'
import { Fetcher } from './fetch/fetcher.js'
import { LIST_OFFSETS, listOffsetsRequest, type LogPoint, parseListedOffsets } from './fetch/list-offsets.js'
import { BrokerAnswerError } from './group/coordinator.js'
import { KafkaCluster } from './kafkajs-internals/cluster.js'
import { brokersText, type KafkaConfig, topicKeyOf, topicNameOf } from './kafka-config.js'
import { kafkaErrorOf } from './kafka-errors.js'
import { partitionKey } from './partitions.js'
import type { KafkaTransport } from './transport.js'

/** Memory of a range that is read, bytes. */
const RANGE_BYTES = 16 * 1024 * 1024
/** A leader moves within seconds. */
const MOST_ATTEMPTS = 6
const NOTHING = new Uint8Array(0)

/** Ranges of the partitions of a cluster. Connects with the first call. */
export class KafkaRangeReader implements RangeReader {
  readonly #config: KafkaConfig
  readonly #transport: KafkaTransport
  readonly #log: Logger
  readonly #end = new AbortController()

  constructor(config: KafkaConfig, log: Logger, transport: KafkaTransport = new KafkaCluster(config, log)) {
    this.#config = config
    this.#transport = transport
    this.#log = log
  }

  async bounds(topics: readonly TopicKey[]): Promise<readonly PartitionBounds[]> {
    return await this.#attempt('the bounds of the topics', async () => {
      await this.#transport.connect(topics.map((topic) => topicNameOf(this.#config, topic)))
      const places = topics.flatMap((topic) => {
        const partitions = this.#transport.partitionCount(topicNameOf(this.#config, topic))
        return Array.from({ length: partitions }, (_, partition) => ({ topic, partition }))
      })
      const starts = await this.#list(places, 'start')
      const ends = await this.#list(places, 'committedEnd')
      return places.map((place, index) => {
        const first = starts[index] ?? 0
        return { ...place, first, end: Math.max(ends[index] ?? 0, first) }
      })
    })
  }

  async firstAt(bounds: readonly PartitionBounds[], timestampMs: number): Promise<readonly number[]> {
    const offsets = await this.#attempt('the offsets of a time', () => this.#list(bounds, Math.max(timestampMs, 0)))
    return bounds.map(({ first, end }, index) => {
      const offset = offsets[index] ?? -1
      return offset < 0 ? end : Math.min(Math.max(offset, first), end)
    })
  }

  async *read(range: PartitionRange, { signal, onDamaged }: RangeOptions): AsyncGenerator<RecordBatch> {
    const { topic, partition, from, to } = range
    if (from >= to) return
    const name = topicNameOf(this.#config, topic)
    await this.#attempt('a topic', () => this.#transport.connect([name]))
    const fetcher = new Fetcher(
      this.#transport,
      {
        clientId: this.#config.clientId ?? 'eunomia',
        keyOf: (found) => topicKeyOf(this.#config, found) ?? topic,
        maxBytes: Math.min(this.#config.fetchBytes ?? RANGE_BYTES, RANGE_BYTES),
      },
      this.#log,
    )
    try {
      fetcher.add({ topic: name, partition, offset: from })
      for (let position = from; position < to;) {
        const item = await fetcher.next(name, partition, signal)
        if (item.kind === 'records') {
          try {
            const wanted = item.batch.lastOffset < to ? item.batch : selectRecords(item.batch, ({ offset }) => offset < to)
            if (wanted !== null) yield wanted
          } finally {
            item.batch.release()
          }
        } else if (item.kind !== 'passed') reportMissing(range, item, onDamaged)
        if (item.kind === 'reset') position = item.records === 0 ? to : item.to
        else position = item.nextOffset
      }
    } finally {
      await fetcher.close()
    }
  }

  async close(): Promise<void> {
    this.#end.abort()
    await this.#transport.disconnect()
  }

  /** Offsets of the places, in their order; -1 where the broker has none. */
  async #list(places: readonly Pick<PartitionBounds, 'topic' | 'partition'>[], point: LogPoint): Promise<number[]> {
    const named = places.map(({ topic, partition }) => ({ topic: topicNameOf(this.#config, topic), partition }))
    const found = new Map<string, number>()
    const leaderOf = ({ topic, partition }: (typeof named)[number]): number => this.#transport.leaderOf(topic, partition)
    for (const leader of new Set(named.map(leaderOf))) {
      const led = named.filter((place) => leaderOf(place) === leader)
      const [first] = led
      if (first === undefined) continue
      const connection = await this.#transport.leaderConnection(first.topic, first.partition)
      const request = listOffsetsRequest(this.#config.clientId ?? 'eunomia', led, point)
      const payload = await this.#transport.sendFrame(connection, LIST_OFFSETS, request)
      for (const { topic, partition, errorCode, offset } of parseListedOffsets(payload)) {
        if (errorCode !== 0) throw new BrokerAnswerError(errorCode, `${topic}/${String(partition)}`)
        found.set(partitionKey(topic, partition), offset)
      }
    }
    return named.map(({ topic, partition }) => found.get(partitionKey(topic, partition)) ?? -1)
  }

  async #attempt<T>(what: string, act: () => Promise<T>): Promise<T> {
    const backoff = new Backoff(50, 1_000)
    for (;;) {
      try {
        return await act()
      } catch (cause) {
        const error = kafkaErrorOf(cause, `${what} can't be read at ${brokersText(this.#config)}`)
        const { isRetryable } = error.constructor as typeof EunomiaError
        if (!isRetryable || backoff.attempts >= MOST_ATTEMPTS || !(await backoff.wait(this.#end.signal))) throw error
        this.#log.debug({ error: messageOf(cause) }, 'offsets of a topic could not be read')
        await this.#transport.refresh().catch(() => undefined)
      }
    }
  }
}

/** A topic that was recreated ends before the range. */
function reportMissing(
  { topic, partition, to }: PartitionRange,
  item: Extract<Fetched, { kind: 'damaged' | 'reset' }>,
  report: RangeOptions['onDamaged'],
): void {
  if (item.kind === 'damaged') {
    const { firstOffset, nextOffset, reason, bytes } = item
    report({ topic, partition, firstOffset, lastOffset: Math.min(nextOffset, to) - 1, reason, bytes })
  } else {
    const lastOffset = item.records === 0 ? to - 1 : Math.min(item.to, to) - 1
    const reason = item.records === 0 ? 'the topic ends before it' : 'retention'
    report({ topic, partition, firstOffset: item.from, lastOffset, reason, bytes: NOTHING })
  }
}
