// Four faults of kafkajs 2.2.4 that cost CPU or data, show aborted records, or hide a loss, fixed in its own classes. internals.test.ts checks for each.
import Broker from 'kafkajs/src/broker/index.js'
import ConsumerGroup from 'kafkajs/src/consumer/consumerGroup.js'
import Connection from 'kafkajs/src/network/connection.js'
import RequestQueue from 'kafkajs/src/network/requestQueue/index.js'

const FIXED = Symbol('fixed by eunomia')

/** Fixes kafkajs in this process. Idempotent. */
export function fixKafkajs(): void {
  fixIdleTimer()
  fixReconnect()
  fixOffsetReset()
  fixAborted()
}

// Every connection re-arms a 1 ms timer for ever after its first answer (kafkajs' issue 1768): 1.5 % of a core for doing nothing. The timer is
// needed only while requests wait.
function fixIdleTimer(): void {
  const prototype = RequestQueue.prototype as RequestQueue & { [FIXED]?: true }
  if (prototype[FIXED] === true) return
  prototype[FIXED] = true
  const schedule = prototype.scheduleCheckPendingRequests
  prototype.scheduleCheckPendingRequests = function (this: RequestQueue): void {
    if (this.pending.length > 0) schedule.call(this)
  }
}

// A connection that was cut in the middle of an answer keeps the half it has, and appends the first answer after a reconnect to it.
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

/** Every answer begins with its size. */
const SIZE_BYTES = 4

/** Message in kafkajs' log, with topic, partition, `from` and `to`, when it continues at another offset than that of the group. */
export const OFFSET_RESET = 'offset out of range, the group goes on at another one'

// When records were removed before a group had read them, kafkajs continues after them and does not report their number.
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

// kafkajs takes the list of aborted transactions to be ordered by their first records, and enters one of them per record at most: where several
// were open at once, as when a broker dies under its writers, a reader of committed records is shown some of what was aborted.
function fixAborted(): void {
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

// Type of a control record: two bytes after two bytes of version. 0 ends an aborted transaction, 1 a committed one.
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
