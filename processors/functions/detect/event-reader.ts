// Decodes the events that rules read, from their own topic or from a pending event.
import { topicByName, TOPICS } from '../../../infra/topic-log/topics.js'
import type { Codec, ProjectedDecode } from '../../../schemas/codec.js'
import type { PendingEvent } from '../../../schemas/generated/types.js'
import { RecordUnreadableError } from '../../../schemas/record-errors.js'
import type { EventBatch } from '../../function.js'
import type { Symbols } from '../../rule-engine/fields/bytes/symbols.js'
import { RecordScanners } from '../../rule-engine/compiled/record-scanners.js'
import type { ScannedRecord } from '../../rule-engine/fields/bytes/scanned-record.js'
import type { RuleRecord, RuleTopic } from '../../rule-engine/fields/rule-event.js'

/** Reads records with the decoders of one codec. */
export class EventReader {
  readonly #codec: Codec
  readonly #scanners: RecordScanners

  constructor(codec: Codec) {
    this.#codec = codec
    this.#scanners = new RecordScanners(codec)
  }

  /** Symbols of the records of a topic. */
  symbols(topic: RuleTopic): Symbols {
    return this.#scanners.of(topic).symbols
  }

  /** Reads what the bytes of a record hold, valid until the next scan; null if it must be decoded to be judged. */
  scanOf(topic: RuleTopic): ProjectedDecode<ScannedRecord | null> {
    const scanners = this.#scanners.of(topic)
    return (bytes, start, end) => scanners.scan(bytes, start, end)
  }

  /**
   * The current record of a batch of events, with fields decoded on first read: for evaluation, valid until the batch is handled.
   * @throws RecordUnreadableError, SchemaUnknownError
   */
  view(batch: EventBatch): RuleRecord {
    const { topic } = batch
    return batch.value((bytes, start, end) => {
      if (topic === 'process') return { topic, record: this.#codec.view(topic, bytes, start, end) }
      if (topic === 'file') return { topic, record: this.#codec.view(topic, bytes, start, end) }
      if (topic === 'network') return { topic, record: this.#codec.view(topic, bytes, start, end) }
      if (topic === 'kernel') return { topic, record: this.#codec.view(topic, bytes, start, end) }
      return this.#decode(topic, bytes, start, end)
    })
  }

  /** The current record of a batch of events, decoded whole, for alerts and pending events. @throws RecordUnreadableError, SchemaUnknownError */
  event(batch: EventBatch): RuleRecord {
    return batch.value((bytes, start, end) => this.#decode(batch.topic, bytes, start, end))
  }

  /** The current record of a batch of pending events. @throws RecordUnreadableError, SchemaUnknownError */
  pending(batch: EventBatch): PendingEvent {
    return batch.value((bytes, start, end) => this.#codec.decode('pending', bytes, start, end))
  }

  /** The event within a pending event. @throws RecordUnreadableError, SchemaUnknownError */
  eventOf(pending: PendingEvent): RuleRecord {
    const topic = topicByName(pending.eventTopic)?.key ?? pending.eventTopic
    return this.#decode(topic, pending.event, 0, pending.event.length)
  }

  #decode(topic: string, bytes: Uint8Array, start: number, end: number): RuleRecord {
    if (topic === 'process') return { topic, record: this.#codec.decode(topic, bytes, start, end) }
    if (topic === 'file') return { topic, record: this.#codec.decode(topic, bytes, start, end) }
    if (topic === 'network') return { topic, record: this.#codec.decode(topic, bytes, start, end) }
    if (topic === 'kernel') return { topic, record: this.#codec.decode(topic, bytes, start, end) }
    const place = { topic: TOPICS.pending.name, offset: 0, field: 'eventTopic' }
    throw new RecordUnreadableError(`rules read no events of ${JSON.stringify(topic).slice(0, 100)}`, place)
  }
}
