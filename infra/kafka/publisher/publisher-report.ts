// What a publisher reports: counters, and the partitions that it can't write to. An outage is one log line when it begins, one when only some
// partitions are left, and one when it ends: per change, not per batch, even if some partitions work and others are denied.
import type { Logger } from '../../process/logger.js'
import type { OutageLog } from '../../process/outage-log.js'

const MOST_NAMED = 10

/** The partitions of one publisher whose last sending failed; at most as many as it has. */
export class PublishOutage {
  readonly #outage: OutageLog
  readonly #log: Logger
  readonly #failing = new Map<string, unknown>()
  #isPartLogged = false

  constructor(outage: OutageLog, log: Logger) {
    this.#outage = outage
    this.#log = log
  }

  /** Partitions whose last sending failed. */
  get failing(): number {
    return this.#failing.size
  }

  /** @param error undefined for a sending that succeeded */
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
    this.#log.warn(facts, 'Kafka takes records of some partitions and not of others; those wait, and what waits is bounded for all')
  }
}

/** A type and not an interface, so that it can be read by name. */
export type PublisherCounters = {
  /** Batches acknowledged. */
  batches: number
  /** Sendings of a frame beyond its first. */
  retries: number
  /** Repeats that the broker recognised. */
  duplicates: number
  /** Batches whose sequence was refused and that were found in the log. */
  foundInLog: number
  /** Times a partition got a new producer id, after which the broker can't detect a repeat from before. */
  producerResets: number
  /** Batches that were refused because of their size or of one record, and went on in halves. */
  dividedBatches: number
  /** Records that got an earlier Kafka timestamp because the clock of this host is ahead of the brokers'. */
  clampedRecords: number
  /** Batches whose records could not be read, so that they were sent with the times that they had. */
  unclampedBatches: number
  /** Records that the broker refused for good; reported to the LossListener. */
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
    unclampedBatches: 0,
    refusedRecords: 0,
  }
}
