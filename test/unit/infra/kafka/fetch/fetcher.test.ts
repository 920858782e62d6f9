// The fetcher over scripted brokers: bounds, order, and answers that real brokers give only after losses.
import assert from 'node:assert/strict'
import type { Fetched, PartitionLag } from '../../../../../infra/kafka/fetch/fetched.js'
import type { FetchTransport } from '../../../../../infra/kafka/fetch/fetch-context.js'
import { Fetcher, type FetcherOptions } from '../../../../../infra/kafka/fetch/fetcher.js'
import { SILENT_LOGGER } from '../../../../../infra/process/logger.js'
import { ScriptedFetchBroker } from '../../../../support/fakes/scripted-fetch-broker.js'
import { gzippedBatch, markerBatch, TRANSACTIONAL, valuesBatch } from '../../../../support/records/kafka-batch-bytes.js'
import { seenRecords } from '../../../../support/records/read-record-set.js'
import { waitFor } from '../../../../support/wait-for.js'

const NEVER = new AbortController().signal

describe('infra/kafka/fetch/fetcher', () => {
  let broker: ScriptedFetchBroker
  const fetchers: Fetcher[] = []
  beforeEach(() => {
    broker = new ScriptedFetchBroker()
  })
  afterEach(async () => {
    await Promise.all(fetchers.splice(0).map((fetcher) => fetcher.close()))
  })

  function open(options: Partial<FetcherOptions> = {}): Fetcher {
    const fetcher = new Fetcher(broker, { clientId: 'me', keyOf: () => 'file', waitMs: 20, ...options }, SILENT_LOGGER)
    fetchers.push(fetcher)
    return fetcher
  }
  /** The next item with its values; the batch is released. */
  async function take(fetcher: Fetcher, partition = 0): Promise<unknown[]> {
    return shown(await fetcher.next('file', partition, NEVER))
  }
  function shown(item: Fetched): unknown[] {
    if (item.kind === 'records') {
      const values = seenRecords(item.batch).map(({ value }) => value)
      item.batch.release()
      return [item.kind, values, item.nextOffset]
    }
    if (item.kind === 'reset') return [item.kind, item.from, item.to, item.records]
    return item.kind === 'damaged' ? [item.kind, item.firstOffset, item.nextOffset] : [item.kind, item.nextOffset]
  }

  it('yields records, passes what is not visible, and waits for more', async () => {
    const producerId = 7n
    broker.append(0, 3, valuesBatch(0, ['a', 'b'], { attributes: TRANSACTIONAL, producerId }), markerBatch(2, producerId, 'commit'))
    const fetcher = open()
    fetcher.add({ topic: 'file', partition: 0, offset: 1 })
    assert.deepEqual(await take(fetcher), ['records', ['b'], 3])
    const waiting = take(fetcher)
    broker.append(0, 5, markerBatch(3, producerId, 'commit'), markerBatch(4, producerId, 'commit'))
    assert.deepEqual(await waiting, ['passed', 5])
    broker.append(0, 6, gzippedBatch(5, ['c']))
    assert.deepEqual(await take(fetcher), ['records', ['c'], 6])
    assert.deepEqual(fetcher.figures.leases, 0)
  })

  it('fetches one set ahead of what is handled, and no more', async () => {
    broker.append(0, 3, valuesBatch(0, ['a']), valuesBatch(1, ['b']), valuesBatch(2, ['c']))
    broker.append(1, 0)
    const fetcher = open({ maxPartitionBytes: 100 })
    fetcher.add({ topic: 'file', partition: 0, offset: 0 })
    fetcher.add({ topic: 'file', partition: 1, offset: 0 })
    const offsets = (): number[] =>
      broker.seen.flatMap(({ places }) => places.filter(({ partition }) => partition === 0).map(({ offset }) => offset))
    // The empty partition is fetched again and again.
    const moreFetches = async (): Promise<void> => {
      const { fetches } = fetcher.figures
      await waitFor('more fetches', () => fetcher.figures.fetches > fetches + 3)
    }
    await moreFetches()
    assert.deepEqual(offsets(), [0])
    const first = await fetcher.next('file', 0, NEVER)
    await moreFetches()
    assert.deepEqual(offsets(), [0, 1])
    assert.deepEqual(shown(first), ['records', ['a'], 1])
  })

  it('lets no broker be silent much longer than it may wait', async () => {
    broker.append(0, 1, valuesBatch(0, ['a']))
    const limits: (number | undefined)[] = []
    const { sendFrame } = broker
    broker.sendFrame = async (...[connection, api, frame, , silenceMs]: Parameters<FetchTransport['sendFrame']>) => {
      limits.push(silenceMs)
      return await sendFrame.call(broker, connection, api, frame)
    }
    const fetcher = open({ waitMs: 20 })
    fetcher.add({ topic: 'file', partition: 0, offset: 0 })
    await take(fetcher)
    assert.equal(limits[0], 5_020)
  })

  it('does not ask in a loop when a broker answers at once that there is nothing', async () => {
    broker.append(0, 0)
    broker.isImpatient = true
    const fetcher = open()
    fetcher.add({ topic: 'file', partition: 0, offset: 0 })
    const startedMs = performance.now()
    await waitFor('some fetches', () => fetcher.figures.fetches > 5)
    assert.ok(fetcher.figures.fetches <= 2 + (performance.now() - startedMs) / 9, String(fetcher.figures.fetches))
  })

  it('starts over at another position, and drops what it had and what is on its way', async () => {
    broker.append(0, 3, valuesBatch(0, ['a', 'b', 'c']))
    const fetcher = open()
    fetcher.add({ topic: 'file', partition: 0, offset: 0 })
    await take(fetcher)
    fetcher.seek({ topic: 'file', partition: 0, offset: 1 })
    assert.deepEqual(await take(fetcher), ['records', ['b', 'c'], 3])
    const waiting = take(fetcher)
    fetcher.seek({ topic: 'file', partition: 0, offset: 2 })
    assert.deepEqual(await waiting, ['records', ['c'], 3])
  })

  it('ends a wait with its signal, and with the partition', async () => {
    broker.append(0, 0)
    const fetcher = open()
    fetcher.add({ topic: 'file', partition: 0, offset: 0 })
    const end = new AbortController()
    const waiting = fetcher.next('file', 0, end.signal)
    end.abort(new Error('the lane ended'))
    await assert.rejects(waiting, /the lane ended/)
    const other = fetcher.next('file', 0, NEVER)
    fetcher.remove('file', 0)
    await assert.rejects(other, /no longer fetched/)
    await assert.rejects(fetcher.next('file', 0, NEVER), /not fetched/)
  })

  it('bounds all bytes that it holds by one setting, however slow the handlers are', async () => {
    const value = 'x'.repeat(9_000)
    for (let partition = 0; partition < 12; partition++) {
      const batches = Array.from({ length: 60 }, (_, index) =>
        index % 2 === 0 ? valuesBatch(index, [value]) : gzippedBatch(index, [value]),
      )
      broker.append(partition, 60, ...batches)
    }
    const maxBytes = 2 * 1024 * 1024
    const fetcher = open({ maxBytes, maxPartitionBytes: 200_000 })
    for (let partition = 0; partition < 12; partition++) fetcher.add({ topic: 'file', partition, offset: 0 })
    let most = 0
    const counts = await Promise.all(
      Array.from({ length: 12 }, async (_, partition) => {
        let records = 0
        while (records < 60) {
          const item = await fetcher.next('file', partition, NEVER)
          most = Math.max(most, fetcher.figures.heldBytes)
          if (item.kind !== 'records') continue
          await new Promise((resolve) => setTimeout(resolve, partition))
          records += item.batch.length
          item.batch.release()
        }
        return records
      }),
    )
    assert.deepEqual(
      counts,
      Array.from({ length: 12 }, () => 60),
    )
    assert.ok(most > 0 && most <= maxBytes, String(most))
    await fetcher.close()
    assert.deepEqual([fetcher.figures.heldBytes, fetcher.figures.leases], [0, 0])
  })

  it('fetches a batch that is larger than the bound of a partition, also after others in the request', async () => {
    broker.append(0, 100, ...Array.from({ length: 100 }, (_, index) => valuesBatch(index, ['small'])))
    broker.append(1, 1, valuesBatch(0, ['x'.repeat(100_000)]))
    const fetcher = open({ maxPartitionBytes: 1_000 })
    fetcher.add({ topic: 'file', partition: 0, offset: 0 })
    fetcher.add({ topic: 'file', partition: 1, offset: 0 })
    const large = fetcher.next('file', 1, NEVER)
    for (let read = 0; read < 100;) {
      const item = await fetcher.next('file', 0, NEVER)
      assert.equal(item.kind, 'records')
      if (item.kind === 'records') read = item.nextOffset
    }
    const item = await large
    assert.ok(item.kind === 'records' && item.batch.length === 1)
  })

  it('follows a leader that moves, and a broker that does not answer; the others go on', async () => {
    broker.append(0, 1, valuesBatch(0, ['a']))
    broker.append(1, 1, valuesBatch(0, ['other']))
    const fetcher = open()
    fetcher.add({ topic: 'file', partition: 0, offset: 0 })
    fetcher.add({ topic: 'file', partition: 1, offset: 0 })
    assert.deepEqual(await take(fetcher), ['records', ['a'], 1])
    const log = broker.append(0, 2, valuesBatch(1, ['b']))
    log.leader = 2
    broker.down.add(2)
    assert.deepEqual(await take(fetcher, 1), ['records', ['other'], 1])
    broker.append(1, 2, valuesBatch(1, ['more']))
    assert.deepEqual(await take(fetcher, 1), ['records', ['more'], 2])
    broker.down.clear()
    assert.deepEqual(await take(fetcher), ['records', ['b'], 2])
    log.leader = -1
    broker.append(0, 3, valuesBatch(2, ['c']))
    await waitFor('a refresh', () => broker.refreshes > 3)
    log.leader = 1
    assert.deepEqual(await take(fetcher), ['records', ['c'], 3])
  })

  for (const [code, name] of [
    [5, 'LEADER_NOT_AVAILABLE'],
    [6, 'NOT_LEADER_OR_FOLLOWER'],
    [9, 'REPLICA_NOT_AVAILABLE'],
    [56, 'KAFKA_STORAGE_ERROR'],
    [74, 'FENCED_LEADER_EPOCH'],
    [75, 'UNKNOWN_LEADER_EPOCH'],
    [78, 'OFFSET_NOT_AVAILABLE'],
    [-1, 'UNKNOWN_SERVER_ERROR'],
  ] as const) {
    it(`retries a partition after ${name}, and does not delay the others`, async () => {
      broker.append(0, 1, valuesBatch(0, ['a'])).errors.push(code, code)
      broker.append(1, 1, valuesBatch(0, ['other']))
      const fetcher = open()
      fetcher.add({ topic: 'file', partition: 0, offset: 0 })
      fetcher.add({ topic: 'file', partition: 1, offset: 0 })
      assert.deepEqual(await take(fetcher, 1), ['records', ['other'], 1])
      assert.equal(broker.seen.length, 1)
      assert.deepEqual(await take(fetcher), ['records', ['a'], 1])
      assert.ok(broker.refreshes >= 2)
    })
  }

  it('reports a topic that stays refused or unknown, and tries on', async () => {
    for (const [code, name] of [
      [29, 'EUNOMIA_KAFKA_REFUSED'],
      [3, 'EUNOMIA_KAFKA_TOPIC'],
    ] as const) {
      const log = broker.append(0, 1, valuesBatch(0, ['a']))
      log.batches.length = 1
      log.errors.push(code, code, code, code, code)
      const fetcher = open()
      fetcher.add({ topic: 'file', partition: 0, offset: 0 })
      await assert.rejects(fetcher.next('file', 0, NEVER), (error: Error) => (error.constructor as { code?: string }).code === name)
      assert.deepEqual(await take(fetcher), ['records', ['a'], 1])
      await fetcher.close()
    }
  })

  it('fetches a damaged batch twice: the wire may have damaged it', async () => {
    const log = broker.append(0, 3, valuesBatch(0, ['a']), valuesBatch(1, ['b']), valuesBatch(2, ['c']))
    let times = 0
    log.tamper = (bytes) => {
      if (times++ === 0) bytes.writeUInt8(0xee, bytes.length - 2)
      return bytes
    }
    const fetcher = open()
    fetcher.add({ topic: 'file', partition: 0, offset: 0 })
    assert.deepEqual(await take(fetcher), ['records', ['a', 'b'], 2])
    assert.deepEqual(await take(fetcher), ['records', ['c'], 3])
    assert.deepEqual([fetcher.figures.damagedBatches, fetcher.figures.refetchedBatches], [0, 1])
  })

  it('yields a damaged batch once, with a bounded part of its bytes, between its neighbours', async () => {
    const damaged = valuesBatch(1, ['b'.repeat(10_000), 'c'], { crc: 5 })
    broker.append(0, 4, valuesBatch(0, ['a']), damaged, valuesBatch(3, ['d']))
    const fetcher = open()
    fetcher.add({ topic: 'file', partition: 0, offset: 0 })
    assert.deepEqual(await take(fetcher), ['records', ['a'], 1])
    const item = await fetcher.next('file', 0, NEVER)
    assert.ok(item.kind === 'damaged')
    assert.deepEqual(shown(item), ['damaged', 1, 3])
    assert.match(item.reason, /checksum/)
    assert.deepEqual(Buffer.from(item.bytes), damaged.subarray(0, 4_096))
    assert.deepEqual(await take(fetcher), ['records', ['d'], 4])
    assert.deepEqual([fetcher.figures.damagedBatches, fetcher.figures.refetchedBatches], [1, 1])
  })

  it('gets past a batch whose length is more than the answer, whose offsets are wrong, or that is sent again and again', async () => {
    const good = valuesBatch(40, ['good'])
    const bad: readonly Buffer[] = [
      valuesBatch(0, ['x'], { length: 1_000_000, lastOffsetDelta: 39 }),
      valuesBatch(0, ['x'], { length: 3, lastOffsetDelta: 39 }),
      valuesBatch(0, ['x'], { crc: 1, lastOffsetDelta: 2_000_000_000 }),
    ]
    for (const batch of bad) {
      broker = new ScriptedFetchBroker()
      broker.append(0, 41, batch, good)
      const fetcher = open()
      fetcher.add({ topic: 'file', partition: 0, offset: 0 })
      let reached = 0
      let items = 0
      for (; reached < 41 && items < 10; items++) {
        const item = await fetcher.next('file', 0, NEVER)
        assert.ok(item.kind === 'damaged' || item.kind === 'records')
        assert.ok(item.nextOffset > reached)
        reached = item.nextOffset
      }
      assert.equal(reached, 41)
      await fetcher.close()
    }
  })

  it('continues at the start of the log after retention, and at its end after a loss of records; never all over again', async () => {
    broker.append(
      0,
      20,
      valuesBatch(
        10,
        Array.from({ length: 10 }, (_, index) => String(index)),
      ),
    ).logStart = 10
    broker.append(1, 5, valuesBatch(0, ['a', 'b', 'c', 'd', 'e']))
    const fetcher = open()
    fetcher.add({ topic: 'file', partition: 0, offset: 3 })
    fetcher.add({ topic: 'file', partition: 1, offset: 900 })
    assert.deepEqual(await take(fetcher), ['reset', 3, 10, 7])
    assert.equal(((await take(fetcher))[1] as string[]).length, 10)
    assert.deepEqual(await take(fetcher, 1), ['reset', 900, 5, 0])
    broker.append(1, 6, valuesBatch(5, ['new']))
    assert.deepEqual(await take(fetcher, 1), ['records', ['new'], 6])
    // The log grew in the meantime: nothing is lost.
    broker.append(1, 7, valuesBatch(6, ['f'])).errors.push(1)
    assert.deepEqual(await take(fetcher, 1), ['records', ['f'], 7])
  })

  it('reports the end of the log also while nothing is taken', async () => {
    const lags: PartitionLag[] = []
    broker.append(0, 2, valuesBatch(0, ['a', 'b'], { baseTimestamp: 123n }))
    const fetcher = open({ lagMs: 40, onLag: (lag) => lags.push(lag) })
    fetcher.add({ topic: 'file', partition: 0, offset: 0 })
    await waitFor('the first lag', () => lags.length > 0)
    assert.deepEqual(lags[0], { topic: 'file', partition: 0, highWatermark: 2, logStart: 0, position: 0, timestampMs: 123 })
    broker.append(0, 50, valuesBatch(2, ['c']))
    await waitFor('the new end', () => lags.at(-1)?.highWatermark === 50)
    assert.equal(fetcher.figures.fetches, 1)
    // A batch that is handled is not finished.
    const item = await fetcher.next('file', 0, NEVER)
    assert.ok(item.kind === 'records')
    const last = (): unknown[] => [lags.at(-1)?.position, lags.at(-1)?.timestampMs]
    assert.deepEqual(last(), [0, 123])
    item.batch.skipTo(1)
    await waitFor('the rest', () => last()[0] === 1)
    item.batch.release()
    await waitFor('the next position', () => last()[0] === 2)
    fetcher.remove('file', 0)
    const { highWatermark, position } = lags.at(-1) ?? {}
    assert.equal(highWatermark, position)
  })
})
