// Records of the past, decoded, with an account of what could not be read: what commands that show the past read with.
import { partitionOf } from '../../../infra/kafka/partitions.js'
import { isRetryable } from '../../../infra/process/errors.js'
import { counted } from '../../../infra/text/printable.js'
import type { RecordBatch } from '../../../infra/topic-log/topic-log.js'
import { TOPICS, type TopicKey } from '../../../infra/topic-log/topics.js'
import type { Codec } from '../../../schemas/codec.js'
import type { TopicRecords } from '../../../schemas/topics.js'
import { decodeLearned } from '../../runtime/decode-learned.js'
import type { History, HistoryQuery } from './history.js'

/** Facts of containers are published each hour: those of a moment are in the time before it. */
export const FACTS_MS = 65 * 60_000
/** A heartbeat comes every ten seconds, and names the losses before it. */
export const HEARTBEAT_MS = 60_000
/** What is older is read from the archive where it has it: its objects of other times are skipped, a topic is read to its end. */
const OLD_MS = 86_400_000
/** Reasons that an account names, at most. */
const MAX_REASONS = 20

/** A record of one of the topics. */
export type PastRecordOf<Topic extends TopicKey> = {
  readonly [Key in Topic]: { readonly topic: Key; readonly record: TopicRecords[Key] }
}[Topic]

/** Which record it is, and its bytes, which are valid until the next one. */
export type PastPlace = Pick<
  RecordBatch,
  'topic' | 'partition' | 'offset' | 'timestampMs' | 'keyBytes' | 'keyStart' | 'keyEnd' | 'valueBytes' | 'valueStart' | 'valueEnd'
>

/** What is read. */
export interface PastQuery<Topic extends TopicKey> extends Omit<HistoryQuery, 'topics'> {
  readonly topics: readonly Topic[]
  /** SQL over the columns of the archive, as SliceOptions.where. */
  readonly where?: string
  /** Records are read within `take` and not kept: only the fields that it looks at are decoded. */
  readonly isTransient?: boolean
}

/** Reads queries of one command. */
export class PastReader {
  readonly #history: History
  readonly #codec: Codec
  readonly #signal: AbortSignal
  readonly #reasons = new Map<string, number>()
  #records = 0

  constructor(history: History, codec: Codec, signal: AbortSignal) {
    this.#history = history
    this.#codec = codec
    this.#signal = signal
  }

  /** Records that were looked at. */
  get records(): number {
    return this.#records
  }

  /** Why records were not read, one sentence each. */
  get unread(): readonly string[] {
    const reasons = [...this.#reasons].map(([reason, count]) => `${counted(count, 'record')} ${reason}`)
    const rest = reasons.length - MAX_REASONS
    return rest <= 0 ? reasons : [...reasons.slice(0, MAX_REASONS), `${String(rest)} reasons more`]
  }

  /**
   * Passes each record to `take`: topics in the order of the query, each in the order of its offsets.
   * @param isWanted looks at the bytes first; default all
   * @throws EunomiaError when neither a broker nor the archive answers
   */
  async read<Topic extends TopicKey>(
    query: PastQuery<Topic>,
    take: (record: PastRecordOf<Topic>, place: PastPlace) => void,
    isWanted: (place: PastPlace) => boolean = () => true,
  ): Promise<void> {
    const prefer = query.toMs < Date.now() - OLD_MS ? 'archive' : 'topic'
    const { slices, partitions } = await this.#history.plan({ prefer, ...query })
    for (const { topic, partition, missing } of partitions) {
      const count = partitions.filter((other) => other.topic === topic).length
      if (query.keys?.every((key) => partitionOf(Buffer.from(key), count) !== partition) === true) continue
      for (const { offsets, reason } of missing) this.#note(offsets, TOPICS[topic].name, partition, reason)
    }
    for (const slice of slices) {
      const topic = query.topics.find((one) => one === slice.topic)
      if (topic === undefined) continue
      const batches = this.#history.read(slice, {
        signal: this.#signal,
        onDamaged: ({ offsets, reason }) => this.#note(offsets, TOPICS[topic].name, slice.partition, reason),
        ...(query.where === undefined ? {} : { where: query.where }),
      })
      for await (const batch of batches) await this.#batch(topic, batch, query.isTransient === true, take, isWanted)
    }
  }

  async #batch<Topic extends TopicKey>(
    topic: Topic,
    batch: RecordBatch,
    isTransient: boolean,
    take: (record: PastRecordOf<Topic>, place: PastPlace) => void,
    isWanted: (place: PastPlace) => boolean,
  ): Promise<void> {
    while (batch.next()) {
      this.#records++
      if (batch.valueStart < 0 || !isWanted(batch)) continue
      const record = await this.#decoded(topic, batch, isTransient)
      if (record !== null) take({ topic, record } as PastRecordOf<Topic>, batch)
    }
  }

  /** null for bytes that are no record of the topic, which are counted. */
  async #decoded<Topic extends TopicKey>(topic: Topic, batch: RecordBatch, isTransient: boolean): Promise<TopicRecords[Topic] | null> {
    try {
      const { valueBytes, valueStart, valueEnd } = batch
      return this.#codec[isTransient ? 'view' : 'decode'](topic, valueBytes, valueStart, valueEnd)
    } catch {
      try {
        return await decodeLearned(topic, batch, this.#codec)
      } catch (error) {
        if (isRetryable(error) || this.#signal.aborted) throw error
        this.#add(`of ${TOPICS[topic].name} can't be decoded`, 1)
        return null
      }
    }
  }

  #note([from, to]: readonly [number, number], topic: string, partition: number, reason: string): void {
    // The same ones may be met by several queries.
    this.#reasons.set(`of ${topic}, partition ${String(partition)}, offsets ${String(from)} to ${String(to - 1)}: ${reason}`, to - from)
  }

  #add(reason: string, count: number): void {
    this.#reasons.set(reason, (this.#reasons.get(reason) ?? 0) + count)
  }
}
