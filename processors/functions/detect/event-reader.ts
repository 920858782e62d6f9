// Decodes the events that rules read, from their own topic or from a pending event.
import { topicByName, TOPICS } from '../../../infra/topic-log/topics.js'
import type { Codec, ProjectedDecode } from '../../../schemas/codec.js'
import type { FileEvent, KernelEvent, NetworkEvent, PendingEvent, ProcessEvent } from '../../../schemas/generated/types.js'
import { RecordUnreadableError } from '../../../schemas/record-errors.js'
import type { EventBatch } from '../../function.js'
import { eventTypeOf } from '../../rule-engine/fields/record/event-type.js'
import type { RuleRecord } from '../../rule-engine/fields/rule-event.js'

/** Reads records with the decoders of one codec. */
export class EventReader {
  readonly #codec: Codec
  readonly #processHead: ProjectedDecode<Pick<ProcessEvent, 'type' | 'syscall'>>
  readonly #fileHead: ProjectedDecode<Pick<FileEvent, 'syscall'>>
  readonly #networkHead: ProjectedDecode<Pick<NetworkEvent, 'type' | 'syscall'>>
  readonly #kernelHead: ProjectedDecode<Pick<KernelEvent, 'type' | 'syscall'>>

  constructor(codec: Codec) {
    this.#codec = codec
    this.#processHead = codec.projection('process', ['type', 'syscall'])
    this.#fileHead = codec.projection('file', ['syscall'])
    this.#networkHead = codec.projection('network', ['type', 'syscall'])
    this.#kernelHead = codec.projection('kernel', ['type', 'syscall'])
  }

  /**
   * Type of the current record as rules name it, at a tenth of the cost of a whole decode; null for one that no rule evaluates.
   * @throws RecordUnreadableError, SchemaUnknownError
   */
  eventType(batch: EventBatch): string | null {
    const { topic } = batch
    if (topic === 'process') return eventTypeOf({ topic, record: batch.value(this.#processHead) })
    if (topic === 'network') return eventTypeOf({ topic, record: batch.value(this.#networkHead) })
    if (topic === 'kernel') return eventTypeOf({ topic, record: batch.value(this.#kernelHead) })
    return eventTypeOf({ topic: 'file', record: batch.value(this.#fileHead) })
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
