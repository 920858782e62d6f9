// Outputs of functions as record batches of their partitions, for a transaction.
import type { OutputRecord } from '../../topic-log/topic-log.js'
import type { TopicKey } from '../../topic-log/topics.js'
import { partitionKey, partitionOf } from '../partitions.js'
import { produceHead, sequenceAfter, stampProduceHead } from '../publisher/produce-request.js'
import { BATCH_HEADER_BYTES } from '../batch-layout.js'
import { MOST_RECORD_OVERHEAD, RecordBatchWriter } from '../publisher/record-batch.js'
import type { TransactionIdentity } from './transaction-requests.js'

/** Outputs for one partition, in order. */
export interface PartitionOutputs {
  /** Name in Kafka. */
  readonly topic: string
  readonly partition: number
  readonly records: readonly OutputRecord[]
}

/** Outputs by `partitionKey`. */
export type Outputs = ReadonlyMap<string, PartitionOutputs>

/** Bytes of records at which a batch ends; topics must allow it (max.message.bytes). */
const BATCH_BYTES = 1_000_000

/** @param place name in Kafka and number of partitions of a topic */
export function outputsByPartition(
  outputs: readonly OutputRecord[],
  place: (topic: TopicKey) => { readonly topic: string; readonly partitions: number },
): Outputs {
  const byPartition = new Map<string, PartitionOutputs & { records: OutputRecord[] }>()
  for (const output of outputs) {
    const { topic, partitions } = place(output.topic)
    const partition = partitionOf(output.key, partitions)
    const key = partitionKey(topic, partition)
    const own = byPartition.get(key)
    if (own === undefined) byPartition.set(key, { topic, partition, records: [output] })
    else own.records.push(output)
  }
  return byPartition
}

/** The outputs of several lanes; those of one lane keep their order. */
export function mergedOutputs(all: readonly Outputs[]): Outputs {
  if (all.length === 1) return all[0] as Outputs
  const merged = new Map<string, PartitionOutputs>()
  for (const outputs of all) {
    for (const [key, own] of outputs) {
      const before = merged.get(key)
      merged.set(key, before === undefined ? own : { ...own, records: [...before.records, ...own.records] })
    }
  }
  return merged
}

/** How batches of a transaction are stamped. */
export interface FrameOptions {
  readonly clientId: string
  readonly transaction: TransactionIdentity
  readonly firstSequence: number
  readonly timeoutMs: number
}

/** Produce requests, to be sent in order; and the sequence after them. */
export function produceFrames(
  { topic, partition, records }: PartitionOutputs,
  options: FrameOptions,
): { frames: Buffer[]; sequence: number } {
  const { clientId, transaction, firstSequence, timeoutMs } = options
  const head = produceHead(clientId, topic, transaction.transactionalId, timeoutMs)
  const frames: Buffer[] = []
  let sequence = firstSequence
  for (let from = 0; from < records.length;) {
    let bytes = 0
    let to = from
    for (let next = records[to]; next !== undefined; next = records[++to]) {
      const recordBytes = next.key.length + next.value.length + MOST_RECORD_OVERHEAD
      if (to > from && bytes + recordBytes > BATCH_BYTES) break
      bytes += recordBytes
    }
    const writer = new RecordBatchWriter(Buffer.allocUnsafe(head.length + BATCH_HEADER_BYTES + bytes), head.length)
    head.copy(writer.frame)
    for (const { key, value, timestampMs } of records.slice(from, to))
      writer.append({ key, value, valueStart: 0, valueEnd: value.length, timestampMs })
    writer.finish(transaction.id, transaction.epoch, sequence, true)
    stampProduceHead(writer.frame, head.length, partition, writer.end)
    frames.push(writer.frame.subarray(0, writer.end))
    sequence = sequenceAfter(sequence, writer.count)
    from = to
  }
  return { frames, sequence }
}
