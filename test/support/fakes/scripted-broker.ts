// A broker that answers what a test wants, and a publisher over it: for answers that a real one sends only after losses.
import assert from 'node:assert/strict'
import { plainRecords } from '../../../infra/kafka/compression.js'
import type { KafkaConfig } from '../../../infra/kafka/kafka-config.js'
import { DESCRIBE_PRODUCERS } from '../../../infra/kafka/publisher/describe-producers.js'
import { PRODUCE } from '../../../infra/kafka/publisher/produce-request.js'
import type { ProduceTransport, TransportConnection } from '../../../infra/kafka/transport.js'
import { KafkaPublisher } from '../../../infra/kafka/publisher/publisher.js'
import { SILENT_LOGGER } from '../../../infra/process/logger.js'
import { OutageLog } from '../../../infra/process/outage-log.js'

/** What the scripted broker saw of a batch. */
export interface Sent {
  readonly topic: string
  readonly maxTimestampMs: number
  readonly producerId: bigint
  readonly sequence: number
  readonly records: number
  readonly batch: string
  /** Its records before compression. */
  readonly plain: Buffer
  readonly isTaken: boolean
}

/** The first byte of each value of 40 bytes. */
export function valuesOf(records: Buffer): Buffer[] {
  const values: Buffer[] = []
  const length = 40
  // A record here: length, attributes, time, offset, key length, "host", value length, value, header count.
  for (let at = 6 + KEY.length; at < records.length; at += 1 + 4 + KEY.length + 1 + length + 2) values.push(records.subarray(at, at + 1))
  return values
}

const HEAD_BYTES = 4 + 8 + 2 + 'eunomia'.length + 2 + 2 + 4 + 4 + 2 + 'eunomia.file.v1'.length + 4 + 4 + 4

/** Answers what a test scripts. */
export class ScriptedBroker implements ProduceTransport {
  readonly sent: Sent[] = []
  /** Error codes of the next answers; 0 when there is none left. 'cut' is a connection that breaks. */
  readonly answers: (number | 'cut')[] = []
  /** The answer to a batch when `answers` is empty. */
  refuses: (sent: { plain: Buffer; topic: string; maxTimestampMs: number }) => number = () => 0
  lastSequence = -1
  /** Broker time of appends by the name of the topic, for those with LogAppendTime. */
  readonly appendedMs = new Map<string, number>()
  /** Ids of the brokers that lead topics, by their names; 1 by default. */
  readonly leaders = new Map<string, number>()
  dropped = 0
  producers = 1
  /** Holds answers back while set. */
  gate: Promise<void> = Promise.resolve()

  partitionCount(): number {
    return 1
  }
  leaderOf(topic: string): number {
    return this.leaders.get(topic) ?? 1
  }
  leaderConnection(): Promise<TransportConnection> {
    return Promise.resolve({ isConnected: () => true })
  }
  async sendFrame(_: TransportConnection, api: { apiKey: number }, frame: Buffer): Promise<Buffer> {
    if (api.apiKey === DESCRIBE_PRODUCERS.apiKey) return this.#describe()
    assert.equal(api.apiKey, PRODUCE.apiKey)
    const batch = Buffer.from(frame.subarray(HEAD_BYTES))
    const records = batch.subarray(61)
    const plain = await plainRecords(batch.readInt16BE(21) & 7, records).catch(() => records)
    const topic = frame.toString('latin1', HEAD_BYTES - 12 - 'eunomia.file.v1'.length, HEAD_BYTES - 12)
    const maxTimestampMs = Number(batch.readBigInt64BE(35))
    const refusal = this.refuses({ plain, topic, maxTimestampMs })
    this.sent.push({
      topic,
      maxTimestampMs,
      plain,
      isTaken: refusal === 0,
      producerId: batch.readBigInt64BE(43),
      sequence: batch.readInt32BE(53),
      records: batch.readInt32BE(57),
      batch: batch.toString('hex'),
    })
    await this.gate
    const answer = this.answers.shift() ?? refusal
    if (answer === 'cut') throw new Error('the connection broke')
    const payload = Buffer.alloc(4 + 2 + 4 + 4 + 2 + 24 + 4)
    payload.writeInt32BE(1, 0)
    payload.writeInt32BE(1, 6)
    payload.writeInt16BE(answer, 14)
    payload.writeBigInt64BE(BigInt(this.appendedMs.get(topic) ?? -1), 24)
    return payload
  }
  throttle(): void {
    // This broker asks for no pause.
  }
  drop(): void {
    this.dropped++
  }
  refresh(): Promise<void> {
    return Promise.resolve()
  }
  initProducer(): Promise<{ id: bigint; epoch: number }> {
    return Promise.resolve({ id: BigInt(++this.producers), epoch: 0 })
  }
  disconnect(): Promise<void> {
    return Promise.resolve()
  }
  #describe(): Buffer {
    const text = '0000000000' + '0201' + '0200000000' + '000000' + '02'
    const producer = Buffer.alloc(8 + 4 + 4 + 20 + 1)
    producer.writeBigInt64BE(1n, 0)
    producer.writeInt32BE(this.lastSequence, 12)
    return Buffer.concat([Buffer.from(text, 'hex'), producer, Buffer.from('000000', 'hex')])
  }
}

/** What a publisher reports. */
export interface PublisherReports {
  readonly acks: [mark: number, records: number][]
  readonly losses: [mark: number, records: number, reason: string][]
}

/** A publisher of one topic over it. */
export function publisherOver(
  broker: ScriptedBroker,
  config: Partial<KafkaConfig> = {},
  firstSequence = 0,
): { publisher: KafkaPublisher; reports: PublisherReports } {
  const reports: PublisherReports = { acks: [], losses: [] }
  const publisher = new KafkaPublisher(
    { brokers: ['scripted:1'], publishTopics: ['file'], lingerMs: 1, ...config },
    {
      cluster: broker,
      producer: { id: 1n, epoch: 0 },
      outage: new OutageLog(SILENT_LOGGER, {}, '', ''),
      log: SILENT_LOGGER,
      onAck: (_, mark, records) => reports.acks.push([mark, records]),
      onLoss: (_, mark, records, reason) => reports.losses.push([mark, records, reason]),
      firstSequence,
    },
  )
  return { publisher, reports }
}

export const KEY = Buffer.from('host')
/** Appends a value of `bytes` times the number of its mark. */
export function put(publisher: KafkaPublisher, mark: number, bytes = 10): boolean {
  return publisher.append({
    topic: 'file',
    key: KEY,
    value: Buffer.alloc(bytes, mark),
    valueStart: 0,
    valueEnd: bytes,
    timestampMs: 1_700_000_000_000,
    mark,
  })
}
