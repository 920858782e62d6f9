// Reports of a publisher: counters, and the partitions that it can't write. An outage is one log line at its start, one when only some
// partitions still fail, and one at its end: per change, not per batch.
import type { Logger } from '../../process/logger.js'
import type { OutageLog } from '../../process/outage-log.js'

const MOST_NAMED = 10

/** The partitions of one publisher whose last request failed. */
export class PublishOutage {
  readonly #outage: OutageLog
  readonly #log: Logger
  readonly #failing = new Map<string, unknown>()
  #isPartLogged = false

  constructor(outage: OutageLog, log: Logger) {
    this.#outage = outage
    this.#log = log
  }

  /** Number of these partitions. */
  get failing(): number {
    return this.#failing.size
  }

  /** @param error undefined if the request succeeded */
  attempted(place: string, error: unknown): void {
    if (error !== undefined) {
      this.#failing.set(place, error)
      this.#outage.failed(error)
      return
    }
    if (this.#failing.size === 0) return
    this.#failing.delete(place)
    if (this.#failing.size === 0) {
      this.#isPartLogged = false
      this.#outage.succeeded()
    } else if (!this.#isPartLogged) this.#logPart()
  }

  #logPart(): void {
    this.#isPartLogged = true
    const partitions = [...this.#failing.keys()].slice(0, MOST_NAMED)
    const facts = { partitions, failing: this.#failing.size }
    this.#log.warn(facts, 'Kafka accepts records for some partitions only; records for the others wait, and all share one buffer bound')
  }
}

/** A type, not an interface, so that it is a Record for readers by name. */
export type PublisherCounters = {
  /** Acknowledged batches. */
  batches: number
  /** Requests that repeated a frame. */
  retries: number
  /** Repeats that the broker recognised. */
  duplicates: number
  /** Batches whose sequence was refused, but that were found in the log. */
  foundInLog: number
  /** Times a partition got a new producer id; then the broker can't detect repeats of earlier batches. */
  producerResets: number
  /** Batches that were refused for their size or for one record, and sent in halves. */
  dividedBatches: number
  /** Records that got an earlier Kafka timestamp because the clock of this host is ahead of broker time. */
  clampedRecords: number
  /** Answers while the clocks of the brokers differed by more than a minute. */
  brokerClocksApart: number
  /** Batches whose records could not be read, so that they were sent with their original times. */
  unclampedBatches: number
  /** Records that the broker permanently refused; reported to the LossListener. */
  refusedRecords: number
}

export function newPublisherCounters(): PublisherCounters {
  return {
    batches: 0,
    retries: 0,
    duplicates: 0,
    foundInLog: 0,
    producerResets: 0,
    dividedBatches: 0,
    clampedRecords: 0,
    brokerClocksApart: 0,
    unclampedBatches: 0,
    refusedRecords: 0,
  }
}
