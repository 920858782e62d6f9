import assert from 'node:assert/strict'
import { OwnerFacts } from '../../../../collector/usage/usage-owner.js'
import type { UsageBody } from '../../../../collector/usage/usage-aggregate.js'
import { MAX_GONE_CGROUPS } from '../../../../collector/usage/readers/gone-cgroups.js'
import type { UsageFilter } from '../../../../collector/usage/usage-settings.js'
import type { UsageSink } from '../../../../collector/usage/usage-run.js'
import { SYSCALL_TRACKER } from '../../../../collector/usage/readers/syscall-usage.js'
import { UsageTrackers } from '../../../../collector/usage/usage-trackers.js'
import { SILENT_LOGGER } from '../../../../infra/process/logger.js'
import { FakeContainerIndex } from '../../../support/fakes/fake-container-index.js'
import { FakeUsageTables } from '../../../support/fakes/fake-usage-tables.js'
import { callEntry, seenEntry } from '../../../support/usage/table-bytes.js'
import { waitFor } from '../../../support/wait-for.js'

const NAME = SYSCALL_TRACKER.name
const V1_HIERARCHY = 8
const CONTAINER = 'a'.repeat(64)

describe('trackers of aggregates', () => {
  let tables = new FakeUsageTables()
  let opened = 0
  let problem: Error | null = null
  let published: UsageBody[] = []
  let dropped = 0
  let bufferedBytes = 0
  let now = 0
  let trackers: UsageTrackers
  const containers = new FakeContainerIndex()
  containers.put(5n, { path: '/docker/x', claim: CONTAINER, claimUid: 0, containerId: CONTAINER })
  const sink: UsageSink = {
    facts: new OwnerFacts({ find: () => null }, containers),
    nameOf: (id) => (id === CONTAINER ? 'web' : null),
    bootNow: () => (now += 1000),
    publish: (body) => void published.push(body),
    drop: (count) => (dropped += count),
    bufferedBytes: () => bufferedBytes,
    flush: () => Promise.resolve(),
  }
  const make = (
    started: readonly string[] = [],
    intervalMs = 3_600_000,
    ready: readonly string[] = [],
    filter: UsageFilter = { pids: [], containers: [] },
  ): UsageTrackers =>
    (trackers = new UsageTrackers(
      {
        trackers: [SYSCALL_TRACKER],
        open: (program, entries) => {
          assert.deepEqual([program, entries['calls']], ['syscalls', 512])
          opened++
          if (problem !== null) throw problem
          return tables
        },
        settings: { intervalMs, ...filter },
        ...{ maxEntries: 512, top: 1000, v1HierarchyId: V1_HIERARCHY, log: SILENT_LOGGER },
      },
      started,
      ready,
    ))
  const counted = (processes: number): void => {
    const calls = Buffer.concat(Array.from({ length: processes }, (_none, index) => callEntry({ pid: 100 + index }, 0, 1n)))
    tables.readings.push({ tables: { calls }, overflow: [3, 1], recursionMisses: 2 })
  }
  const seenIn = (...entries: readonly Buffer[]): void =>
    void tables.readings.push({ tables: { seen: Buffer.concat(entries) }, overflow: [3, 1], recursionMisses: 2 })
  const counterOf = (name: string): number | undefined => trackers.counters()[`usage.${NAME}.${name}`]
  /** A stop is a reading: so a test has one when it wants it. */
  const read = async (): Promise<void> => {
    await trackers.stop(NAME)
    await trackers.start(NAME)
  }
  const isOn = (): boolean => trackers.states()[0]?.isOn ?? false

  beforeEach(() => {
    tables = new FakeUsageTables()
    ;[opened, dropped, bufferedBytes, now] = [0, 0, 0, 0]
    published = []
    problem = null
  })
  afterEach(() => trackers.close())

  it('load nothing before they are requested, and count nothing before the collector starts', async () => {
    make().attach(sink)
    assert.deepEqual([opened, isOn(), trackers.isCounting], [0, false, false])
    make([NAME])
    assert.deepEqual([opened, tables.isAttached], [1, false])
    trackers.attach(sink)
    await waitFor('the start', isOn)
    assert.deepEqual([opened, tables.isAttached, trackers.states()[0]?.cause], [1, true, 'settings'])
    await trackers.start(NAME)
    assert.deepEqual([opened, trackers.states()[0]?.cause], [1, 'person'])
  })

  it('are read at each interval, each reading from the end of the one before', async () => {
    make([NAME], 1).attach(sink)
    counted(1)
    counted(1)
    await waitFor('two readings', () => published.filter(({ scope }) => scope === 'process').length === 2)
    const [first, second] = published.filter(({ scope }) => scope === 'process')
    assert.ok(first !== undefined && first.endBootUs > first.startBootUs)
    assert.ok(second !== undefined && second.startBootUs >= first.endBootUs)
  })

  it('are not read while readings are deferred: the interval continues, and its record covers all of it', async () => {
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

  it('publish their counts when they are stopped, and detach', async () => {
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
      await trackers.start(NAME)
      assert.deepEqual([isOn(), tables.isAttached], [true, true])
      await trackers.stop(NAME)
      assert.deepEqual([isOn(), tables.isAttached], [false, false])
    }
    assert.equal(opened, 1)
  })

  it('publish their counts at the end of the collector', async () => {
    make([NAME]).attach(sink)
    counted(1)
    await trackers.end()
    assert.deepEqual([published.length, tables.isClosed], [2, true])
  })

  it('count published, filtered and dropped aggregates', async () => {
    make([NAME], 3_600_000, [], { pids: [100], containers: [] }).attach(sink)
    counted(3)
    await trackers.stop(NAME)
    const counts = (): unknown => {
      const { records, filtered } = trackers.states()[0] ?? assert.fail()
      const counters = ['filtered', 'dropped', 'recursionMisses', 'noRoom.calls', 'noRoom.seen'].map(counterOf)
      return [records, filtered, ...counters]
    }
    assert.deepEqual(counts(), [2, 2, 2, 0, 2, 3, 1])
    await trackers.start(NAME)
    assert.deepEqual(counts(), [2, 2, 2, 0, 2, 3, 1], 'a start resets no counter')
  })

  it('restart from zero: earlier counts are not published again', async () => {
    make([], 3_600_000, [NAME]).attach(sink)
    await trackers.start(NAME)
    seenIn(seenEntry(9n, [0]))
    await trackers.stop(NAME)
    assert.deepEqual(
      published.map(({ scope }) => scope),
      ['overflow', 'cgroup'],
    )
    seenIn(seenEntry(9n, [0]))
    await trackers.start(NAME)
    assert.deepEqual(tables.forgotten, [`seen ${seenEntry(9n, [0]).subarray(0, 16).toString('hex')}`])
    published = []
    await trackers.stop(NAME)
    assert.deepEqual(published, [])
    assert.equal(counterOf('noRoom.calls'), 3)
  })

  it('end the interval at a change: earlier counts are published once by the old settings, later counts by the new ones', async () => {
    make([NAME]).attach(sink)
    await waitFor('the start', isOn)
    const pidsReported = (): readonly (number | undefined)[] =>
      published.filter(({ scope }) => scope === 'process').map(({ process }) => process?.pid)
    counted(2)
    await trackers.change({ pids: [101] })
    assert.deepEqual([pidsReported(), trackers.settings], [[100, 101], { intervalMs: 3_600_000, pids: [101], containers: [] }])
    const [before] = published
    published = []
    counted(3)
    await trackers.stop(NAME)
    assert.deepEqual([pidsReported(), counterOf('filtered')], [[101], 2])
    assert.equal(published[0]?.startBootUs, before?.endBootUs)
  })

  it('are read by a changed interval from then on, also those that start later', async () => {
    make([NAME]).attach(sink)
    await waitFor('the start', isOn)
    await trackers.change({ intervalMs: 1 })
    counted(1)
    await waitFor('a reading', () => published.some(({ scope }) => scope === 'process'))
    await read()
    published = []
    counted(1)
    await waitFor('a reading of the next start', () => published.some(({ scope }) => scope === 'process'))
  })

  it('accept changes before the collector starts', async () => {
    make([NAME], 3_600_000, [], { pids: [100], containers: [] })
    await trackers.change({ pids: [] })
    trackers.attach(sink)
    counted(2)
    await trackers.stop(NAME)
    assert.equal(published.filter(({ scope }) => scope === 'process').length, 2)
  })

  it('match a container by its name, or by at least six digits of its id', async () => {
    for (const [wanted, expected] of [
      ['web', 1],
      ['aaaaaa', 1],
      ['a', 0],
      ['other', 0],
    ] as const) {
      tables = new FakeUsageTables()
      published = []
      make([NAME], 3_600_000, [], { pids: [], containers: [wanted] }).attach(sink)
      tables.readings.push({ tables: { calls: callEntry({ pid: 4, cgroupId: 5n }, 0, 1n) }, overflow: [], recursionMisses: 0 })
      await trackers.stop(NAME)
      assert.equal(published.length, expected, wanted)
      trackers.close()
    }
  })

  it('start after a pending stop', async () => {
    make([NAME]).attach(sink)
    counted(1)
    const stopped = trackers.stop(NAME)
    await trackers.start(NAME)
    await stopped
    assert.deepEqual([isOn(), tables.isAttached], [true, true])
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

  it('report why one can not run, as a probe that is not attached', async () => {
    problem = new Error('usage_syscalls: needs Linux 5.11')
    make([NAME]).attach(sink)
    assert.deepEqual(trackers.states()[0]?.problem, 'usage_syscalls: needs Linux 5.11')
    assert.deepEqual(trackers.probes(), [{ name: 'usage_syscalls', isAttached: false, error: 'usage_syscalls: needs Linux 5.11' }])
    await assert.rejects(trackers.start(NAME), /needs Linux/)
    problem = null
    await trackers.start(NAME)
    assert.deepEqual(trackers.probes(), [{ name: 'usage_syscalls', isAttached: true, error: null }])
  })

  it('report a failure to attach: at the start of the collector, and later', async () => {
    tables.attachFailure = new Error('attach usage_syscalls: EBUSY')
    make([NAME]).attach(sink)
    await waitFor('the problem', () => trackers.states()[0]?.problem === 'attach usage_syscalls: EBUSY')
    await assert.rejects(trackers.start(NAME), /EBUSY/)
    assert.deepEqual([isOn(), trackers.probes()[0]?.error], [false, 'attach usage_syscalls: EBUSY'])
    tables.attachFailure = null
    await trackers.start(NAME)
    assert.deepEqual([isOn(), trackers.states()[0]?.problem], [true, null])
  })

  it('stop one whose tables can not be read any more, and report that', async () => {
    make([NAME], 1).attach(sink)
    counted(1)
    await waitFor('a reading', () => counterOf('records') === 2)
    tables.failure = new Error('ENOMEM')
    await waitFor('the end of it', () => !isOn())
    assert.deepEqual([trackers.states()[0]?.problem, tables.isClosed], ['ENOMEM', true])
    assert.deepEqual([counterOf('lostReadings'), counterOf('records')], [1, 2])
  })

  const forgotten = (...entries: readonly Buffer[]): readonly string[] =>
    entries.map((entry) => `seen ${entry.subarray(0, 16).toString('hex')}`)

  it('remove the entries of a removed cgroup after the reading that publishes the last of them', async () => {
    make([NAME], 1).attach(sink)
    await waitFor('the start', isOn)
    trackers.cgroupRemoved(9n, 0)
    // Born and gone between two readings, as far as they know.
    seenIn(seenEntry(9n, [0]), seenEntry(8n, [0]))
    await waitFor('the end of it', () => tables.forgotten.length > 0)
    assert.deepEqual(tables.forgotten, forgotten(seenEntry(9n, [0])))
    assert.ok(published.some(({ type, cgroupId }) => type === 'syscallsSeen' && cgroupId === '9'))
  })

  it('keep a cgroup whose last calls were dropped until they are published', async () => {
    make([NAME], 1).attach(sink)
    await waitFor('the start', isOn)
    trackers.cgroupRemoved(9n, 0)
    bufferedBytes = 1 << 20
    for (let reading = 0; reading < 1000; reading++) seenIn(seenEntry(9n, [0]))
    await waitFor('the drop', () => (counterOf('dropped') ?? 0) > 0)
    assert.deepEqual(tables.forgotten, [])
    bufferedBytes = 0
    await waitFor('the end of it', () => tables.forgotten.length > 0)
    assert.ok(published.some(({ cgroupId }) => cgroupId === '9'))
  })

  it('forget cgroups of v2, and of the v1 hierarchy that the programs read: ids are those of a hierarchy', async () => {
    make([NAME], 1).attach(sink)
    await waitFor('the start', isOn)
    for (const [id, hierarchy] of [
      [9n, V1_HIERARCHY + 1],
      [8n, V1_HIERARCHY],
      [7n, 0],
    ] as const) {
      trackers.cgroupRemoved(id, hierarchy)
    }
    const entries = [seenEntry(9n, [0], 0, true), seenEntry(8n, [0], 0, true), seenEntry(7n, [0])] as const
    seenIn(...entries)
    await waitFor('the end of them', () => tables.forgotten.length > 0)
    assert.deepEqual(tables.forgotten, forgotten(entries[1], entries[2]))
  })

  it('count removed cgroups beyond the bound of those to be forgotten', async () => {
    make([NAME]).attach(sink)
    await waitFor('the start', isOn)
    for (let id = 1; id <= MAX_GONE_CGROUPS + 3; id++) trackers.cgroupRemoved(BigInt(id), 0)
    trackers.cgroupRemoved(1n, 0)
    assert.equal(counterOf('notForgotten'), 3)
    await read()
    trackers.cgroupRemoved(1n, 0)
    assert.equal(counterOf('notForgotten'), 3)
  })
})
