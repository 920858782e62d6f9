// Four faults of kafkajs 2.2.4 that cost CPU or data, show what was aborted, or hide a loss, mended in its own classes. All are looked for by internals.test.ts.
import Broker from 'kafkajs/src/broker/index.js'
import ConsumerGroup from 'kafkajs/src/consumer/consumerGroup.js'
import Connection from 'kafkajs/src/network/connection.js'
import RequestQueue from 'kafkajs/src/network/requestQueue/index.js'
import { hideAborted } from './aborted-records.js'

const MENDED = Symbol('mended by eunomia')

/** Mends kafkajs in this process. Doing it again changes nothing. */
export function mendKafkajs(): void {
  mendIdleTimer()
  mendReconnect()
  mendOffsetReset()
  mendAborted()
}

// Every connection re-arms a 1 ms timer for ever after its first answer (kafkajs' issue 1768): 1.5 % of a core for doing nothing. The timer is
// needed only while requests wait.
function mendIdleTimer(): void {
  const prototype = RequestQueue.prototype as RequestQueue & { [MENDED]?: true }
  if (prototype[MENDED] === true) return
  prototype[MENDED] = true
  const schedule = prototype.scheduleCheckPendingRequests
  prototype.scheduleCheckPendingRequests = function (this: RequestQueue): void {
    if (this.pending.length > 0) schedule.call(this)
  }
}

// A connection that was cut in the middle of an answer keeps the half it has, and reads the first answer after a reconnect behind it.
function mendReconnect(): void {
  const prototype = Connection.prototype as Connection & { [MENDED]?: true }
  if (prototype[MENDED] === true) return
  prototype[MENDED] = true
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

/** What kafkajs' log is told, with topic, partition, `from` and `to`, when it goes on at another offset than the group stood at. */
export const OFFSET_RESET = 'offset out of range, the group goes on at another one'

// When records were removed before a group had read them, kafkajs goes on behind them and does not say how many they were.
function mendOffsetReset(): void {
  const prototype = ConsumerGroup.prototype as ConsumerGroup & { [MENDED]?: true }
  if (prototype[MENDED] === true) return
  prototype[MENDED] = true
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
function mendAborted(): void {
  const prototype = Broker.prototype as Broker & { [MENDED]?: true }
  if (prototype[MENDED] === true) return
  prototype[MENDED] = true
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
