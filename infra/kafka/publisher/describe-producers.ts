// The DescribeProducers request, which kafkajs lacks: the state of the producers in the log of a partition.
// See https://kafka.apache.org/protocol#The_Messages_DescribeProducers
import { requestFrame, WireReader } from '../wire.js'

export const DESCRIBE_PRODUCERS = { apiKey: 61, apiName: 'DescribeProducers', apiVersion: 0, isFlexible: true } as const

/** The whole request; the correlation id (bytes 8-11) is stamped when it is sent. */
export function describeProducersRequest(clientId: string, topic: string, partition: number): Buffer {
  return requestFrame(DESCRIBE_PRODUCERS, clientId, (body) =>
    body.array([topic], (name) =>
      body
        .text(name)
        .array([partition], (number) => body.int32(number))
        .end(),
    ),
  )
}

/**
 * Last sequence of this producer and epoch in the log; -1 for none.
 * @throws Error if the broker refuses, RangeError if the answer is truncated
 */
export function parseLastSequence(payload: Buffer, producerId: bigint, epoch: number): number {
  const reader = WireReader.answer(DESCRIBE_PRODUCERS, payload).skip(4)
  let last = -1
  reader.array(() => {
    reader.text()
    reader.array(() => {
      const errorCode = reader.skip(4).int16()
      reader.text()
      if (errorCode !== 0) throw new Error(`DescribeProducers failed with error ${String(errorCode)}`)
      reader.array(() => {
        const [id, producerEpoch, lastSequence] = [reader.int64(), reader.int32(), reader.int32()]
        if (id === producerId && producerEpoch === epoch) last = lastSequence
        // Last timestamp, coordinator epoch, start offset of the transaction.
        reader.skip(8 + 4 + 8).end()
      })
      reader.end()
    })
    reader.end()
  })
  return last
}
