// The publisher over a scripted broker: answers that a real one gives only after losses, and bounds.
import assert from 'node:assert/strict'
import { compressorOf } from '../../../../../infra/kafka/compression.js'
import type { ProduceTransport, TransportConnection } from '../../../../../infra/kafka/publisher/produce-transport.js'
import { DESCRIBE_PRODUCERS } from '../../../../../infra/kafka/publisher/describe-producers-request.js'
import { KafkaPublisher } from '../../../../../infra/kafka/publisher/publisher.js'
import { PRODUCE } from '../../../../../infra/kafka/publisher/produce-request.js'
import type { KafkaConfig } from '../../../../../infra/kafka/kafka-config.js'
import { OutageLog } from '../../../../../infra/outage-log.js'
import { SILENT_LOGGER } from '../../../../../infra/logger.js'
import { LogFullError } from '../../../../../infra/log-full-error.js'
import { waitFor } from '../../../../support/wait-for.js'

/** What the scripted broker saw of a batch. */
interface Sent {
  readonly producerId: bigint
  readonly sequence: number
  readonly records: number
  readonly batch: string
  /** Its records before compression. */
  readonly plain: Buffer
  readonly isTaken: boolean
}

/** The first byte of each value of 40 bytes. */
function valuesOf(records: Buffer): Buffer[] {
  const values: Buffer[] = []
  const length = 40
  // A record here: length, attributes, time, offset, key length, "host", value length, value, header count.
  for (let at = 6 + KEY.length; at < records.length; at += 1 + 4 + KEY.length + 1 + length + 2) values.push(records.subarray(at, at + 1))
  return values
}

const HEAD_BYTES = 4 + 8 + 2 + 'eunomia'.length + 2 + 2 + 4 + 4 + 2 + 'eunomia.file.v1'.length + 4 + 4 + 4

class ScriptedBroker implements ProduceTransport {
  readonly sent: Sent[] = []
  /** Error codes of the next answers; 0 when there is none left. 'cut' is a connection that breaks. */
  readonly answers: (number | 'cut')[] = []
  /** The answer to a batch when `answers` is empty. */
  refuses: (sent: { plain: Buffer }) => number = () => 0
  lastSequence = -1
  dropped = 0
  producers = 1
  /** Holds answers back while set. */
  gate: Promise<void> = Promise.resolve()

  partitionCount(): number {
    return 1
  }
  leaderConnection(): Promise<TransportConnection> {
    return Promise.resolve({ isConnected: () => true })
  }
  async sendFrame(_: TransportConnection, api: { apiKey: number }, frame: Buffer): Promise<Buffer> {
    if (api.apiKey === DESCRIBE_PRODUCERS.apiKey) return this.#describe()
    assert.equal(api.apiKey, PRODUCE.apiKey)
    const batch = Buffer.from(frame.subarray(HEAD_BYTES))
    const codec = (['none', 'none', 'none', 'lz4', 'zstd'] as const)[batch.readInt16BE(21) & 7] ?? 'none'
    const records = batch.subarray(61)
    const plain = (await compressorOf(codec)?.decompress(records)) ?? records
    const refusal = this.refuses({ plain })
    this.sent.push({
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

interface Told {
  readonly acks: [mark: number, records: number][]
  readonly losses: [mark: number, records: number, reason: string][]
}

function publisherOver(
  broker: ScriptedBroker,
  config: Partial<KafkaConfig> = {},
  firstSequence = 0,
): { publisher: KafkaPublisher; told: Told } {
  const told: Told = { acks: [], losses: [] }
  const publisher = new KafkaPublisher(
    { brokers: ['scripted:1'], publishTopics: ['file'], lingerMs: 1, ...config },
    {
      cluster: broker,
      producer: { id: 1n, epoch: 0 },
      outage: new OutageLog(SILENT_LOGGER, {}, '', ''),
      log: SILENT_LOGGER,
      onAck: (_, mark, records) => told.acks.push([mark, records]),
      onLoss: (_, mark, records, reason) => told.losses.push([mark, records, reason]),
      firstSequence,
    },
  )
  return { publisher, told }
}

const KEY = Buffer.from('host')
function put(publisher: KafkaPublisher, mark: number, bytes = 10): boolean {
  return publisher.append('file', KEY, Buffer.alloc(bytes, mark), 0, bytes, 1_700_000_000_000, mark)
}

describe('infra/kafka/publisher/publisher', () => {
  let broker: ScriptedBroker
  beforeEach(() => {
    broker = new ScriptedBroker()
  })

  it('sends the same bytes with the same sequence again when the connection breaks or the cluster is not ready', async () => {
    broker.answers.push('cut', 6, 7, 0)
    const { publisher, told } = publisherOver(broker)
    put(publisher, 1)
    put(publisher, 2)
    await publisher.flush()
    assert.equal(broker.sent.length, 4)
    assert.equal(new Set(broker.sent.map(({ batch }) => batch)).size, 1)
    assert.equal(broker.dropped, 1)
    assert.deepEqual(told, { acks: [[2, 2]], losses: [] })
    assert.equal(publisher.counters.retries, 3)
    await publisher.close()
  })

  it('has one batch in flight for a partition and numbers the next ones behind it', async () => {
    let open: () => void = () => undefined
    broker.gate = new Promise((resolve) => (open = resolve))
    const { publisher, told } = publisherOver(broker)
    put(publisher, 1)
    put(publisher, 2)
    await waitFor('the first batch', () => broker.sent.length === 1)
    put(publisher, 3)
    const flushed = publisher.flush()
    await new Promise((resolve) => setImmediate(resolve))
    assert.equal(broker.sent.length, 1)
    open()
    await flushed
    assert.deepEqual(
      broker.sent.map(({ sequence, records }) => [sequence, records]),
      [
        [0, 2],
        [2, 1],
      ],
    )
    assert.deepEqual(told.acks, [
      [2, 2],
      [3, 1],
    ])
    await publisher.close()
  })

  it('wraps sequences at 2^31', async () => {
    const { publisher } = publisherOver(broker, {}, 2_147_483_647)
    put(publisher, 1)
    put(publisher, 2)
    await publisher.flush()
    put(publisher, 3)
    await publisher.flush()
    assert.deepEqual(
      broker.sent.map(({ sequence }) => sequence),
      [2_147_483_647, 1],
    )
    await publisher.close()
  })

  it('takes a repeat that the broker recognised as acknowledged', async () => {
    broker.answers.push('cut', 46)
    const { publisher, told } = publisherOver(broker)
    put(publisher, 1)
    await publisher.flush()
    assert.deepEqual(told.acks, [[1, 1]])
    assert.equal(publisher.counters.duplicates, 1)
    await publisher.close()
  })

  it('looks into the log when its sequence is refused, and goes on when the batch is there', async () => {
    broker.answers.push('cut', 45)
    broker.lastSequence = 1
    const { publisher, told } = publisherOver(broker)
    put(publisher, 1)
    put(publisher, 2)
    await publisher.flush()
    assert.equal(broker.sent.length, 2)
    assert.deepEqual(told.acks, [[2, 2]])
    assert.equal(publisher.counters.foundInLog, 1)
    assert.equal(publisher.counters.producerResets, 0)
    await publisher.close()
  })

  it('takes a new producer id as a last resort, when its sequence is refused and the batch is not in the log', async () => {
    const { publisher, told } = publisherOver(broker)
    put(publisher, 1)
    await publisher.flush()
    broker.answers.push(45)
    broker.lastSequence = -1
    put(publisher, 2)
    await publisher.flush()
    put(publisher, 3)
    await publisher.flush()
    assert.deepEqual(
      broker.sent.map(({ producerId, sequence }) => [producerId, sequence]),
      [
        [1n, 0],
        [1n, 1],
        [2n, 0],
        [2n, 1],
      ],
    )
    assert.deepEqual(told.acks, [
      [1, 1],
      [2, 1],
      [3, 1],
    ])
    assert.equal(publisher.counters.producerResets, 1)
    await publisher.close()
  })

  it('tells a batch lost that the broker refuses for good, and gives its sequence to the next', async () => {
    broker.answers.push(76)
    const { publisher, told } = publisherOver(broker)
    put(publisher, 1)
    put(publisher, 2)
    await publisher.flush()
    put(publisher, 3)
    await publisher.flush()
    assert.deepEqual(told, { acks: [[3, 1]], losses: [[2, 2, 'refused by the broker with error 76']] })
    assert.deepEqual(
      broker.sent.map(({ sequence }) => sequence),
      [0, 0],
    )
    assert.equal(publisher.counters.refusedRecords, 2)
    assert.equal(publisher.bufferedBytes, 0)
    await publisher.close()
  })

  for (const compression of ['none', 'lz4', 'zstd'] as const) {
    it(`divides a batch that is too large down to the one record that is, and loses only that (${compression})`, async () => {
      // A refusal of everything that holds the fifth record: 1-8, 5-8, 5-6, 5.
      broker.refuses = ({ plain }) => (plain.includes(Buffer.alloc(40, 5)) ? 10 : 0)
      const { publisher, told } = publisherOver(broker, { compression, lingerMs: 60_000 })
      for (let mark = 1; mark <= 8; mark++) put(publisher, mark, 40)
      await publisher.flush()
      put(publisher, 9, 40)
      await publisher.flush()
      assert.deepEqual(
        broker.sent.map(({ records, sequence, isTaken }) => [records, sequence, isTaken]),
        [
          [8, 0, false],
          [4, 0, true],
          [4, 4, false],
          [2, 4, false],
          [1, 4, false],
          [1, 4, true],
          [2, 5, true],
          [1, 7, true],
        ],
      )
      const taken = broker.sent.filter(({ isTaken }) => isTaken).map(({ plain }) => plain)
      assert.deepEqual([...Buffer.concat(taken.flatMap((records) => valuesOf(records)))], [1, 2, 3, 4, 6, 7, 8, 9])
      assert.deepEqual(told.losses, [[8, 1, 'refused by the broker with error 10']])
      assert.deepEqual(told.acks, [
        [8, 7],
        [9, 1],
      ])
      assert.equal(publisher.counters.dividedBatches, 3)
      assert.equal(publisher.counters.refusedRecords, 1)
      assert.equal(publisher.bufferedBytes, 0)
      await publisher.close()
    })
  }

  it('sends a full batch without waiting for the linger time', async () => {
    const { publisher } = publisherOver(broker, { lingerMs: 60_000, batchBytes: 1_000 })
    for (let mark = 1; mark <= 10; mark++) put(publisher, mark, 300)
    await waitFor('three batches of three', () => broker.sent.length === 3)
    assert.deepEqual(
      broker.sent.map(({ records }) => records),
      [3, 3, 3],
    )
    await publisher.close()
  })

  it('sends a record that is larger than a batch in a batch of its own', async () => {
    const { publisher, told } = publisherOver(broker, { batchBytes: 1_000 })
    put(publisher, 1)
    put(publisher, 2, 50_000)
    put(publisher, 3)
    await publisher.flush()
    assert.deepEqual(
      broker.sent.map(({ records }) => records),
      [1, 1, 1],
    )
    assert.equal(told.acks.at(-1)?.[0], 3)
    await publisher.close()
  })

  it('says false at its bound, throws at twice its bound, and holds nothing after the answers', async () => {
    let open: () => void = () => undefined
    broker.gate = new Promise((resolve) => (open = resolve))
    const { publisher } = publisherOver(broker, { bufferBytes: 10_000 })
    let mark = 0
    while (put(publisher, ++mark, 968));
    assert.ok(publisher.bufferedBytes >= 10_000 && publisher.bufferedBytes < 11_100)
    assert.throws(() => {
      for (;;) put(publisher, ++mark, 968)
    }, LogFullError)
    assert.ok(publisher.bufferedBytes >= 20_000 && publisher.bufferedBytes < 21_100)
    open()
    await publisher.drained()
    assert.ok(publisher.bufferedBytes <= 5_000)
    await publisher.flush()
    assert.equal(publisher.bufferedBytes, 0)
    await publisher.close()
  })

  it('tells what is left as lost when it is closed and the broker does not answer', async () => {
    broker.gate = new Promise(() => undefined)
    const { publisher, told } = publisherOver(broker)
    put(publisher, 1)
    put(publisher, 2)
    const flushed = publisher.flush()
    const refused = assert.rejects(flushed, /has ended/)
    await publisher.close(20)
    await refused
    assert.deepEqual(told, { acks: [], losses: [[2, 2, "not acknowledged within 20 ms of the publisher's end"]] })
    assert.throws(() => put(publisher, 3), /has ended/)
    await publisher.close(20)
  })

  it('refuses a topic that it does not write', async () => {
    const { publisher } = publisherOver(broker)
    assert.throws(() => publisher.append('alerts', KEY, KEY, 0, 4, 0, 1), /not one of those/)
    await publisher.close()
  })
})
