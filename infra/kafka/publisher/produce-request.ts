// The Produce request (version 7) around one record batch of one partition, laid out so that a retry sends the very same bytes, and its answer.
// See https://kafka.apache.org/protocol#The_Messages_Produce

export const PRODUCE = { apiKey: 0, apiName: 'Produce', apiVersion: 7 } as const

const ACKS_ALL = -1
const BROKER_TIMEOUT_MS = 30_000

/** The bytes of a request in front of the batch; size, correlation id, partition and batch size are stamped later. */
export function produceHead(clientId: string, topic: string): Buffer {
  const client = Buffer.from(clientId)
  const name = Buffer.from(topic)
  const head = Buffer.alloc(4 + 2 + 2 + 4 + 2 + client.length + 2 + 2 + 4 + 4 + 2 + name.length + 4 + 4 + 4)
  let at = 4
  at = head.writeInt16BE(PRODUCE.apiKey, at)
  at = head.writeInt16BE(PRODUCE.apiVersion, at)
  at += 4
  at = head.writeInt16BE(client.length, at)
  at += client.copy(head, at)
  // No transactional id.
  at = head.writeInt16BE(-1, at)
  at = head.writeInt16BE(ACKS_ALL, at)
  at = head.writeInt32BE(BROKER_TIMEOUT_MS, at)
  at = head.writeInt32BE(1, at)
  at = head.writeInt16BE(name.length, at)
  at += name.copy(head, at)
  head.writeInt32BE(1, at)
  return head
}

/** Completes the head once the batch behind it is whole. */
export function stampProduceHead(frame: Buffer, headBytes: number, partition: number, end: number): void {
  frame.writeInt32BE(end - 4, 0)
  frame.writeInt32BE(partition, headBytes - 8)
  frame.writeInt32BE(end - headBytes, headBytes - 4)
}

/** What the broker says about the one batch. */
export interface ProduceAnswer {
  /** 0 when it is in the log of all in-sync replicas. */
  readonly errorCode: number
  /** Broker time of the append for a topic with LogAppendTime, Unix milliseconds; -1 for other topics and for a refused batch. */
  readonly appendedMs: number
  /** How long the broker asks us to wait, milliseconds. */
  readonly throttleMs: number
}

/** Reads the answer. @throws RangeError when it is cut or has another shape */
export function parseProduceAnswer(payload: Buffer): ProduceAnswer {
  if (payload.readInt32BE(0) !== 1) throw new RangeError('answer of another number of topics')
  const partitions = 6 + payload.readInt16BE(4)
  if (payload.readInt32BE(partitions) !== 1) throw new RangeError('answer of another number of partitions')
  return {
    errorCode: payload.readInt16BE(partitions + 8),
    appendedMs: Number(payload.readBigInt64BE(partitions + 18)),
    throttleMs: payload.readInt32BE(partitions + 34),
  }
}
