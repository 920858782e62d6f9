// The Fetch request (version 11, brokers 2.4 to 4.x) without a session, and its answer, which is read in place.
// See https://kafka.apache.org/protocol#The_Messages_Fetch
import { requestFrame, WireReader } from '../wire.js'
import type { AbortedTransaction } from './aborted-transactions.js'

export const FETCH = { apiKey: 1, apiName: 'Fetch', apiVersion: 11, isFlexible: false } as const

const NO_REPLICA = -1
const IS_READ_COMMITTED = true
const NO_SESSION = 0
const NO_EPOCH = -1
const NO_OFFSET = -1

/** A partition to fetch. */
export interface FetchPlace {
  readonly topic: string
  readonly partition: number
  readonly position: number
}

/** Bounds of one request. */
export interface FetchLimits {
  readonly waitMs: number
  /** Of the answer. A broker exceeds it for the first batch of the first partition that has records, so that a large batch is never stuck. */
  readonly maxBytes: number
  readonly maxPartitionBytes: number
}

/** The whole request; the correlation id (bytes 8-11) is stamped when it is sent. A partition has precedence over those after it. */
export function fetchRequest(clientId: string, places: readonly FetchPlace[], limits: FetchLimits): Buffer {
  return requestFrame(FETCH, clientId, (body) => {
    body.int32(NO_REPLICA).int32(limits.waitMs).int32(1).int32(limits.maxBytes).bool(IS_READ_COMMITTED).int32(NO_SESSION).int32(NO_EPOCH)
    body.array(runsOf(places), (run) => {
      body.text(run[0].topic).array(run, ({ partition, position }) => {
        body.int32(partition).int32(NO_EPOCH).int64(position).int64(NO_OFFSET).int32(limits.maxPartitionBytes)
      })
    })
    // No forgotten topics, no rack.
    body.int32(0).text('')
  })
}

/** Places by topic, in the order of the topics' first places: a topic may be in a request only once. */
export function runsOf<T extends { readonly topic: string }>(places: readonly T[]): readonly [T, ...T[]][] {
  const runs = new Map<string, [T, ...T[]]>()
  for (const place of places) {
    const run = runs.get(place.topic)
    if (run === undefined) runs.set(place.topic, [place])
    else run.push(place)
  }
  return [...runs.values()]
}

/** The answer for a partition. */
export interface FetchedPartitionAnswer {
  readonly topic: string
  readonly partition: number
  readonly errorCode: number
  readonly highWatermark: number
  readonly logStart: number
  readonly aborted: readonly AbortedTransaction[]
  /** A view of the answer. */
  readonly recordSet: Buffer
}

/** The answer of a broker. */
export interface FetchAnswer {
  readonly throttleMs: number
  readonly errorCode: number
  readonly partitions: readonly FetchedPartitionAnswer[]
}

/** Reads the answer. @throws RangeError if it is truncated */
export function parseFetchAnswer(payload: Buffer): FetchAnswer {
  const reader = WireReader.answer(FETCH, payload)
  const throttleMs = reader.int32()
  const errorCode = reader.int16()
  reader.int32() // session
  const partitions = reader.array(() => {
    const topic = reader.text()
    return reader.array(() => partitionAnswer(reader, topic))
  })
  return { throttleMs, errorCode, partitions: partitions.flat() }
}

function partitionAnswer(reader: WireReader, topic: string): FetchedPartitionAnswer {
  const partition = reader.int32()
  const errorCode = reader.int16()
  const highWatermark = Number(reader.int64())
  reader.int64() // last stable offset
  const logStart = Number(reader.int64())
  const aborted = reader.array(() => ({ producerId: reader.int64(), firstOffset: Number(reader.int64()) }))
  reader.int32() // preferred replica
  return { topic, partition, errorCode, highWatermark, logStart, aborted, recordSet: reader.bytes() }
}
