// Patches for three defects of kafkajs 2.2.4, which cost CPU or lose answers. internals.test.ts checks that each defect still exists.
import Connection from 'kafkajs/src/network/connection.js'
import RequestQueue from 'kafkajs/src/network/requestQueue/index.js'

const FIXED = Symbol('fixed by eunomia')

/** Patches kafkajs in this process. Idempotent. */
export function fixKafkajs(): void {
  fixIdleTimer()
  fixConnection()
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

// A connection that was lost in the middle of an answer keeps the partial answer, and appends the first answer after a reconnect to it. And it
// keeps the rest after each answer, mostly of no bytes, so that the next answer is copied to join it with nothing.
function fixConnection(): void {
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
  const processData = prototype.processData
  prototype.processData = function (this: Connection, data): void {
    if (this.bytesBuffered === 0) this.chunks = []
    processData.call(this, data)
  }
}

/** Size field at the start of every answer. */
const SIZE_BYTES = 4
