// Two faults of kafkajs 2.2.4 that cost CPU or data, mended in its own classes. Both are looked for by internals.test.ts.
import Connection from 'kafkajs/src/network/connection.js'
import RequestQueue from 'kafkajs/src/network/requestQueue/index.js'

const MENDED = Symbol('mended by eunomia')

/** Mends kafkajs in this process. Doing it again changes nothing. */
export function mendKafkajs(): void {
  mendIdleTimer()
  mendReconnect()
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
