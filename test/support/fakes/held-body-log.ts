// A log of bodies that acknowledges only when a test says so: holds batches as a publisher over Kafka does, and shows what arrived.
import type { BodyAppender, BodyLog, HeldBody, RecordBody } from '../../../infra/topic-log/body-appender.js'
import { readRecords, RecordBatchWriter } from '../../../infra/kafka/publisher/record-batch.js'
import { type AckListener, type AppendRecord, LogFullError, type LossListener } from '../../../infra/topic-log/topic-log.js'
import type { TopicKey } from '../../../infra/topic-log/topics.js'

interface Batch extends HeldBody {
  readonly topic: TopicKey
}

/** Value of a record and its topic. */
export interface Arrived {
  readonly topic: TopicKey
  readonly value: string
}

export class HeldBodyLog implements BodyLog, BodyAppender {
  /** Bytes at which `append` says false; at twice of it it throws. */
  room = Infinity
  /** Records that were acknowledged, in their order: what a reader of the topics sees. */
  readonly arrived: Arrived[] = []
  #batches: Batch[] = []
  #connect: (() => void) | null = null
  #onAck: AckListener = () => undefined
  #onLoss: LossListener = () => undefined
  #waiting: (() => void)[] = []

  /** @param isAway the appender is there only after `connect` */
  constructor(isAway = false) {
    if (isAway) this.#connect = () => undefined
  }

  async appender(onAck: AckListener, onLoss: LossListener): Promise<BodyAppender> {
    this.#onAck = onAck
    this.#onLoss = onLoss
    if (this.#connect !== null) await new Promise<void>((resolve) => (this.#connect = resolve))
    return this
  }

  /** The cluster is reached. */
  connect(): void {
    this.#connect?.()
  }

  append(record: AppendRecord): boolean {
    const writer = new RecordBatchWriter(Buffer.alloc(200 + record.key.length + record.valueEnd - record.valueStart), 0)
    writer.append(record)
    return this.appendBody(record.topic, record.key, { ...bodyOf(writer) }, record.mark)
  }

  appendBody(topic: TopicKey, _key: Uint8Array, body: RecordBody, mark: number): boolean {
    if (this.bufferedBytes >= 2 * this.room) throw new LogFullError('full')
    this.#batches.push({ ...body, records: Buffer.from(body.records), topic, lastMark: mark })
    return this.bufferedBytes < this.room
  }

  held(topic: TopicKey): readonly HeldBody[] {
    return this.#batches.filter((batch) => batch.topic === topic)
  }

  get bufferedBytes(): number {
    return this.#batches.reduce((sum, { records }) => sum + records.length, 0)
  }

  /** Acknowledges the oldest batches; what that brings in is held again. */
  ack(count = this.#batches.length): void {
    for (const batch of this.#batches.splice(0, count)) {
      readRecords(Buffer.from(batch.records), batch.count, (_index, _delta, _keyStart, _keyEnd, start, end) =>
        this.arrived.push({ topic: batch.topic, value: Buffer.from(batch.records.subarray(start, end)).toString() }),
      )
      this.#onAck(batch.topic, batch.lastMark, batch.count)
    }
    this.#reportRoom()
  }

  /** Acknowledges until nothing is held any more. */
  ackAll(): void {
    while (this.#batches.length > 0) this.ack()
  }

  /** Refuses the oldest batch for good. */
  lose(): void {
    const [batch] = this.#batches.splice(0, 1)
    if (batch !== undefined) this.#onLoss(batch.topic, batch.lastMark, batch.count, 'refused')
    this.#reportRoom()
  }

  async drained(): Promise<void> {
    if (this.bufferedBytes > this.room / 2) await new Promise<void>((resolve) => this.#waiting.push(resolve))
  }
  async flush(): Promise<void> {
    return Promise.resolve()
  }
  async close(): Promise<void> {
    const held = this.#batches.splice(0)
    const topics = new Set(held.map(({ topic }) => topic))
    for (const topic of topics) {
      const of = held.filter((batch) => batch.topic === topic)
      const records = of.reduce((sum, { count }) => sum + count, 0)
      this.#onLoss(topic, of.at(-1)?.lastMark ?? 0, records, 'closed')
    }
    return Promise.resolve()
  }

  #reportRoom(): void {
    if (this.bufferedBytes <= this.room / 2) for (const resolve of this.#waiting.splice(0)) resolve()
  }
}

function bodyOf({ count, baseTimestampMs, maxTimestampMs, attributes, records }: RecordBatchWriter): RecordBody {
  return { count, baseTimestampMs, maxTimestampMs, attributes, records }
}
