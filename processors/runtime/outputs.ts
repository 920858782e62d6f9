// What a function gave for the records of one attempt, encoded, each with the record that it belongs to. Bounded in bytes: a batch that
// gives more is handled in parts.
import { EunomiaError } from '../../infra/process/errors.js'
import type { OutputRecord } from '../../infra/topic-log/topic-log.js'
import { TOPICS, type TopicKey } from '../../infra/topic-log/topics.js'

/** Bounds of what one batch may give. */
export interface OutputBounds {
  /** Largest value of one record; default 1,000,000 bytes, a little below what Kafka's brokers take. */
  readonly maxRecordBytes?: number
  /**
   * Most bytes that one call of a function may give; default 1,200,000. What is appended together is at most half as much again, and may all
   * go to one partition, where it is one batch: it must stay below the max.message.bytes of our topics, 2 MiB.
   */
  readonly maxBatchBytes?: number
}

/** The bounds where nothing else is said. */
export const DEFAULT_OUTPUT_BOUNDS = { maxRecordBytes: 1_000_000, maxBatchBytes: 1_200_000 }

/** An output that a broker would refuse. */
export class OutputTooLargeError extends EunomiaError {
  static override readonly code = 'EUNOMIA_FUNCTION_FAILED'

  constructor(topic: TopicKey, bytes: number, maxBytes: number) {
    super(`the record for ${TOPICS[topic].name} has ${String(bytes)} bytes, more than the ${String(maxBytes)} that a topic takes`, {
      details: { topic, bytes, maxBytes },
    })
  }
}

/** A batch gives more than is appended together: it must be handled in smaller parts. */
export class OutputsFullError extends EunomiaError {
  static override readonly code = 'EUNOMIA_FUNCTION_FAILED'
}

/** Collects outputs in the order in which they were given. */
export class Outputs {
  readonly #records: OutputRecord[] = []
  readonly #indexes: number[] = []
  readonly #maxRecordBytes: number
  readonly #maxBatchBytes: number
  #bytes = 0

  constructor(bounds: OutputBounds = {}) {
    this.#maxRecordBytes = bounds.maxRecordBytes ?? DEFAULT_OUTPUT_BOUNDS.maxRecordBytes
    this.#maxBatchBytes = bounds.maxBatchBytes ?? DEFAULT_OUTPUT_BOUNDS.maxBatchBytes
  }

  /**
   * @param index record of the fetched batch that the output belongs to
   * @throws OutputTooLargeError, OutputsFullError
   */
  add(index: number, output: OutputRecord): void {
    const bytes = output.value.length + output.key.length
    if (bytes > this.#maxRecordBytes) throw new OutputTooLargeError(output.topic, bytes, this.#maxRecordBytes)
    this.reserve(bytes)
    this.#records.push(output)
    this.#indexes.push(index)
  }

  /** Counts bytes that will be appended with the outputs. @throws OutputsFullError */
  reserve(bytes: number): void {
    if (this.#bytes + bytes > this.#maxBatchBytes) {
      throw new OutputsFullError(`the outputs of one batch pass ${String(this.#maxBatchBytes)} bytes`)
    }
    this.#bytes += bytes
  }

  /** Takes what belongs to records in front of `index`, and forgets the rest. */
  take(index: number): OutputRecord[] {
    return this.#records.filter((_, at) => (this.#indexes[at] ?? index) < index)
  }

  /** Bytes held. */
  get bytes(): number {
    return this.#bytes
  }
}
