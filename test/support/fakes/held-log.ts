// A topic log that holds what is appended and acknowledges only when a test says so: for states that a real log passes too quickly to observe.
import {
  type AckListener,
  type AppendRecord,
  LogFullError,
  type LossListener,
  type TopicAppender,
  type TopicConsumer,
  type TopicLog,
} from '../../../infra/topic-log/topic-log.js'
import type { TopicKey } from '../../../infra/topic-log/topics.js'

/** One record that was appended. */
export interface HeldRecord {
  readonly topic: TopicKey
  readonly key: string
  readonly value: Uint8Array
  readonly timestampMs: number
  readonly mark: number
}

/** Everything appended, in order, and levers for acknowledgements, losses and room. */
export class HeldLog implements TopicLog, TopicAppender {
  readonly records: HeldRecord[] = []
  /** Records that may be held unacknowledged: at it `append` says false, at twice of it it throws. */
  room = Infinity
  acknowledgesAtOnce = false
  #onAck: AckListener = () => undefined
  #onLoss: LossListener = () => undefined
  #settled = 0
  #waiting: (() => void)[] = []

  async appender(onAck: AckListener, onLoss: LossListener): Promise<TopicAppender> {
    this.#onAck = onAck
    this.#onLoss = onLoss
    return Promise.resolve(this)
  }

  append({ topic, key, value: source, valueStart, valueEnd, timestampMs, mark }: AppendRecord): boolean {
    if (this.held >= this.room * 2) throw new LogFullError('full')
    const value = new Uint8Array(source.subarray(valueStart, valueEnd))
    this.records.push({ topic, key: Buffer.from(key).toString(), value, timestampMs, mark })
    if (this.acknowledgesAtOnce) this.ack(1)
    return this.held < this.room
  }

  /** Records neither acknowledged nor lost. */
  get held(): number {
    return this.records.length - this.#settled
  }

  get bufferedBytes(): number {
    return this.records.slice(this.#settled).reduce((sum, { value }) => sum + value.length, 0)
  }

  /** Acknowledges the oldest records, one call of the listener each. */
  ack(count = this.held): void {
    this.#settle(count, ({ topic, mark }) => this.#onAck(topic, mark, 1))
  }

  /** Loses the oldest records. */
  lose(count: number): void {
    this.#settle(count, ({ topic, mark }) => this.#onLoss(topic, mark, 1, 'test'))
  }

  #settle(count: number, report: (record: HeldRecord) => void): void {
    for (const record of this.records.slice(this.#settled, this.#settled + count)) {
      this.#settled++
      report(record)
    }
    if (this.held * 2 <= this.room) for (const resolve of this.#waiting.splice(0)) resolve()
  }

  async drained(): Promise<void> {
    if (this.held * 2 > this.room) await new Promise<void>((resolve) => this.#waiting.push(resolve))
  }
  async flush(): Promise<void> {
    return Promise.resolve()
  }
  async close(): Promise<void> {
    return Promise.resolve()
  }
  async consume(): Promise<TopicConsumer> {
    return Promise.reject(new Error('nobody reads this log'))
  }
}
