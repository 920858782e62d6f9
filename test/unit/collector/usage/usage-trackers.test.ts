import assert from 'node:assert/strict'
import { OwnerFacts } from '../../../../collector/usage/usage-owner.js'
import type { UsageBody } from '../../../../collector/usage/usage-aggregate.js'
import type { UsageSink } from '../../../../collector/usage/usage-run.js'
import { SYSCALL_USAGE } from '../../../../collector/usage/syscall-usage.js'
import { UsageTrackers } from '../../../../collector/usage/usage-trackers.js'
import { SILENT_LOGGER } from '../../../../infra/logger.js'
import { FakeContainerIndex } from '../../../support/fakes/fake-container-index.js'
import { FakeUsageTables } from '../../../support/fakes/fake-usage-tables.js'
import { callEntry, seenEntry } from '../../../support/usage/table-bytes.js'
import { waitFor } from '../../../support/wait-for.js'

const NAME = SYSCALL_USAGE.name

describe('trackers of aggregates', () => {
  let tables = new FakeUsageTables()
  let opened = 0
  let problem: Error | null = null
  let published: UsageBody[] = []
  let dropped = 0
  let bufferedBytes = 0
  let now = 0
  let trackers: UsageTrackers
  const sink: UsageSink = {
    facts: new OwnerFacts({ find: () => null }, new FakeContainerIndex()),
    bootNow: () => (now += 1000),
    publish: (body) => void published.push(body),
    drop: (count) => (dropped += count),
    bufferedBytes: () => bufferedBytes,
    flush: () => Promise.resolve(),
  }
  const make = (started: readonly string[] = [], intervalMs = 3_600_000, ready: readonly string[] = []): UsageTrackers =>
    (trackers = new UsageTrackers(
      {
        trackers: [SYSCALL_USAGE],
        open: (program, entries) => {
          assert.deepEqual([program, entries['calls']], ['syscalls', 512])
          opened++
          if (problem !== null) throw problem
          return tables
        },
        settings: { intervalMs, filter: { pids: [], containers: [] } },
        ...{ maxEntries: 512, top: 1000, log: SILENT_LOGGER },
      },
      started,
      ready,
    ))
  const counted = (processes: number): void => {
    const calls = Buffer.concat(Array.from({ length: processes }, (_none, index) => callEntry({ pid: 100 + index }, 0, 1n)))
    tables.readings.push({ tables: { calls }, overflow: [3, 1], recursionMisses: 2 })
  }
  const isOn = (): boolean => trackers.states()[0]?.isOn ?? false

  beforeEach(() => {
    tables = new FakeUsageTables()
    ;[opened, dropped, bufferedBytes, now] = [0, 0, 0, 0]
    published = []
    problem = null
  })
  afterEach(() => trackers.close())

  it('load nothing before they are asked for, and count nothing before there is a collector', () => {
    make().attach(sink)
    assert.deepEqual([opened, isOn(), trackers.isCounting], [0, false, false])
    make([NAME])
    assert.deepEqual([opened, tables.isAttached], [1, false])
    trackers.attach(sink)
    assert.deepEqual([opened, tables.isAttached, isOn()], [1, true, true])
    trackers.start(NAME)
    assert.equal(opened, 1)
  })

  it('are read by the interval, each reading from where the one before ended', async () => {
    make([NAME], 1).attach(sink)
    counted(1)
    counted(1)
    await waitFor('two readings', () => published.filter(({ scope }) => scope === 'process').length === 2)
    const [first, second] = published.filter(({ scope }) => scope === 'process')
    assert.ok(first !== undefined && first.endBootUs > first.startBootUs)
    assert.ok(second !== undefined && second.startBootUs >= first.endBootUs)
  })

  it('are not read while that is put off: the interval goes on, and its record has all of it', async () => {
    let asked = 0
    let may = false
    make([NAME], 1).attach({ ...sink, mayRead: () => (asked++, may) })
    counted(1)
    await waitFor('three intervals', () => asked >= 3)
    assert.deepEqual([published.length, tables.readings.length], [0, 1])
    may = true
    await waitFor('a reading', () => published.some(({ scope }) => scope === 'process'))
    // From the start of the tracker, which is the first look at the clock.
    assert.equal(published.find(({ scope }) => scope === 'process')?.startBootUs, 1000)
  })

  it('tell what they counted when they are stopped, and cost no more', async () => {
    make([NAME]).attach(sink)
    counted(2)
    await trackers.stop(NAME)
    assert.deepEqual([published.filter(({ scope }) => scope === 'process').length, tables.isAttached, isOn()], [2, false, false])
    assert.deepEqual(trackers.probes(), [])
  })

  it('that are ready are loaded once, and started and stopped as often as wanted', async () => {
    make([], 3_600_000, [NAME]).attach(sink)
    assert.deepEqual([opened, isOn()], [1, false])
    for (let time = 0; time < 2; time++) {
      trackers.start(NAME)
      assert.deepEqual([isOn(), tables.isAttached], [true, true])
      await trackers.stop(NAME)
      assert.deepEqual([isOn(), tables.isAttached], [false, false])
    }
    assert.equal(opened, 1)
  })

  it('tell it at the end of the collector, too', async () => {
    make([NAME]).attach(sink)
    counted(1)
    await trackers.end()
    assert.deepEqual([published.length, tables.isClosed], [2, true])
  })

  it('count what they gave, what was filtered and what found no room', async () => {
    make([NAME]).attach(sink)
    trackers.change({ filter: { pids: [100], containers: [] } })
    counted(3)
    trackers.change({ intervalMs: 1 })
    await waitFor('a reading', () => (trackers.counters()['usage.syscall-usage.records'] ?? 0) > 0)
    const { states, counters } = { states: trackers.states()[0], counters: trackers.counters() }
    assert.deepEqual([states?.records, states?.filtered], [2, 2])
    assert.deepEqual(
      ['filtered', 'dropped', 'recursionMisses', 'noRoom.calls', 'noRoom.seen'].map((name) => counters[`usage.${NAME}.${name}`]),
      [2, 0, 2, 3, 1],
    )
  })

  it('are dropped and counted while the log has no room: events go first', async () => {
    make([NAME]).attach(sink)
    bufferedBytes = 1 << 20
    counted(5)
    await trackers.stop(NAME)
    assert.deepEqual([published.length, dropped], [0, 6])
  })

  it('wait for room, and go on when there is', async () => {
    make([NAME]).attach({
      ...sink,
      flush: () => {
        bufferedBytes = 0
        return Promise.resolve()
      },
    })
    bufferedBytes = 1 << 20
    counted(5)
    await trackers.stop(NAME)
    assert.deepEqual([published.length, dropped], [6, 0])
  })

  it('say why one can not run, as a probe that is not attached', () => {
    problem = new Error('usage_syscalls: needs Linux 5.11')
    make([NAME]).attach(sink)
    assert.deepEqual(trackers.states()[0]?.problem, 'usage_syscalls: needs Linux 5.11')
    assert.deepEqual(trackers.probes(), [{ name: 'usage_syscalls', isAttached: false, error: 'usage_syscalls: needs Linux 5.11' }])
    assert.throws(() => trackers.start(NAME), /needs Linux/)
    problem = null
    trackers.start(NAME)
    assert.deepEqual(trackers.probes(), [{ name: 'usage_syscalls', isAttached: true, error: null }])
  })

  it('stop one whose tables the kernel does not give any more, and say so', async () => {
    make([NAME]).attach(sink)
    tables.failure = new Error('ENOMEM')
    trackers.change({ intervalMs: 1 })
    await waitFor('the end of it', () => !isOn())
    assert.deepEqual([trackers.states()[0]?.problem, tables.isClosed], ['ENOMEM', true])
  })

  it('forget what a cgroup had when it goes', async () => {
    make([NAME], 1).attach(sink)
    tables.readings.push({ tables: { seen: seenEntry(9n, [0]) }, overflow: [], recursionMisses: 0 })
    await waitFor('a reading', () => published.length > 0)
    tables.readings.push(
      ...Array.from({ length: 1000 }, () => ({ tables: { seen: seenEntry(9n, [0]) }, overflow: [], recursionMisses: 0 })),
    )
    await waitFor('another', () => {
      trackers.cgroupRemoved(9n, false)
      return tables.forgotten.length > 0
    })
    assert.equal(tables.forgotten[0], `seen ${seenEntry(9n, [0]).subarray(0, 16).toString('hex')}`)
  })
})
