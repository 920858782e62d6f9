// Rates between two looks, from their definition; and what is not known is not 0.
import assert from 'node:assert/strict'
import type { ProcProcess } from '../../../../cli/top/proc-sample.js'
import type { ProcessContainer } from '../../../../cli/top/process-containers.js'
import { refusedBetween, topView, type Look, type TopOptions } from '../../../../cli/top/top-rows.js'
import { noEvents, type EventActivity, type EventCounts } from '../../../../collector/processes/event-counts.js'

const ID = 'ab'.repeat(32)
const WEB: ProcessContainer = { containerId: ID, name: 'web', image: 'nginx', claim: ID }
const CLAIMED: ProcessContainer = { containerId: null, name: null, image: null, claim: 'cd'.repeat(32) }
const counts = (given: Partial<EventCounts>): EventCounts => ({ ...noEvents(), ...given })

const process = (pid: number, cpuTicks: number, more: Partial<ProcProcess> = {}): ProcProcess => ({
  pid,
  startTicks: pid * 100,
  name: `p${String(pid)}`,
  cpuTicks,
  rssBytes: pid * 1024,
  ...more,
})

/** Starts of the collector's processes are in microseconds: 10 ms are a tick. */
function look(atMs: number, processes: readonly ProcProcess[], events: Readonly<Record<number, Partial<EventCounts>>> | null): Look {
  const counted = Object.entries(events ?? {}).map(([pid, of]) => ({
    pid: Number(pid),
    startUs: Number(pid) * 1_000_000 + 1234,
    events: counts(of),
  }))
  const activity: EventActivity = { bootId: 'b', startedAtUs: 1, processes: counted, total: counts({ file: 1000 + atMs }) }
  return {
    sample: { atMs, processes: new Map(processes.map((one) => [one.pid, one])), leftOut: 0 },
    containers: new Map([
      [1, WEB],
      [2, CLAIMED],
    ]),
    activity: events === null ? null : activity,
    refused: events === null ? null : { exec: atMs, call: 7 },
    activityAtMs: atMs,
  }
}

const view = (before: Look, now: Look, options: Partial<TopOptions> = {}) => topView(before, now, { sort: 'cpu', rows: 10, ...options })
const pids = (...given: Parameters<typeof view>): number[] => view(...given).rows.map(({ pid }) => pid)

describe('rows of top', () => {
  it('show CPU use in percent of one CPU, and events a second by topic', () => {
    // 2 seconds: 100 ticks are 1 s of CPU, 40 more files.
    const before = look(1000, [process(1, 500)], { 1: { file: 10 } })
    const now = look(3000, [process(1, 600)], { 1: { file: 50, network: 4 } })
    const [row] = view(before, now).rows
    assert.deepEqual(row, {
      pid: 1,
      process: 'p1',
      cpuPercent: 50,
      rssBytes: 1024,
      events: { process: 0, file: 20, network: 2, kernel: 0 },
      ...WEB,
    })
    assert.deepEqual(view(before, now).total, { process: 0, file: 1000, network: 0, kernel: 0 })
  })

  it('have no CPU for a process that was not there, also when its pid was, and all its events', () => {
    const before = look(0, [process(1, 500)], {})
    const now = look(1000, [process(1, 900, { startTicks: 101 }), process(3, 7)], { 3: { process: 2 } })
    const rows = view(before, now, { sort: 'pid' }).rows
    assert.deepEqual(
      rows.map(({ cpuPercent, events }) => [cpuPercent, events?.process]),
      [
        [null, 0],
        [null, 2],
      ],
    )
  })

  it('have the events over a budget of the time between the samples, by kind', () => {
    const [before, now] = [look(1000, [], {}), look(3000, [], {})]
    assert.deepEqual(refusedBetween(before, now), { exec: 2000 })
    assert.equal(refusedBetween(look(1000, [], null), now), null)
  })

  it('have null for events without a collector, and when it was started in between', () => {
    const processes = [process(1, 0)]
    const [none, some] = [look(0, processes, null), look(1000, processes, { 1: { file: 5 } })]
    const another = { ...some, activityAtMs: 2000, activity: some.activity === null ? null : { ...some.activity, startedAtUs: 2 } }
    for (const [before, now] of [
      [none, some],
      [some, { ...none, activityAtMs: 2000 }],
      [some, another],
    ] as const) {
      const { rows, total, rest } = view(before, now)
      assert.deepEqual([rows[0]?.events, total, rest.events], [null, null, null])
    }
  })

  it('are sorted by what was asked for, what is not known last, equal ones by pid', () => {
    const before = look(
      0,
      [1, 2, 3].map((pid) => process(pid, 0)),
      { 3: { file: 0 } },
    )
    const now = look(1000, [process(1, 5), process(2, 50), process(3, 5), process(4, 0)], { 3: { file: 9 }, 1: { kernel: 1 } })
    assert.deepEqual(pids(before, now), [2, 1, 3, 4])
    assert.deepEqual(pids(before, now, { sort: 'rss' }), [4, 3, 2, 1])
    assert.deepEqual(pids(before, now, { sort: 'events' }), [3, 1, 2, 4])
    assert.deepEqual(pids(before, now, { sort: 'kernel' }), [1, 2, 3, 4])
    assert.deepEqual(pids(before, now, { sort: 'container' }), [2, 1, 3, 4])
    assert.deepEqual(pids(before, now, { sort: 'pid' }), [1, 2, 3, 4])
  })

  it('are as many as were asked for, and the others are summed', () => {
    const all = (ticks: number): ProcProcess[] => Array.from({ length: 100 }, (_, index) => process(index + 1, ticks))
    const { rows, rest } = view(look(0, all(0), { 50: {} }), look(1000, all(1), { 50: { file: 3 } }), { rows: 40 })
    assert.equal(rows.length, 40)
    assert.deepEqual(
      [rest.processes, rest.cpuPercent, rest.rssBytes, rest.events],
      [60, 60, ((41 + 100) / 2) * 60 * 1024, counts({ file: 3 })],
    )
  })

  it('are of the container that was asked for: by name, id, its beginning, also one that is only claimed', () => {
    const processes = [process(1, 0), process(2, 0), process(3, 0)]
    const [before, now] = [look(0, processes, null), look(1, processes, null)]
    for (const container of ['web', ID, ID.slice(0, 12)]) assert.deepEqual(pids(before, now, { container }), [1], container)
    assert.deepEqual(pids(before, now, { container: 'cdcdcd' }), [2])
    assert.deepEqual(pids(before, now, { container: 'other' }), [])
  })
})
