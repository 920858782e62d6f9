// A topic log under a conformance test, and short forms of records.
import type { BatchHandler, ConsumeOptions, RecordBatch, TopicAppender, TopicConsumer, TopicLog } from '../../infra/topic-log/topic-log.js'
import type { TopicKey } from '../../infra/topic-log/topics.js'
import { waitFor } from '../support/wait-for.js'

/** One record, copied out of its batch. */
export interface Seen {
  readonly topic: TopicKey
  readonly offset: number
  readonly key: string
  readonly value: string
  readonly timestampMs: number
}

export const KEY = Buffer.from('host-1')
export const WALL_MS = 1_760_000_000_000

/** The records of a batch, read from its first. */
export function recordsOf(batch: RecordBatch): Seen[] {
  const seen: Seen[] = []
  batch.rewind()
  while (batch.next()) {
    const key = Buffer.from(batch.keyBytes.subarray(batch.keyStart, batch.keyEnd)).toString()
    const value = Buffer.from(batch.valueBytes.subarray(batch.valueStart, batch.valueEnd)).toString('latin1')
    seen.push({ topic: batch.topic, offset: batch.offset, key, value, timestampMs: batch.timestampMs })
  }
  return seen
}

/** A handler that finishes every batch and stores its records. */
export function keeping(seen: Seen[]): BatchHandler {
  return async (batch) => {
    seen.push(...recordsOf(batch))
    return Promise.resolve({ nextOffset: batch.lastOffset + 1, outputs: [] })
  }
}

export const values = (seen: readonly Seen[]): string[] => seen.map((record) => record.value)
export const numbers = (count: number, from = 0): string[] => Array.from({ length: count }, (_, index) => String(from + index))

/** A log with everything that a test opened, to be closed after the test. */
export class LogBench {
  readonly topicLog: TopicLog
  readonly acks: { topic: TopicKey; mark: number; records: number }[] = []
  readonly losses: string[] = []
  readonly #consumers: TopicConsumer[] = []
  readonly #appenders: TopicAppender[] = []

  constructor(topicLog: TopicLog) {
    this.topicLog = topicLog
  }

  async appender(): Promise<TopicAppender> {
    const appender = await this.topicLog.appender(
      (topic, mark, records) => this.acks.push({ topic, mark, records }),
      (topic, mark, records, reason) => this.losses.push(`${topic} ${String(mark)} ${String(records)} ${reason}`),
    )
    this.#appenders.push(appender)
    return appender
  }

  async consume(handler: BatchHandler, options: Partial<ConsumeOptions> = {}): Promise<TopicConsumer> {
    const consumer = await this.topicLog.consume({ group: 'readers', topics: ['process'], from: 'earliest', handler, ...options })
    this.#consumers.push(consumer)
    return consumer
  }

  until<T>(what: string, look: () => T): Promise<NonNullable<T>> {
    return waitFor(what, look)
  }

  async close(): Promise<void> {
    for (const consumer of this.#consumers) await consumer.stop('the test ends')
    for (const appender of this.#appenders) await appender.close(1_000)
    await this.topicLog.close()
  }
}

/** Appends texts as values, numbered by marks. */
export function put(appender: TopicAppender, texts: readonly string[], topic: TopicKey = 'process', firstMark = 1): void {
  texts.forEach((text, index) => {
    const value = Buffer.from(text, 'latin1')
    appender.append({
      topic,
      key: KEY,
      value,
      valueStart: 0,
      valueEnd: value.length,
      timestampMs: WALL_MS + index,
      mark: firstMark + index,
    })
  })
}

/** Opens one for a test. */
export type OpenBench = (bufferBytes?: number) => Promise<LogBench>
