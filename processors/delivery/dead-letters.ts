// The dead letters of alerts that a receiver refused: written to the topic, and acknowledged, before the alerts are settled.
import { LogFullError, type TopicAppender, type TopicLog } from '../../infra/topic-log/topic-log.js'
import { EunomiaError } from '../../infra/process/errors.js'
import type { Codec } from '../../schemas/codec.js'
import { DEFAULT_OUTPUT_BOUNDS } from '../runtime/attempt.js'
import { deadLetterOf, failureOf } from '../runtime/dead-letter.js'
import type { TopicAlert } from './sink.js'

/** The receiver of a sink will never take an alert. */
export class SinkRefusedError extends EunomiaError {
  static override readonly code = 'EUNOMIA_SINK_REFUSED'
}

/** An alert that was refused. */
export interface RefusedAlert {
  readonly alert: Pick<TopicAlert, 'bytes' | 'partition' | 'offset'> & { readonly hostId: string; readonly timestampMs: number }
  readonly reason: string
  /** What the receiver said. */
  readonly answer: string
  readonly attempts: number
}

/** Longest answer that is kept, characters. */
const MAX_ANSWER = 1_000

/** Writes the dead letters of one process. */
export class DeadLetterWriter {
  readonly #appender: TopicAppender
  readonly #codec: Codec
  readonly #losses: { count: number }
  #mark = 0

  private constructor(appender: TopicAppender, codec: Codec, losses: { count: number }) {
    this.#appender = appender
    this.#codec = codec
    this.#losses = losses
  }

  static async open(topicLog: TopicLog, codec: Codec): Promise<DeadLetterWriter> {
    const losses = { count: 0 }
    const appender = await topicLog.appender(
      () => undefined,
      (_topic, _mark, records) => (losses.count += records),
    )
    return new DeadLetterWriter(appender, codec, losses)
  }

  /** Resolves when they are safe. @throws a retryable error if they may not be */
  async write(functionName: string, refused: readonly RefusedAlert[]): Promise<void> {
    const lost = this.#losses.count
    const context = { functionName, nowUs: Date.now() * 1000, maxRecordBytes: DEFAULT_OUTPUT_BOUNDS.maxRecordBytes }
    for (const { alert, reason, answer, attempts } of refused) {
      const text = answer === '' ? reason : `${reason}: ${answer.slice(0, MAX_ANSWER)}`
      const key = Buffer.from(alert.hostId)
      const record = {
        topic: 'alerts' as const,
        partition: alert.partition,
        offset: alert.offset,
        timestampMs: alert.timestampMs,
        ...{ keyBytes: key, keyStart: 0, keyEnd: key.length },
        ...{ valueBytes: alert.bytes, valueStart: 0, valueEnd: alert.bytes.length },
      }
      const { topic, value, timestampMs } = deadLetterOf(record, failureOf(new SinkRefusedError(text), attempts), context, (letter) =>
        this.#codec.encode('deadletter', letter),
      )
      const isRoom = this.#appender.append({ topic, key, value, valueStart: 0, valueEnd: value.length, timestampMs, mark: ++this.#mark })
      if (!isRoom) await this.#appender.drained()
    }
    await this.#appender.flush()
    if (this.#losses.count !== lost) throw new LogFullError('dead letters could not be written: their alerts are sent again')
  }

  async close(): Promise<void> {
    await this.#appender.close()
  }
}
