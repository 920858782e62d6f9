import assert from 'node:assert/strict'
import type { UsageBody } from '../../../../../collector/usage/usage-aggregate.js'
import { SYSCALL_TRACKER, syscallReader } from '../../../../../collector/usage/readers/syscall-usage.js'
import { FakeContainerIndex } from '../../../../support/fakes/fake-container-index.js'
import { callEntry, seenEntry } from '../../../../support/usage/table-bytes.js'
import { usageRound } from '../../../../support/usage/usage-round.js'

const CONTAINER = 'a'.repeat(64)

describe('usage of system calls', () => {
  const callsOf = (...entries: readonly Buffer[]): Readonly<Record<string, Buffer>> => ({ calls: Buffer.concat(entries) })

  it('is one record per process and cgroup, its calls by count, named', () => {
    const containers = new FakeContainerIndex()
    containers.put(77n, { path: '/docker/x', claim: CONTAINER, claimUid: 0, containerId: CONTAINER })
    const tables = callsOf(
      callEntry({ pid: 4 }, 39, 3n, 'cat'),
      callEntry({ pid: 5 }, 0, 2n, 'dog'),
      callEntry({ pid: 4 }, 231, 1n, 'cat'),
      callEntry({ pid: 4, cgroupId: 78n }, 0, 1n, 'cat'),
    )
    const { records, filtered } = syscallReader('x64').read(usageRound(tables, { containers }))
    assert.equal(filtered, 0)
    assert.deepEqual(
      records.map(({ process, cgroupId, calls, syscalls }) => [
        process?.pid,
        cgroupId,
        calls,
        syscalls?.map(({ name, count }) => [name, count]),
      ]),
      [
        [
          4,
          '77',
          4,
          [
            ['getpid', 3],
            ['exit_group', 1],
          ],
        ],
        [5, '77', 2, [['read', 2]]],
        [4, '78', 1, [['read', 1]]],
      ],
    )
    assert.deepEqual(records[0]?.process, { pid: 4, startBootUs: 5000, name: 'cat', exePath: null })
    assert.deepEqual([records[0].containerId, records[0].containerClaim, records[0].cgroupPath], [CONTAINER, CONTAINER, '/docker/x'])
    assert.deepEqual(
      [records[0].type, records[0].scope, records[0].startBootUs, records[0].endBootUs],
      ['syscalls', 'process', 1_000_000, 2_000_000],
    )
  })

  it('names calls of each ABI, and what has no name by its number', () => {
    const tables = callsOf(
      callEntry({ pid: 4 }, 1, 9n, 'old', 1),
      callEntry({ pid: 4 }, 1023, 8n),
      callEntry({ pid: 4 }, 0xffffffff, 7n),
      callEntry({ pid: 4 }, 520, 6n, 'x', 2),
    )
    assert.deepEqual(syscallReader('x64').read(usageRound(tables)).records[0]?.syscalls, [
      { name: 'exit', abi: 'compat32', number: 1, count: 9 },
      { name: 'call_1023', abi: 'native', number: 1023, count: 8 },
      { name: 'unknown', abi: 'native', number: -1, count: 7 },
      { name: 'execve', abi: 'x32', number: 520, count: 6 },
    ])
  })

  it('reports the largest one by one and the others as a sum: together they are all', () => {
    const tables = callsOf(...[1n, 9n, 2n, 8n, 3n].map((count, index) => callEntry({ pid: 10 + index }, index % 2, count)))
    const { records } = syscallReader('x64').read(usageRound(tables, { top: 2 }))
    assert.deepEqual(
      records.map(({ scope, process, aggregates, calls, syscalls }) => [scope, process?.pid ?? null, aggregates, calls, syscalls?.length]),
      [
        ['process', 11, null, 9, 1],
        ['process', 13, null, 8, 1],
        ['rest', null, 3, 6, 1],
      ],
    )
    assert.equal(
      records.reduce((sum, { calls }) => sum + (calls ?? 0), 0),
      23,
    )
  })

  it('leaves out and counts what the filter does not want', () => {
    const containers = new FakeContainerIndex()
    containers.put(77n, { path: null, claim: CONTAINER, claimUid: 0, containerId: null })
    const tables = callsOf(callEntry({ pid: 4 }, 0, 1n), callEntry({ pid: 5 }, 0, 1n), callEntry({ pid: 6, cgroupId: 3n }, 0, 1n))
    const ofPid = syscallReader('x64').read(usageRound(tables, { filter: { pids: [5], containers: [] } }))
    assert.deepEqual([ofPid.records.map(({ process }) => process?.pid), ofPid.filtered], [[5], 2])
    const ofContainer = syscallReader('x64').read(usageRound(tables, { containers, filter: { pids: [], containers: ['aaaaaaaaaaaa'] } }))
    assert.deepEqual([ofContainer.records.map(({ process }) => process?.pid), ofContainer.filtered], [[4, 5], 1])
  })

  it('reports counts that the kernel had no room for, by interval', () => {
    const reader = syscallReader('x64')
    const overflowOf = (...overflow: readonly number[]): readonly (readonly [string, number | null])[] =>
      reader.read(usageRound({}, { overflow })).records.map(({ scope, calls }) => [scope, calls])
    assert.deepEqual(overflowOf(7, 0), [['overflow', 7]])
    assert.deepEqual(overflowOf(7, 0), [])
    assert.deepEqual(overflowOf(10, 4), [['overflow', 3]])
  })

  it('reports the calls ever seen in a cgroup when one is new, with the start of the count', () => {
    const reader = syscallReader('x64')
    const seenIn = (startBootUs: number, ...entries: readonly Buffer[]): unknown =>
      reader
        .read(usageRound({ seen: Buffer.concat(entries) }, { interval: { startBootUs, endBootUs: startBootUs + 1 } }))
        .records.map((record) => {
          reader.published?.(record)
          const { type, scope, cgroupId, syscalls } = record
          return [type, scope, cgroupId, record.startBootUs, syscalls?.map(({ name, count }) => [name, count])]
        })
    const first = ['syscallsSeen', 'cgroup', '9', 10]
    assert.deepEqual(seenIn(10, seenEntry(9n, [0, 231])), [
      [
        ...first,
        [
          ['read', null],
          ['exit_group', null],
        ],
      ],
    ])
    assert.deepEqual(seenIn(20, seenEntry(9n, [0, 231])), [])
    assert.deepEqual(seenIn(30, seenEntry(9n, [0, 1, 231]), seenEntry(8n, [3])), [
      [
        ...first,
        [
          ['read', null],
          ['write', null],
          ['exit_group', null],
        ],
      ],
      ['syscallsSeen', 'cgroup', '8', 30, [['close', null]]],
    ])
  })

  it('reports later what a filter held back, and counts each new call once', () => {
    const reader = syscallReader('x64')
    const filter = { pids: [], containers: ['abcdef'] }
    const first = { seen: seenEntry(9n, [0]) }
    const second = { seen: seenEntry(9n, [0, 1]) }
    const leftOut = [first, first, second].map((tables) => reader.read(usageRound(tables, { filter })))
    assert.deepEqual(
      leftOut.map(({ records, filtered }) => [records.length, filtered]),
      [
        [0, 1],
        [0, 0],
        [0, 1],
      ],
    )
    assert.equal(reader.read(usageRound(second)).records.length, 1)
  })

  it('reports again what was dropped before the log', () => {
    const reader = syscallReader('x64')
    const read = (): readonly UsageBody[] => reader.read(usageRound({ seen: seenEntry(9n, [0]) })).records
    assert.equal(read().length, 1)
    const [again] = read()
    reader.published?.(again ?? assert.fail())
    assert.deepEqual(read(), [])
  })

  it('forgets a removed cgroup, in each ABI, after its last calls are reported', () => {
    const reader = syscallReader('x64')
    const read = (): readonly UsageBody[] =>
      reader.read(
        usageRound({ seen: Buffer.concat([seenEntry(9n, [0]), seenEntry(9n, [1], 1), seenEntry(8n, [0]), seenEntry(9n, [0], 0, true)]) }),
      ).records
    const gone = new Set(['9 v2', '7 v2'])
    read()
    assert.deepEqual(reader.forget?.(gone), { entries: [], retained: ['9 v2'] }, 'its record was dropped')
    for (const record of read()) reader.published?.(record)
    const { entries, retained } = reader.forget?.(gone) ?? assert.fail()
    assert.deepEqual(retained, [])
    assert.deepEqual(
      entries.map(({ table, key }) => [table, Buffer.from(key)]),
      [
        ['seen', seenEntry(9n, [0]).subarray(0, 16)],
        ['seen', seenEntry(9n, [1], 1).subarray(0, 16)],
      ],
    )
  })

  it('forgets at once a cgroup that is gone and left out by the filter', () => {
    const reader = syscallReader('x64')
    reader.read(usageRound({ seen: seenEntry(9n, [0]) }, { filter: { pids: [], containers: ['abcdef'] } }))
    assert.equal(reader.forget?.(new Set(['9 v2'])).entries.length, 1)
  })

  it('asks for tables of the size that is set', () => {
    assert.deepEqual(SYSCALL_TRACKER.entries(1000), { calls: 1000, seen: 8192 })
  })
})
