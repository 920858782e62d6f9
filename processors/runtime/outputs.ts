// What a function gave for the records of one attempt, encoded, each with the record that it belongs to. Bounded in bytes: a batch that
// gives more is handled in parts.
import { EunomiaError } from '../../infra/errors.js'
import type { OutputRecord } from '../../infra/topic-log.js'
import { TOPICS, type TopicKey } from '../../infra/topics.js'

/** Bounds of what one batch may give. */
export interface OutputBounds {
  /** Largest value of one record; default 1,000,000 bytes, a little below what Kafka's brokers take. */
  readonly maxRecordBytes?: number
  /** Most bytes of all outputs that are appended together; default 16 MiB. */
  readonly maxBatchBytes?: number
}

/** The bounds where nothing else is said. */
export const DEFAULT_OUTPUT_BOUNDS = { maxRecordBytes: 1_000_000, maxBatchBytes: 16 * 1024 * 1024 }

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
    if (this.#bytes + bytes > this.#maxBatchBytes) {
      throw new OutputsFullError(`the outputs of one batch pass ${String(this.#maxBatchBytes)} bytes`)
    }
    this.#bytes += bytes
    this.#records.push(output)
    this.#indexes.push(index)
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
