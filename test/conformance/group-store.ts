// What every store of groups must do; run for memory (unit tier) and Redis (integration tier).
import assert from 'node:assert/strict'
import fc from 'fast-check'
import {
  type DueMessage,
  type GroupBounds,
  type GroupedAlerts,
  type GroupStore,
  isTaken,
  MOST_NAMES,
  OVERFLOW_GROUP,
  type TakenWindow,
} from '../../processors/delivery/grouping/group-store.js'

const G = 'a'.repeat(32)
const H = 'b'.repeat(32)
const NOW = 1_700_000_000_000

const idOf = (number: number): string => number.toString(16).padStart(32, '0')

/** Alerts of these numbers, each at the offset of its number. */
export function groupedAlerts(numbers: readonly number[], changes: Partial<GroupedAlerts> = {}): GroupedAlerts {
  const [first = 0] = numbers
  const last = numbers.at(-1) ?? 0
  return {
    groupId: G,
    alertIds: numbers.map(idOf),
    partition: 1,
    ranges: numbers.map((number) => [number, number]),
    firstUs: first * 10,
    lastUs: last * 10,
    hosts: ['h1'],
    containers: ['web'],
    rules: ['Rule'],
    first: Buffer.from(`first ${String(first)}`),
    last: Buffer.from(`last ${String(last)}`),
    mayRepeat: false,
    ...changes,
  }
}

async function dueOf(store: GroupStore, alerts: readonly GroupedAlerts[], nowMs: number): Promise<readonly DueMessage[]> {
  return (await store.add(alerts, nowMs)).due
}

async function takenOf(store: GroupStore, sequence: number, groupId = G): Promise<TakenWindow> {
  const answer = await store.take({ groupId, begunMs: NOW, sequence })
  assert.ok(isTaken(answer), `message ${String(sequence)} is not due`)
  return answer
}

/** @param open an empty store */
export function describeGroupStore(open: (bounds?: Partial<GroupBounds>) => GroupStore): void {
  it('sends the first alert at once, and what follows with the next message', async () => {
    const store = open()
    assert.deepEqual(await dueOf(store, [groupedAlerts([1, 2])], NOW), [{ groupId: G, begunMs: NOW, sequence: 0, dueMs: 0 }])
    const first = await takenOf(store, 0)
    assert.equal(first.count, 2)
    assert.equal(first.sentBefore, 0)
    assert.equal(Buffer.from(first.alert).toString(), 'first 1')
    assert.deepEqual([first.firstUs, first.lastUs], [10, 20])
    assert.deepEqual(await store.sent(first, 'thread-1', NOW + 10_000), { groupId: G, begunMs: NOW, sequence: 1, dueMs: NOW + 10_000 })
    assert.deepEqual(await dueOf(store, [groupedAlerts([3], { hosts: ['h2'] })], NOW), [
      { groupId: G, begunMs: NOW, sequence: 1, dueMs: NOW + 10_000 },
    ])
    const second = await takenOf(store, 1)
    assert.deepEqual(
      [second.count, second.sentBefore, second.thread, second.hosts, Buffer.from(second.alert).toString()],
      [1, 2, 'thread-1', ['h2'], 'last 3'],
    )
    assert.deepEqual(second.ranges, [{ partition: 1, range: [3, 3] }])
  })

  it('takes the same until it is sent; what comes meanwhile is in the next message', async () => {
    const store = open()
    await store.add([groupedAlerts([1])], NOW)
    const taken = await takenOf(store, 0)
    await store.add([groupedAlerts([2], { mayRepeat: true })], NOW)
    assert.deepEqual(await takenOf(store, 0), taken)
    await store.sent(taken, null, NOW)
    const next = await takenOf(store, 1)
    assert.deepEqual([next.count, next.sentBefore, next.thread, next.mayRepeat], [1, 1, null, true])
  })

  it('counts an alert once: read again while it waits, while it is sent, and at another offset', async () => {
    const store = open()
    await store.add([groupedAlerts([1, 2]), groupedAlerts([2])], NOW)
    const taken = await takenOf(store, 0)
    assert.equal(taken.count, 2)
    await store.add([groupedAlerts([2], { ranges: [[9, 9]] })], NOW)
    await store.sent(taken, null, NOW)
    await store.add([groupedAlerts([1])], NOW)
    const next = await takenOf(store, 1)
    assert.equal(next.count, 0, 'no alert is new')
    assert.deepEqual(
      next.ranges.map(({ range }) => range),
      [
        [9, 9],
        [1, 1],
      ],
      'their offsets must be settled again',
    )
  })

  it('names the message that is due when another one is asked for, and nothing for a group that has ended', async () => {
    const store = open()
    assert.equal(await store.take({ groupId: G, begunMs: NOW, sequence: 0 }), null)
    await store.add([groupedAlerts([1])], NOW)
    const taken = await takenOf(store, 0)
    await store.sent(taken, null, NOW + 5)
    const due = { groupId: G, begunMs: NOW, sequence: 1, dueMs: NOW + 5 }
    assert.deepEqual(await store.take({ groupId: G, begunMs: NOW, sequence: 0 }), due)
    assert.deepEqual(await store.sent(taken, null, NOW + 99), due, 'sent once only')
    const empty = await takenOf(store, 1)
    assert.equal(empty.count, 0)
    assert.equal(await store.sent(empty, null, NOW + 9), null)
    assert.equal(await store.take({ groupId: G, begunMs: NOW, sequence: 2 }), null)
    const again = { groupId: G, begunMs: NOW + 1, sequence: 0, dueMs: 0 }
    assert.deepEqual(await dueOf(store, [groupedAlerts([7])], NOW + 1), [again], 'a new group')
    assert.deepEqual(await store.take({ groupId: G, begunMs: NOW, sequence: 0 }), again, 'not a message of the former one')
  })

  it('continues a group whose empty window was sent while an alert came', async () => {
    const store = open()
    await store.add([groupedAlerts([1])], NOW)
    await store.sent(await takenOf(store, 0), null, NOW)
    const empty = await takenOf(store, 1)
    await store.add([groupedAlerts([2])], NOW)
    assert.deepEqual(await store.sent(empty, null, NOW + 3), { groupId: G, begunMs: NOW, sequence: 2, dueMs: NOW + 3 })
    assert.equal((await takenOf(store, 2)).count, 1)
  })

  it('sends a window early at its bounds', async () => {
    const store = open({ windowAlerts: 3, windowRanges: 5 })
    await store.add([groupedAlerts([1])], NOW)
    await store.sent(await takenOf(store, 0), null, NOW + 10_000)
    assert.equal((await dueOf(store, [groupedAlerts([2, 3])], NOW))[0]?.dueMs, NOW + 10_000)
    assert.equal((await dueOf(store, [groupedAlerts([4])], NOW))[0]?.dueMs, 0, 'three alerts')
    await store.sent(await takenOf(store, 1), null, NOW + 10_000)
    const repeated = groupedAlerts([9], { ranges: [1, 2, 3, 4, 5].map((offset) => [20 * offset, 20 * offset]) })
    assert.equal((await dueOf(store, [repeated], NOW))[0]?.dueMs, 0, 'five ranges')
  })

  it('collects what is beyond the new groups of a minute in one group, and begins new ones in the next minute', async () => {
    const store = open({ newPerMinute: 1 })
    const due = await dueOf(
      store,
      [groupedAlerts([1]), groupedAlerts([2], { groupId: H }), groupedAlerts([3], { groupId: 'c'.repeat(32) })],
      NOW,
    )
    assert.deepEqual(due.map(({ groupId }) => groupId).sort(), [G, OVERFLOW_GROUP, OVERFLOW_GROUP].sort())
    assert.equal((await takenOf(store, 0, OVERFLOW_GROUP)).count, 2)
    assert.deepEqual(await dueOf(store, [groupedAlerts([4], { groupId: H })], NOW + 60_000), [
      { groupId: H, begunMs: NOW + 60_000, sequence: 0, dueMs: 0 },
    ])
    assert.deepEqual((await dueOf(store, [groupedAlerts([5])], NOW))[0]?.groupId, G, 'a group that has begun continues')
  })

  it('counts an alert once that waits beyond the bound when its own group could begin later', async () => {
    const store = open({ newPerMinute: 1 })
    const late = groupedAlerts([2, 3], { groupId: H })
    await store.add([groupedAlerts([1]), late], NOW)
    assert.deepEqual(await dueOf(store, [late], NOW + 60_000), [{ groupId: OVERFLOW_GROUP, begunMs: NOW, sequence: 0, dueMs: 0 }])
    await store.add([groupedAlerts([3, 4], { groupId: H })], NOW + 60_000)
    const others = await takenOf(store, 0, OVERFLOW_GROUP)
    const own = await store.take({ groupId: H, begunMs: NOW + 60_000, sequence: 0 })
    assert.ok(isTaken(own))
    assert.deepEqual([others.count, own.count], [2, 1])
    await store.sent(others, null, NOW)
    await store.add([late], NOW + 60_000)
    await store.sent(own, null, NOW)
    const next = await store.take({ groupId: H, begunMs: NOW + 60_000, sequence: 1 })
    assert.ok(isTaken(next))
    assert.equal(next.count, 0)
  })

  it('says when a window is far beyond its bounds', async () => {
    const store = open({ windowAlerts: 2 })
    assert.equal((await store.add([groupedAlerts([1, 2, 3, 4])], NOW)).isOverfull, false)
    assert.equal((await store.add([groupedAlerts([5])], NOW)).isOverfull, true)
  })

  it('remembers a bounded number of names, and that there are more', async () => {
    const store = open()
    const hosts = Array.from({ length: MOST_NAMES + 1 }, (_, index) => `h${String(index)}`)
    await store.add([groupedAlerts([1], { hosts: hosts.slice(0, MOST_NAMES) })], NOW)
    await store.add([groupedAlerts([2], { hosts, containers: ['a"b\\c\n{é'], rules: [] })], NOW)
    const { hosts: known, hasMoreNames, containers, rules } = await takenOf(store, 0)
    assert.equal(known.length, MOST_NAMES)
    assert.equal(hasMoreNames, true)
    assert.deepEqual([...containers].sort(), ['a"b\\c\n{é', 'web'])
    assert.deepEqual(rules, ['Rule'])
  })

  it('lists the groups that have something to send', async () => {
    const store = open()
    await store.add([groupedAlerts([1]), groupedAlerts([2], { groupId: H })], NOW)
    await takenOf(store, 0, H)
    assert.deepEqual(await store.open(), [{ groupId: G, begunMs: NOW, sequence: 0, dueMs: 0 }])
  })

  it('counts every alert in exactly one message, whatever happens in whatever order', async () => {
    type Step = { readonly kind: 'add'; readonly numbers: number[] } | { readonly kind: 'take' | 'sent' }
    const step: fc.Arbitrary<Step> = fc.oneof(
      fc.record({
        kind: fc.constant('add' as const),
        numbers: fc.uniqueArray(fc.integer({ min: 0, max: 30 }), { minLength: 1, maxLength: 6 }),
      }),
      fc.record({ kind: fc.constantFrom('take' as const, 'sent' as const) }),
    )
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
        const store = open()
        const added = new Set<number>()
        const sent = new Set<number>()
        /** Of the windows before the last one. */
        let settled = new Set<number>()
        let counted = 0
        let due: DueMessage | null = null
        let taken: TakenWindow | null = null
        const take = async (): Promise<void> => {
          if (due === null) return
          const answer = await store.take(due)
          taken = isTaken(answer) ? answer : null
        }
        const send = async (): Promise<void> => {
          if (taken === null) return
          counted += taken.count
          settled = new Set(sent)
          for (const { range } of taken.ranges) sent.add(range[0])
          due = await store.sent(taken, null, NOW)
          taken = null
        }
        for (const one of steps) {
          if (one.kind === 'add') {
            // What was sent is settled. A reader may add it once more, until it knows that.
            const numbers = one.numbers.filter((number) => !settled.has(number))
            if (numbers.length === 0) continue
            due = (await dueOf(store, [groupedAlerts(numbers)], NOW))[0] ?? due
            for (const number of numbers) added.add(number)
          } else if (one.kind === 'take') await take()
          else await send()
        }
        for (let rounds = 0; due !== null && rounds < 4; rounds++) {
          await take()
          await send()
        }
        assert.equal(counted, added.size)
        assert.deepEqual([...sent].sort(), [...added].sort())
      }),
      { numRuns: 40 },
    )
  })
}
