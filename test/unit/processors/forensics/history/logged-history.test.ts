import assert from 'node:assert/strict'
import fc from 'fast-check'
import { partitionOf } from '../../../../../infra/kafka/partitions.js'
import type { TopicKey } from '../../../../../infra/topic-log/topics.js'
import type { HistoryPlan, HistoryQuery } from '../../../../../processors/forensics/history/history.js'
import { LoggedHistory } from '../../../../../processors/forensics/history/logged-history.js'
import { ArrayArchive, ArrayRanges, type PastPartition } from '../../../../support/forensics/array-history.js'
import { seenRecords } from '../../../../support/records/read-record-set.js'

const SIGNAL = new AbortController().signal
const KEYS = ['host-a', 'host-b', 'host-c']
const PARTITIONS = 2

function open(partitions: readonly PastPartition[], archive = new ArrayArchive()): LoggedHistory {
  return new LoggedHistory({ ranges: new ArrayRanges(partitions), archive, keyOf: (name) => name as TopicKey, nowMs: () => 0 })
}

/** Offsets by partition, each slice checked for its order. */
async function readAll(history: LoggedHistory, plan: HistoryPlan): Promise<Map<number, number[]>> {
  const found = new Map<number, number[]>()
  for (const slice of plan.slices) {
    const offsets: number[] = []
    for await (const batch of history.read(slice, { signal: SIGNAL, onDamaged: () => assert.fail('nothing is damaged') })) {
      offsets.push(...seenRecords(batch).map(({ offset }) => offset))
    }
    assert.deepEqual(
      offsets,
      offsets.toSorted((a, b) => a - b),
    )
    found.set(slice.partition, [...(found.get(slice.partition) ?? []), ...offsets])
  }
  return found
}

/** One record a second from offset 0 and second 0, all of one host. */
function evenly(count: number, first = 0): PastPartition {
  const records = Array.from({ length: count }, (_, offset) => ({
    offset,
    timestampMs: offset * 1_000,
    key: 'host-a',
    value: new Uint8Array(1),
  }))
  return { topic: 'process', partition: 0, first, end: count, records }
}

const QUERY = { topics: ['process'], fromMs: 0, toMs: 1e9 } satisfies HistoryQuery

describe('processors/forensics/history', () => {
  it('reads what the topic has from there, and what retention removed from the archive', async () => {
    const partition = evenly(100, 60)
    const archive = new ArrayArchive()
    archive.add(partition, 0, 40)
    archive.add(partition, 40, 80)
    const history = open([partition], archive)
    const plan = await history.plan(QUERY)
    const shown = plan.slices.map(({ from, to, object }) => [from, to, object])
    assert.deepEqual(shown, [
      [0, 40, 'process-0-0-0'],
      [40, 60, 'process-0-40-1'],
      [60, 80, null],
      [80, 100, null],
    ])
    assert.deepEqual(plan.partitions, [{ topic: 'process', partition: 0, range: [0, 100], skipped: [], missing: [] }])
    assert.equal((await readAll(history, plan)).get(0)?.length, 100)
    const { slices } = await history.plan({ ...QUERY, prefer: 'archive' })
    assert.deepEqual(
      slices.map(({ from, to, object }) => [from, to, object !== null]),
      [
        [0, 40, true],
        [40, 80, true],
        [80, 100, false],
      ],
    )
  })

  it('reads a slice from where its records are now, when they are not where the plan says', async () => {
    const partition = evenly(100)
    const archive = new ArrayArchive()
    archive.add(partition, 0, 40)
    const history = open([partition], archive)
    const { slices } = await history.plan({ ...QUERY, prefer: 'archive' })
    assert.deepEqual(
      slices.map(({ from, to, object }) => [from, to, object]),
      [
        [0, 40, 'process-0-0-0'],
        [40, 100, null],
      ],
    )
    // Compaction: two objects in one; retention: the topic begins at 70.
    archive.add(partition, 0, 80)
    archive.remove('process-0-0-0')
    const later = open([evenly(100, 70)], archive)
    const found = await readAll(later, { slices, partitions: [] })
    assert.deepEqual(found.get(0), [...Array.from({ length: 100 }).keys()])
  })

  it('names what is nowhere any more', async () => {
    const partition = evenly(100, 70)
    const archive = new ArrayArchive()
    archive.add(evenly(100), 0, 40)
    const { slices } = await open([evenly(100)], archive).plan({ ...QUERY, prefer: 'archive' })
    archive.remove('process-0-0-0', true)
    const damaged: unknown[] = []
    const offsets: number[] = []
    const history = open([partition], archive)
    for (const slice of slices) {
      for await (const batch of history.read(slice, { signal: SIGNAL, onDamaged: (one) => damaged.push(one.offsets) }))
        offsets.push(...seenRecords(batch).map(({ offset }) => offset))
    }
    assert.deepEqual(damaged, [
      [0, 40],
      [40, 70],
    ])
    assert.deepEqual([offsets[0], offsets.length], [70, 30])
  })

  it('names what neither has, unless what is next to it is of another time', async () => {
    const partition = evenly(100, 60)
    const archive = new ArrayArchive()
    archive.add(partition, 10, 20)
    archive.add(partition, 30, 40)
    const history = open([partition], archive)
    const missing = async (query: Partial<HistoryQuery>): Promise<unknown> => {
      const [account] = (await history.plan({ ...QUERY, ...query })).partitions
      return account?.missing.map(({ offsets }) => offsets)
    }
    assert.deepEqual(await missing({}), [
      [0, 10],
      [20, 30],
      [40, 60],
    ])
    assert.deepEqual(await missing({ fromMs: 15_000 }), [
      [0, 10],
      [20, 30],
      [40, 60],
    ])
    assert.deepEqual(await missing({ fromMs: 15_000, toMs: 18_000 }), [
      [0, 10],
      [20, 30],
    ])
    assert.deepEqual(await missing({ fromMs: 35_000, toMs: 38_000 }), [
      [20, 30],
      [40, 60],
    ])
    assert.deepEqual(await missing({ fromMs: 70_000 }), [])
    assert.deepEqual((await history.plan({ ...QUERY, fromMs: 70_000 })).partitions[0]?.range, [70, 100])
  })

  it('names what the policy removed, whatever the object next to it is of, and takes no late record for the age of what is gone', async () => {
    const partition = evenly(100, 100)
    const archive = new ArrayArchive()
    archive.add(partition, 0, 20)
    archive.add(partition, 50, 100, [{ firstOffset: 20, nextOffset: 50, reason: 'expired' }])
    const missing = async (query: Partial<HistoryQuery>): Promise<unknown> => {
      const { partitions, slices } = await open([partition], archive).plan({ ...QUERY, ...query })
      return [partitions[0]?.missing.map(({ offsets }) => offsets), slices.length]
    }
    assert.deepEqual(await missing({ fromMs: 25_000, toMs: 45_000 }), [[[20, 50]], 0])
    assert.deepEqual(await missing({ keys: ['host-b'] }), [[[20, 50]], 0])
    assert.deepEqual(await missing({}), [[[20, 50]], 2])
    // The head of the topic is of before the range, but the range begins before its retention: what is gone may be of it.
    const topic = {
      ...evenly(100, 60),
      records: evenly(100).records.map((each) => (each.offset === 60 ? { ...each, timestampMs: 0 } : each)),
    }
    const nowMs = 50_000 + 7 * 86_400_000
    const ranges = new ArrayRanges([topic])
    const kept = new LoggedHistory({ ranges, archive: new ArrayArchive(), keyOf: (name) => name as TopicKey, nowMs: () => nowMs })
    const gone = async (fromMs: number): Promise<unknown> =>
      (await kept.plan({ ...QUERY, fromMs })).partitions[0]?.missing.map(({ offsets }) => offsets)
    assert.deepEqual([await gone(40_000), await gone(55_000)], [[[0, 60]], []])
  })

  it('skips objects by time, host and type', async () => {
    const partition = evenly(100, 100)
    const archive = new ArrayArchive()
    for (let from = 0; from < 100; from += 20) archive.add(partition, from, from + 20)
    const history = open([partition], archive)
    const plan = async (query: Partial<HistoryQuery>): Promise<HistoryPlan> => await history.plan({ ...QUERY, ...query })
    assert.deepEqual(
      (await plan({ fromMs: 30_000, toMs: 45_000 })).slices.map(({ from, to }) => [from, to]),
      [
        [20, 40],
        [40, 60],
      ],
    )
    const others = await plan({ keys: ['host-b'] })
    assert.deepEqual([others.slices, others.partitions[0]?.skipped], [[], [[0, 100]]])
  })

  it('reads each record of the time and the hosts once, or names its offset, for any topic and archive', async () => {
    const record = fc.record({
      step: fc.integer({ min: 1, max: 3 }),
      second: fc.integer({ min: 0, max: 60 }),
      key: fc.constantFrom(...KEYS),
    })
    const range = fc.tuple(fc.integer({ min: 0, max: 120 }), fc.integer({ min: 1, max: 50 }))
    const scene = fc.record({
      records: fc.array(record, { maxLength: 60 }),
      first: fc.integer({ min: 0, max: 130 }),
      archived: fc.array(range, { maxLength: 6 }),
      from: fc.integer({ min: 0, max: 60 }),
      seconds: fc.integer({ min: 0, max: 60 }),
      keys: fc.option(fc.uniqueArray(fc.constantFrom(...KEYS)), { nil: undefined }),
      prefer: fc.constantFrom('topic' as const, 'archive' as const),
    })
    await fc.assert(
      fc.asyncProperty(scene, async ({ records, first, archived, from, seconds, keys, prefer }) => {
        const archive = new ArrayArchive()
        const partitions = Array.from({ length: PARTITIONS }, (_, partition) => {
          let offset = 0
          const own = records
            .filter(({ key }) => partitionOf(Buffer.from(key), PARTITIONS) === partition)
            .map(({ step, second, key }) => ({ offset: (offset += step), timestampMs: second * 1_000, key, value: new Uint8Array(1) }))
          const end = offset + 1
          const past = { topic: 'process' as const, partition, first: Math.min(first, end), end, records: own }
          for (const [start, length] of archived) if (start < end) archive.add(past, start, Math.min(start + length, end))
          return past
        })
        const history = open(partitions, archive)
        const [fromMs, toMs] = [from * 1_000, (from + seconds) * 1_000]
        const plan = await history.plan({ topics: ['process'], fromMs, toMs, prefer, ...(keys && { keys }) })
        const found = await readAll(history, plan)
        const entries = await archive.entries()
        for (const past of partitions) {
          const isKept = (offset: number): boolean =>
            offset >= past.first ||
            entries.some((entry) => entry.partition === past.partition && entry.firstOffset <= offset && offset < entry.nextOffset)
          const wanted = past.records.filter(
            ({ offset, timestampMs, key }) =>
              timestampMs >= fromMs && timestampMs < toMs && (keys === undefined || keys.includes(key)) && isKept(offset),
          )
          assert.deepEqual(
            found.get(past.partition) ?? [],
            wanted.map(({ offset }) => offset),
          )
          // Slices, what is skipped and what is missing make up the range.
          const account = plan.partitions.find(({ partition }) => partition === past.partition)
          assert.ok(account)
          const parts = [
            ...plan.slices.filter(({ partition }) => partition === past.partition).map((slice) => [slice.from, slice.to] as const),
            ...account.skipped,
            ...account.missing.map(({ offsets }) => offsets),
          ].sort((a, b) => a[0] - b[0])
          let position = account.range[0]
          for (const [start, end] of parts) {
            assert.equal(start, position)
            position = end
          }
          assert.equal(position, account.range[1])
        }
      }),
      { numRuns: 300 },
    )
  })
})
