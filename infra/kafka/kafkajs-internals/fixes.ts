// Patches for four defects of kafkajs 2.2.4, which cost CPU or data, show aborted records, or hide a loss. internals.test.ts checks that each
// defect still exists.
import Broker from 'kafkajs/src/broker/index.js'
import ConsumerGroup from 'kafkajs/src/consumer/consumerGroup.js'
import Connection from 'kafkajs/src/network/connection.js'
import RequestQueue from 'kafkajs/src/network/requestQueue/index.js'

const FIXED = Symbol('fixed by eunomia')

/** Patches kafkajs in this process. Idempotent. */
export function fixKafkajs(): void {
  fixIdleTimer()
  fixReconnect()
  fixOffsetReset()
  fixAbortedRecords()
}

// Every connection re-arms a 1 ms timer forever after its first answer (issue 1768 of kafkajs): 1.5 % of a core when idle. The timer is needed
// only while requests wait.
function fixIdleTimer(): void {
  const prototype = RequestQueue.prototype as RequestQueue & { [FIXED]?: true }
  if (prototype[FIXED] === true) return
  prototype[FIXED] = true
  const schedule = prototype.scheduleCheckPendingRequests
  prototype.scheduleCheckPendingRequests = function (this: RequestQueue): void {
    if (this.pending.length > 0) schedule.call(this)
  }
}

// A connection that was lost in the middle of an answer keeps the partial answer, and appends the first answer after a reconnect to it.
function fixReconnect(): void {
  const prototype = Connection.prototype as Connection & { [FIXED]?: true }
  if (prototype[FIXED] === true) return
  prototype[FIXED] = true
  const connect = prototype.connect
  prototype.connect = async function (this: Connection): Promise<boolean> {
    if (!this.isConnected()) {
      this.chunks = []
      this.bytesBuffered = 0
      this.bytesNeeded = SIZE_BYTES
    }
    return await connect.call(this)
  }
}

/** Size field at the start of every answer. */
const SIZE_BYTES = 4

/** Message in the log of kafkajs, with topic, partition, `from` and `to`, if it continues at another offset than that of the group. */
export const OFFSET_RESET = 'offset out of range, the group continues at another one'

// If records are removed before a group has read them, kafkajs continues after them and does not report their number.
function fixOffsetReset(): void {
  const prototype = ConsumerGroup.prototype as ConsumerGroup & { [FIXED]?: true }
  if (prototype[FIXED] === true) return
  prototype[FIXED] = true
  const recover = prototype.recoverFromOffsetOutOfRange
  prototype.recoverFromOffsetOutOfRange = async function (this: ConsumerGroup, error): Promise<void> {
    const { topic, partition } = error
    const from = this.offsetManager.nextOffset(topic, partition).toString()
    await recover.call(this, error)
    await this.offsetManager.resolveOffsets()
    const to = this.offsetManager.nextOffset(topic, partition).toString()
    if (from !== to) this.logger.error(OFFSET_RESET, { topic, partition, from, to })
  }
}

// kafkajs assumes that the list of aborted transactions is ordered by their first offsets, and applies at most one per record. If several were
// open at once, as after the crash of a broker, a read_committed consumer gets some of the aborted records.
function fixAbortedRecords(): void {
  const prototype = Broker.prototype as Broker & { [FIXED]?: true }
  if (prototype[FIXED] === true) return
  prototype[FIXED] = true
  const fetch = prototype.fetch
  prototype.fetch = async function (this: Broker, request): Promise<Broker.Fetched> {
    const fetched = await fetch.call(this, request)
    for (const { partitions } of fetched.responses) {
      for (const partition of partitions) {
        const { abortedTransactions, messages } = partition
        if (abortedTransactions === undefined || abortedTransactions.length === 0) continue
        hideAborted(messages, abortedTransactions)
        partition.abortedTransactions = []
      }
    }
    return fetched
  }
}

/** A record decoded by kafkajs. */
export interface FetchedRecord {
  readonly offset: string
  readonly key: Buffer | null
  /** kafkajs passes such a record to nobody, but counts its offset. */
  isControlRecord: boolean
  /** Missing in the record formats before Kafka 0.11, which have no transactions. */
  readonly batchContext?: { readonly producerId: string; readonly inTransaction: boolean }
}

/** An entry in the broker's list of aborted transactions. */
export interface AbortedTransaction {
  readonly producerId: string
  /** Offset of the transaction's first record in this partition; may be before the fetched records. */
  readonly firstOffset: string
}

// The key of a control record: version (2 bytes), type (2 bytes; 0 abort, 1 commit).
const MARKER_TYPE = 2
const ABORT = 0

/**
 * Hides the records of aborted transactions by marking them as control records.
 * @param records of one partition, ordered by offset
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
