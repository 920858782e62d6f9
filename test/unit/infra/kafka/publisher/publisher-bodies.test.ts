// Bodies from one publisher to another: the unacknowledged ones are held, and appended ones are sent unchanged, with a new sequence.
import assert from 'node:assert/strict'
import { plainRecords } from '../../../../../infra/kafka/compression.js'
import { LogFullError } from '../../../../../infra/topic-log/topic-log.js'
import type { HeldBody } from '../../../../../infra/topic-log/body-appender.js'
import { KEY, publisherOver, put, ScriptedBroker, valuesOf } from '../../../../support/fakes/scripted-broker.js'
import { waitFor } from '../../../../support/wait-for.js'

const copyOf = (body: HeldBody): HeldBody => ({ ...body, records: Buffer.from(body.records) })

async function valuesOfBody({ attributes, records }: HeldBody): Promise<number[]> {
  return [...Buffer.concat(valuesOf(await plainRecords(attributes, Buffer.from(records))))]
}

describe('bodies of a publisher', () => {
  let broker: ScriptedBroker
  beforeEach(() => {
    broker = new ScriptedBroker()
  })

  for (const compression of ['none', 'lz4', 'zstd'] as const) {
    it(`are all that is not acknowledged, oldest first, and can be sent by the next publisher (${compression})`, async () => {
      let open: () => void = () => undefined
      broker.gate = new Promise((resolve) => (open = resolve))
      const { publisher, reports } = publisherOver(broker, { compression, batchBytes: 150, lingerMs: 60_000 })
      for (let mark = 1; mark <= 8; mark++) put(publisher, mark, 40)
      // Two records fit into a batch: one is in flight, two wait, one is open.
      await waitFor('a batch in flight', () => broker.sent.length === 1)
      const held = publisher.held('file', KEY).map(copyOf)
      assert.deepEqual(
        held.map(({ count, lastMark }) => [count, lastMark]),
        [2, 4, 6, 8].map((mark) => [2, mark]),
      )
      assert.deepEqual((await Promise.all(held.map(valuesOfBody))).flat(), [1, 2, 3, 4, 5, 6, 7, 8])
      open()
      await publisher.flush()
      assert.deepEqual(publisher.held('file', KEY), [])
      assert.equal(reports.acks.at(-1)?.[0], 8)
      await publisher.close()

      const other = new ScriptedBroker()
      // It uses another compression, or none.
      const next = publisherOver(other, { compression: compression === 'zstd' ? 'none' : 'zstd', lingerMs: 60_000 })
      put(next.publisher, 20, 40)
      for (const body of held) next.publisher.appendBody('file', KEY, body, 20)
      put(next.publisher, 21, 40)
      await next.publisher.flush()
      assert.deepEqual([...Buffer.concat(other.sent.flatMap(({ plain }) => valuesOf(plain)))], [20, 1, 2, 3, 4, 5, 6, 7, 8, 21])
      assert.deepEqual(
        other.sent.map(({ sequence, records }) => [sequence, records]),
        [
          [0, 1],
          [1, 2],
          [3, 2],
          [5, 2],
          [7, 2],
          [9, 1],
        ],
      )
      assert.equal(
        next.reports.acks.reduce((sum, [, records]) => sum + records, 0),
        10,
      )
      assert.equal(next.publisher.bufferedBytes, 0)
      await next.publisher.close()
    })
  }

  it('are divided like batches if the broker does not accept them whole', async () => {
    const { publisher } = publisherOver(broker, { compression: 'lz4', lingerMs: 60_000 })
    for (let mark = 1; mark <= 4; mark++) put(publisher, mark, 40)
    const [held] = publisher.held('file', KEY).map(copyOf)
    await publisher.close()
    assert(held !== undefined)
    const other = new ScriptedBroker()
    other.refuses = ({ plain }) => (plain.includes(Buffer.alloc(40, 3)) ? 10 : 0)
    const next = publisherOver(other, { compression: 'none', lingerMs: 60_000 })
    next.publisher.appendBody('file', KEY, held, 4)
    await next.publisher.flush()
    const taken = other.sent.filter(({ isTaken }) => isTaken).flatMap(({ plain }) => valuesOf(plain))
    assert.deepEqual([...Buffer.concat(taken)], [1, 2, 4])
    assert.deepEqual(next.reports.losses, [[4, 1, 'refused by the broker with error 10']])
    await next.publisher.close()
  })

  it('count toward the memory bound: false at it, an error at twice the bound', async () => {
    broker.gate = new Promise(() => undefined)
    const { publisher } = publisherOver(broker, { bufferBytes: 1000 })
    const body = { count: 1, baseTimestampMs: 0, maxTimestampMs: 0, attributes: 0, records: Buffer.alloc(600) }
    assert.equal(publisher.appendBody('file', KEY, body, 1), true)
    assert.equal(publisher.appendBody('file', KEY, body, 2), false)
    publisher.appendBody('file', KEY, body, 3)
    publisher.appendBody('file', KEY, body, 4)
    assert.throws(() => publisher.appendBody('file', KEY, body, 5), LogFullError)
    await publisher.close(0)
  })
})
