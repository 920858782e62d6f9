// Patches for four defects of kafkajs 2.2.4, which cost CPU or lose answers. internals.test.ts checks that each defect still exists.
import type Cluster from 'kafkajs/src/cluster/index.js'
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

/**
 * One partition without a leader fails the metadata of all topics: then no move of another leader is learned. With this, it has the leader -1.
 * Only in this cluster: an admin client waits for leaders by that error.
 */
export function tolerateLeaderless(builder: Cluster.ConnectionPoolBuilder): void {
  const { build } = builder
  builder.build = async (address) => {
    const pool = await build(address)
    const { send } = pool
    pool.send = async (message) => {
      const { request, response } = message
      if (request.apiKey !== METADATA) return await send.call(pool, message)
      const decode = async (raw: Buffer): Promise<unknown> => withoutLeaders((await response.decode(raw)) as DecodedMetadata)
      return await send.call(pool, { request, response: { ...response, decode } })
    }
    return pool
  }
}

const METADATA = 3
const NO_LEADER = -1

interface DecodedMetadata {
  readonly topicMetadata: readonly { readonly partitionMetadata: readonly { partitionErrorCode: number; leader: number }[] }[]
}

function withoutLeaders(metadata: DecodedMetadata): DecodedMetadata {
  for (const { partitionMetadata } of metadata.topicMetadata) {
    for (const partition of partitionMetadata) {
      if (partition.partitionErrorCode === 0) continue
      partition.partitionErrorCode = 0
      partition.leader = NO_LEADER
    }
  }
  return metadata
}

/** Size field at the start of every answer. */
const SIZE_BYTES = 4
