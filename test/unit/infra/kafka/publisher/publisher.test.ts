// The publisher over a scripted broker: bounds, and answers that a real broker gives only after losses.
import assert from 'node:assert/strict'
import { LogFullError } from '../../../../../infra/topic-log/topic-log.js'
import { waitFor } from '../../../../support/wait-for.js'
import { KEY, put, publisherOver, ScriptedBroker, valuesOf } from '../../../../support/fakes/scripted-broker.js'

describe('infra/kafka/publisher/publisher', () => {
  let broker: ScriptedBroker
  beforeEach(() => {
    broker = new ScriptedBroker()
  })

  it('sends the same bytes with the same sequence again when the connection breaks or the cluster is not ready', async () => {
    broker.answers.push('cut', 6, 7, 0)
    const { publisher, reports } = publisherOver(broker)
    put(publisher, 1)
    put(publisher, 2)
    await publisher.flush()
    assert.equal(broker.sent.length, 4)
    assert.equal(new Set(broker.sent.map(({ batch }) => batch)).size, 1)
    assert.equal(broker.dropped, 1)
    assert.deepEqual(reports, { acks: [[2, 2]], losses: [] })
    assert.equal(publisher.counters.retries, 3)
    await publisher.close()
  })

  it('has one batch in flight for a partition and numbers the next ones after it', async () => {
    let open: () => void = () => undefined
    broker.gate = new Promise((resolve) => (open = resolve))
    const { publisher, reports } = publisherOver(broker)
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
    assert.deepEqual(reports.acks, [
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

  it('treats a repeat that the broker recognizes as acknowledged', async () => {
    broker.answers.push('cut', 46)
    const { publisher, reports } = publisherOver(broker)
    put(publisher, 1)
    await publisher.flush()
    assert.deepEqual(reports.acks, [[1, 1]])
    assert.equal(publisher.counters.duplicates, 1)
    await publisher.close()
  })

  it('reads the last sequence in the log when its own is refused, and continues if the batch is there', async () => {
    broker.answers.push('cut', 45)
    broker.lastSequence = 1
    const { publisher, reports } = publisherOver(broker)
    put(publisher, 1)
    put(publisher, 2)
    await publisher.flush()
    assert.equal(broker.sent.length, 2)
    assert.deepEqual(reports.acks, [[2, 2]])
    assert.equal(publisher.counters.foundInLog, 1)
    assert.equal(publisher.counters.producerResets, 0)
    await publisher.close()
  })

  it('requests a new producer id as a last resort, if its sequence is refused and the batch is not in the log', async () => {
    const { publisher, reports } = publisherOver(broker)
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
    assert.deepEqual(reports.acks, [
      [1, 1],
      [2, 1],
      [3, 1],
    ])
    assert.equal(publisher.counters.producerResets, 1)
    await publisher.close()
  })

  it('reports a batch as lost that the broker refuses permanently, and reuses its sequence for the next', async () => {
    broker.answers.push(76)
    const { publisher, reports } = publisherOver(broker)
    put(publisher, 1)
    put(publisher, 2)
    await publisher.flush()
    put(publisher, 3)
    await publisher.flush()
    assert.deepEqual(reports, { acks: [[3, 1]], losses: [[2, 2, 'refused by the broker with error 76']] })
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
      // Everything with the fifth record is refused: 1-8, 5-8, 5-6, 5.
      broker.refuses = ({ plain }) => (plain.includes(Buffer.alloc(40, 5)) ? 10 : 0)
      const { publisher, reports } = publisherOver(broker, { compression, lingerMs: 60_000 })
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
      assert.deepEqual(reports.losses, [[8, 1, 'refused by the broker with error 10']])
      assert.deepEqual(reports.acks, [
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

  it('sends a record that is larger than a batch in a separate batch', async () => {
    const { publisher, reports } = publisherOver(broker, { batchBytes: 1_000 })
    put(publisher, 1)
    put(publisher, 2, 50_000)
    put(publisher, 3)
    await publisher.flush()
    assert.deepEqual(
      broker.sent.map(({ records }) => records),
      [1, 1, 1],
    )
    assert.equal(reports.acks.at(-1)?.[0], 3)
    await publisher.close()
  })

  it('returns false at its bound, throws at twice its bound, and holds nothing after the answers', async () => {
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

  it('reports the remaining records as lost when it is closed and the broker does not answer', async () => {
    broker.gate = new Promise(() => undefined)
    const { publisher, reports } = publisherOver(broker)
    put(publisher, 1)
    put(publisher, 2)
    const flushed = publisher.flush()
    const refused = assert.rejects(flushed, /is closed/)
    await publisher.close(20)
    await refused
    assert.deepEqual(reports, { acks: [], losses: [[2, 2, 'not acknowledged within 20 ms after close']] })
    assert.throws(() => put(publisher, 3), /is closed/)
    await publisher.close(20)
  })

  it('refuses a topic that it does not write', async () => {
    const { publisher } = publisherOver(broker)
    assert.throws(
      () => publisher.append({ topic: 'alerts', key: KEY, value: KEY, valueStart: 0, valueEnd: 4, timestampMs: 0, mark: 1 }),
      /does not write the topic/,
    )
    await publisher.close()
  })
})
