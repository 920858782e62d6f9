// The DescribeProducers request, which kafkajs lacks: the state of the producers in the log of a partition.
// See https://kafka.apache.org/protocol#The_Messages_DescribeProducers
import { requestFrame, WireReader } from '../wire.js'

export const DESCRIBE_PRODUCERS = { apiKey: 61, apiName: 'DescribeProducers', apiVersion: 0, isFlexible: true } as const

/** The whole request; the correlation id (bytes 8-11) is stamped when it is sent. */
export function describeProducersRequest(clientId: string, topic: string, partitions: readonly number[]): Buffer {
  return requestFrame(DESCRIBE_PRODUCERS, clientId, (body) =>
    body.array([topic], (name) =>
      body
        .text(name)
        .array(partitions, (number) => body.int32(number))
        .end(),
    ),
  )
}

/** A producer as the log of a partition knows it. */
export interface DescribedProducer {
  readonly id: bigint
  readonly epoch: number
  readonly lastSequence: number
  /** It has an open transaction in the partition. */
  readonly isOpen: boolean
}

/**
 * The producers of all partitions that were asked for.
 * @throws Error if the broker refuses, RangeError if the answer is truncated
 */
export function parseProducers(payload: Buffer): DescribedProducer[] {
  const reader = WireReader.answer(DESCRIBE_PRODUCERS, payload).skip(4)
  const producers: DescribedProducer[] = []
  reader.array(() => {
    reader.text()
    reader.array(() => {
      const errorCode = reader.skip(4).int16()
      reader.text()
      if (errorCode !== 0) throw new Error(`DescribeProducers failed with error ${String(errorCode)}`)
      reader.array(() => {
        const [id, epoch, lastSequence] = [reader.int64(), reader.int32(), reader.int32()]
        // Last timestamp, coordinator epoch, start offset of the transaction.
        const isOpen = reader.skip(8 + 4).int64() >= 0n
        producers.push({ id, epoch, lastSequence, isOpen })
        reader.end()
      })
      reader.end()
    })
    reader.end()
  })
  return producers
}

/** Last sequence of this producer and epoch in the log of one partition; -1 for none. @throws as `parseProducers` */
export function parseLastSequence(payload: Buffer, producerId: bigint, epoch: number): number {
  return parseProducers(payload).findLast((producer) => producer.id === producerId && producer.epoch === epoch)?.lastSequence ?? -1
}
