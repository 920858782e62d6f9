// The ListOffsets request (version 4): where the logs of partitions start and end, and where a time begins.
// See https://kafka.apache.org/protocol#The_Messages_ListOffsets
import { requestFrame, WireReader } from '../wire.js'
import { runsOf } from './fetch-request.js'

export const LIST_OFFSETS = { apiKey: 2, apiName: 'ListOffsets', apiVersion: 4, isFlexible: false } as const

// Instead of a timestamp.
const LOG_END = -1
const LOG_START = -2

const NO_REPLICA = -1
const NO_EPOCH = -1

/**
 * Which offset. `committedEnd` is the end for readers of committed records: it is before the first open transaction. A number is a time, Unix
 * milliseconds: the first record of that time or later; the answer is -1 if there is none.
 */
export type LogPoint = 'start' | 'end' | 'committedEnd' | number

/** The whole request; the correlation id (bytes 8-11) is stamped when it is sent. */
export function listOffsetsRequest(
  clientId: string,
  places: readonly { readonly topic: string; readonly partition: number }[],
  point: LogPoint,
): Buffer {
  return requestFrame(LIST_OFFSETS, clientId, (body) => {
    body.int32(NO_REPLICA).bool(point === 'committedEnd')
    body.array(runsOf(places), (run) => {
      body.text(run[0].topic).array(run, ({ partition }) => {
        body.int32(partition).int32(NO_EPOCH).int64(timestampOf(point))
      })
    })
  })
}

function timestampOf(point: LogPoint): number {
  if (typeof point === 'number') return point
  return point === 'start' ? LOG_START : LOG_END
}

/** The offset of a partition. */
export interface ListedOffset {
  readonly topic: string
  readonly partition: number
  readonly errorCode: number
  readonly offset: number
}

/** Reads the answer. @throws RangeError if it is truncated */
export function parseListedOffsets(payload: Buffer): readonly ListedOffset[] {
  const reader = WireReader.answer(LIST_OFFSETS, payload)
  reader.int32() // throttle time
  const topics = reader.array(() => {
    const topic = reader.text()
    return reader.array(() => {
      const partition = reader.int32()
      const errorCode = reader.int16()
      reader.int64() // timestamp
      const offset = Number(reader.int64())
      reader.int32() // leader epoch
      return { topic, partition, errorCode, offset }
    })
  })
  return topics.flat()
}
