// The OffsetFetch request (version 7) that asks for a group's offset only when no transaction has one under way, which kafkajs can't ask.
// See https://kafka.apache.org/protocol#The_Messages_OffsetFetch
import { compactText, flexibleRequest, FlexibleReader, onePartition } from '../flexible-frame.js'

export const OFFSET_FETCH = { apiKey: 9, apiName: 'OffsetFetch', apiVersion: 7 } as const

const STABLE_ONLY = Buffer.from([1])
/** UNSTABLE_OFFSET_COMMIT. */
const UNSTABLE = 88

/** The whole request; the correlation id (bytes 8-11) is stamped when it is sent. */
export function stableOffsetRequest(clientId: string, group: string, topic: string, partition: number): Buffer {
  return flexibleRequest(OFFSET_FETCH, clientId, [compactText(group), onePartition(topic, partition), STABLE_ONLY])
}

/** What a group's offset is: -1 when there is none; `pending` while a transaction that is not ended has another one. */
export type StableOffset = number | 'pending'

/**
 * Reads the answer.
 * @returns the error code of the broker for anything but a known or pending offset, else 0
 * @throws RangeError when it is cut
 */
export function parseStableOffset(payload: Buffer): { readonly errorCode: number; readonly offset: StableOffset } {
  const reader = new FlexibleReader(payload)
  reader.skipTags()
  reader.skip(4) // throttle time
  let offset = -1n
  let partitionError = 0
  for (let topics = reader.count(); topics > 0; topics--) {
    reader.skipText()
    for (let partitions = reader.count(); partitions > 0; partitions--) {
      reader.skip(4) // partition
      offset = reader.int64()
      reader.skip(4) // leader epoch
      reader.skipText() // metadata
      partitionError = reader.int16()
      reader.skipTags()
    }
    reader.skipTags()
  }
  const errorCode = reader.int16()
  if (errorCode === 0 && partitionError === UNSTABLE) return { errorCode: 0, offset: 'pending' }
  return { errorCode: errorCode === 0 ? partitionError : errorCode, offset: Number(offset) }
}
