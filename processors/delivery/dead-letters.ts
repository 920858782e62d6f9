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

/** Dead letters that are not safe yet. */
interface OpenWrite {
  readonly marks: number[]
  isLost: boolean
}

/** Writes the dead letters of one process. */
export class DeadLetterWriter {
  readonly #appender: TopicAppender
  readonly #codec: Codec
  readonly #writes: Set<OpenWrite>
  #mark = 0

  private constructor(appender: TopicAppender, codec: Codec, writes: Set<OpenWrite>) {
    this.#appender = appender
    this.#codec = codec
    this.#writes = writes
  }

  static async open(topicLog: TopicLog, codec: Codec): Promise<DeadLetterWriter> {
    const writes = new Set<OpenWrite>()
    const appender = await topicLog.appender(
      () => undefined,
      (_topic, mark, records) => {
        // The mark is that of the last lost record; the others are somewhere before it.
        for (const write of writes) if (write.marks.some((own) => own === mark || (records > 1 && own < mark))) write.isLost = true
      },
    )
    return new DeadLetterWriter(appender, codec, writes)
  }

  /** Resolves when they are safe. @throws a retryable error if they may not be */
  async write(functionName: string, refused: readonly RefusedAlert[]): Promise<void> {
    const write: OpenWrite = { marks: [], isLost: false }
    this.#writes.add(write)
    try {
      await this.#append(functionName, refused, write)
      await this.#appender.flush()
    } finally {
      this.#writes.delete(write)
    }
    if (write.isLost) throw new LogFullError('dead letters could not be written: their alerts are sent again')
  }

  async #append(functionName: string, refused: readonly RefusedAlert[], write: OpenWrite): Promise<void> {
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
      write.marks.push(++this.#mark)
      const isRoom = this.#appender.append({ topic, key, value, valueStart: 0, valueEnd: value.length, timestampMs, mark: this.#mark })
      if (!isRoom) await this.#appender.drained()
    }
  }

  async close(): Promise<void> {
    await this.#appender.close()
  }
}
