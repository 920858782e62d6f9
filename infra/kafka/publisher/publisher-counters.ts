// What a publisher did, for metrics and tests. Counts only grow.

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
  /** Times a partition got a new producer id, after which the broker can't tell a repeat from before. */
  producerResets: number
  /** Batches that were refused because of their size or of one record, and went on in halves. */
  dividedBatches: number
  /** Records that got an earlier Kafka timestamp because the clock of this host is ahead of the brokers'. */
  clampedRecords: number
  /** Records that the broker refused for good; told to the LossListener. */
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
    refusedRecords: 0,
  }
}
