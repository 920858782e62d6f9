// The publisher at the bounds of its log: what is not taken is counted, and does not hold the ring for ever.
import { EventPublisher } from '../../../../collector/publish/event-publisher.js'
import { Ledger } from '../../../../collector/ledger/ledger.js'
import { AccountQueue } from '../../../../collector/publish/in-flight.js'
import { KIND } from '../../../../native/generated/layout.js'
import { RING } from '../../../../collector/source/event-source.js'
import { AvroWriter } from '../../../../schemas/avro-writer.js'
import { HeldLog } from '../../../support/fakes/held-log.js'
import assert from 'node:assert/strict'

describe('event publisher', () => {
  async function open(): Promise<{ log: HeldLog; ledger: Ledger; publisher: EventPublisher; safe: number[]; losses: string[] }> {
    const log = new HeldLog()
    const ledger = new Ledger(1)
    const safe = [0, 0]
    const losses: string[] = []
    const publisher = await EventPublisher.open({
      topicLog: log,
      ledger,
      key: Buffer.from('host'),
      onSafe: (ring, position) => (safe[ring] = position),
      onLoss: (topic, records, reason) => losses.push(`${topic} ${String(records)} ${reason}`),
    })
    return { log, ledger, publisher, safe, losses }
  }
  const writer = new AvroWriter()
  writer.text('value')

  it('counts a record that the log refuses at its hard bound as lost, and frees the ring past it', async () => {
    const { log, ledger, publisher, safe, losses } = await open()
    const account = ledger.accountOf(KIND.open, 0)
    log.room = 1
    assert.equal(publisher.fromRing({ ring: RING.bulk, mark: 100, account }, 'file', writer, 0), false)
    assert.equal(publisher.fromRing({ ring: RING.bulk, mark: 200, account }, 'file', writer, 0), false)
    assert.equal(publisher.fromRing({ ring: RING.bulk, mark: 300, account }, 'file', writer, 0), false)
    publisher.handled(RING.bulk, 300)
    assert.deepEqual(losses, ['file 1 full'])
    log.ack()
    assert.equal(safe[RING.bulk], 300)
    const [sum] = ledger.accounts([{ seq: [], emitted: [0, 0, 0, 0, 0, 3], dropped: [], suppressed: [] }])
    assert.deepEqual([sum?.published, sum?.droppedCollector, sum?.inFlight], [2, 1, 0])
  })

  it('works with a log that acknowledges before append returns', async () => {
    const { log, publisher, safe, ledger } = await open()
    log.acknowledgesAtOnce = true
    publisher.fromRing({ ring: RING.bulk, mark: 100, account: ledger.accountOf(KIND.open, 0) }, 'file', writer, 0)
    publisher.handled(RING.bulk, 100)
    publisher.fromRing({ ring: RING.bulk, mark: 200, account: ledger.accountOf(KIND.open, 0) }, 'file', writer, 0)
    publisher.handled(RING.bulk, 200)
    assert.equal(safe[RING.bulk], 200)
  })

  it('never passes a time before 1970 to the log', async () => {
    const { log, publisher, ledger } = await open()
    publisher.own('host', ledger.accountOf(0, -1), writer, -5_000_000)
    assert.equal(log.records[0]?.timestampMs, 0)
  })
})

describe('account queue', () => {
  it('returns its numbers in order, also while it grows', () => {
    const queue = new AccountQueue()
    let next = 0
    let expected = 0
    for (let round = 0; round < 50; round++) {
      for (let count = 0; count < 700; count++) queue.push(next++)
      for (let count = 0; count < 300; count++) assert.equal(queue.shift(), expected++)
    }
    while (queue.size > 0) assert.equal(queue.shift(), expected++)
    assert.equal(expected, next)
    assert.equal(queue.shift(), undefined)
  })
})
