// The DescribeProducers request (version 0): what a partition's log knows of a producer. Asked only when a batch was refused as out of order.
// See https://kafka.apache.org/protocol#The_Messages_DescribeProducers
import { flexibleRequest, FlexibleReader, onePartition } from '../flexible-frame.js'

export const DESCRIBE_PRODUCERS = { apiKey: 61, apiName: 'DescribeProducers', apiVersion: 0 } as const

/** The whole request; the correlation id (bytes 8-11) is stamped when it is sent. */
export function describeProducersRequest(clientId: string, topic: string, partition: number): Buffer {
  return flexibleRequest(DESCRIBE_PRODUCERS, clientId, [onePartition(topic, partition)])
}

/**
 * Last sequence that the log holds of this producer and epoch; -1 when it knows none.
 * @throws Error when the broker refuses to tell, RangeError when the answer is cut
 */
export function parseLastSequence(payload: Buffer, producerId: bigint, epoch: number): number {
  const reader = new FlexibleReader(payload)
  reader.skipTags()
  reader.skip(4) // throttle time
  reader.count()
  reader.skipText()
  reader.count()
  reader.skip(4) // partition
  const errorCode = reader.int16()
  reader.skipText()
  if (errorCode !== 0) throw new Error(`DescribeProducers was answered with error ${String(errorCode)}`)
  for (let left = reader.count(); left > 0; left--) {
    const id = reader.int64()
    const producerEpoch = reader.int32()
    const lastSequence = reader.int32()
    if (id === producerId && producerEpoch === epoch) return lastSequence
    // Last timestamp, coordinator epoch, start offset of its transaction.
    reader.skip(8 + 4 + 8)
    reader.skipTags()
  }
  return -1
}
