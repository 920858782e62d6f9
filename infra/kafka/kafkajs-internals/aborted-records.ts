// Which fetched records belong to transactions that were aborted. The broker sends the records of several transactions of one partition mixed,
// and beside them a list of those that were aborted, ordered by their ends.

/** A record as kafkajs decodes it. */
export interface FetchedRecord {
  readonly offset: string
  readonly key: Buffer | null
  /** Says to kafkajs that nobody is to see it; its offset counts. */
  isControlRecord: boolean
  /** Missing in the record formats before Kafka 0.11, which know no transactions. */
  readonly batchContext?: { readonly producerId: string; readonly inTransaction: boolean }
}

/** One entry of the broker's list. */
export interface AbortedTransaction {
  readonly producerId: string
  /** Of the transaction's first record in this partition; may lie before the fetched ones. */
  readonly firstOffset: string
}

// Type of a control record: two bytes behind two bytes of version. 0 ends an aborted transaction, 1 a committed one.
const MARKER_TYPE = 2
const ABORT = 0

/**
 * Hides the records of aborted transactions, as if they were control records.
 * @param records of one partition, in the order of their offsets
 * @param aborted in any order; several may be open at once
 */
export function hideAborted(records: readonly FetchedRecord[], aborted: readonly AbortedTransaction[]): void {
  const ahead = aborted
    .map(({ producerId, firstOffset }) => ({ producerId, firstOffset: Number(firstOffset) }))
    .sort((a, b) => b.firstOffset - a.firstOffset)
  const open = new Set<string>()
  for (const record of records) {
    const offset = Number(record.offset)
    for (let next = ahead.at(-1); next !== undefined && next.firstOffset <= offset; next = ahead.at(-1)) {
      open.add(next.producerId)
      ahead.pop()
    }
    const { batchContext } = record
    if (batchContext === undefined || !open.has(batchContext.producerId)) continue
    if (!record.isControlRecord) record.isControlRecord = batchContext.inTransaction
    else if (record.key?.readInt16BE(MARKER_TYPE) === ABORT) open.delete(batchContext.producerId)
  }
}
