// System calls counted in the running kernel: exact, also over many readings, with a full table, and in a container. Needs root.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { spawn } from 'node:child_process'
import type { UsageBody } from '../../../../collector/usage/usage-aggregate.js'
import { SYSCALL_TRACKER } from '../../../../collector/usage/readers/syscall-usage.js'
import type { UsageTables } from '../../../../native/addon.js'
import { openUsageTables } from '../../../../native/usage-tables.js'
import type { UsageRecord } from '../../../../schemas/generated/types.js'
import { skipBecause } from '../../../support/runner/skip-because.js'
import { waitFor } from '../../../support/wait-for.js'
import { useDocker } from '../../../support/services/docker.js'
import { EunomiaProcess } from '../../../support/system/eunomia-process.js'
import { usageRound } from '../../../support/usage/usage-round.js'
import { makeCgroup, type CgroupFolder } from '../../native/cgroup-folder.js'
import { Workloads } from '../../native/workload.js'

const PRIME = 1009
const OTHER_PRIME = 53
const LARGE_PRIME = 1_000_003

describe('usage of system calls in the kernel', () => {
  const workloads = new Workloads()
  let tables: UsageTables | undefined
  let cgroup: CgroupFolder | undefined
  before(function () {
    if (process.getuid?.() !== 0) skipBecause(this, 'needs root')
  })
  beforeEach(() => (cgroup = makeCgroup()))
  afterEach(() => {
    tables?.close()
    cgroup?.remove()
  })
  after(() => workloads.close())

  const open = (maxEntries: number): void => {
    tables = openUsageTables('syscalls', { entries: SYSCALL_TRACKER.entries(maxEntries), ignoredPid: process.pid })
    tables.attach()
  }
  const cgroupOf = (): CgroupFolder => cgroup ?? assert.fail()
  const run = (...counts: readonly number[]): void => void workloads.run('prime-calls', [cgroupOf().procs, ...counts.map(String)])
  const turned = async (reader = SYSCALL_TRACKER.reader()): Promise<readonly UsageBody[]> => {
    const reading = await (tables ?? assert.fail()).turn()
    return reader.read({ ...usageRound({}), reading, top: 100_000 }).records
  }
  const ours = (records: readonly UsageBody[], type: UsageBody['type'] = 'syscalls'): readonly UsageBody[] =>
    records.filter((record) => record.type === type && record.cgroupId === String(cgroupOf().id))
  const countOf = (records: readonly UsageBody[], name: string): number =>
    ours(records)
      .flatMap(({ syscalls }) => syscalls ?? [])
      .filter((call) => call.name === name)
      .reduce((sum, { count }) => sum + (count ?? 0), 0)

  it('is exact for each process, also for calls that fail or never return', async () => {
    open(16_384)
    run(PRIME, OTHER_PRIME, 7)
    const records = await turned()
    assert.equal(countOf(records, 'getppid'), PRIME)
    assert.equal(countOf(records, 'close'), OTHER_PRIME + 1, 'and the one of cgroup.procs')
    assert.equal(countOf(records, 'uname'), 7)
    assert.equal(countOf(records, 'exit_group'), 8)
    const processes = ours(records)
    assert.equal(processes.length, 8)
    assert.ok(processes.every(({ process }) => process?.name === 'prime-calls'))
    const [maker] = processes
    assert.equal(
      maker?.calls,
      maker?.syscalls?.reduce((sum, { count }) => sum + (count ?? 0), 0),
    )
    const seen = ours(records, 'syscallsSeen')[0]?.syscalls?.map(({ name }) => name) ?? []
    for (const name of ['getppid', 'close', 'uname', 'exit_group']) assert.ok(seen.includes(name), name)
    assert.ok(!seen.includes('mount'))
  })

  it('loses nothing between two readings', async () => {
    open(16_384)
    const reader = SYSCALL_TRACKER.reader()
    const records: UsageBody[] = []
    const workload = spawn(workloads.program('prime-calls'), [cgroupOf().procs, String(LARGE_PRIME), '0'])
    let isOver = false
    workload.once('exit', () => (isOver = true))
    let readings = 0
    while (!isOver) {
      records.push(...(await turned(reader)))
      readings++
    }
    records.push(...(await turned(reader)))
    assert.equal(countOf(records, 'getppid'), LARGE_PRIME)
    assert.ok(readings > 1)
  })

  it('counts entries that find no room in the table, and is exact for those that do', async () => {
    open(64)
    const reader = SYSCALL_TRACKER.reader()
    run(PRIME, OTHER_PRIME, 101)
    const records = await turned(reader)
    const overflow = records.find(({ scope }) => scope === 'overflow')?.calls ?? 0
    assert.ok(overflow > 0, 'the bound was reached')
    const counts = records.filter(({ scope }) => scope === 'process').flatMap(({ syscalls }) => syscalls ?? [])
    assert.equal(counts.length, 64, 'no more entries than the bound')
    // The table is empty again: what was seen in the cgroup is known all the same.
    const seen = ours(records, 'syscallsSeen')[0]?.syscalls?.map(({ name }) => name) ?? []
    assert.ok(seen.includes('uname') && seen.includes('exit_group'))
    // Other processes of the machine may fill it first.
    await waitFor('room in the table', async () => {
      run(3, 0)
      return countOf(await turned(reader), 'getppid') === 3
    })
  })

  it('ignores its own process, counts nothing while it is detached, and continues when it is attached again', async () => {
    open(16_384)
    process.getuid?.()
    run(3, 0)
    tables?.detach()
    run(5, 0)
    const records = await turned()
    assert.ok(!records.some((record) => record.process?.pid === process.pid))
    assert.equal(countOf(records, 'getppid'), 3)
    tables?.attach()
    run(7, 0)
    assert.equal(countOf(await turned(), 'getppid'), 7)
    tables?.close()
    assert.throws(() => void tables?.turn(), /closed/)
  })
})

describe('trackers of aggregates of a running collector', () => {
  const docker = useDocker()
  const workloads = new Workloads()
  let folder = ''
  let eunomia: EunomiaProcess | undefined
  before(function () {
    if (process.getuid?.() !== 0) skipBecause(this, 'needs root')
    folder = mkdtempSync(join(tmpdir(), 'eunomia-usage-'))
    workloads.program('prime-calls')
  })
  afterEach(async () => {
    await eunomia?.kill()
  })
  after(() => {
    workloads.close()
    rmSync(folder, { recursive: true, force: true })
  })

  it('can be started and stopped, and name the container', async () => {
    const environment = { EUNOMIA_STATE_FOLDER: join(folder, 'state') }
    const set = ['--set', 'collector.usage.intervalMs=60000', '--set', `collector.usage.ready=${SYSCALL_TRACKER.name}`]
    const args = ['collect', '--output', 'json', '--docker-socket', docker().socketPath, ...set]
    const running = (eunomia = new EunomiaProcess(args, environment))
    await running.says(/"msg":"collecting"/)
    const ask = async (verb: string): Promise<string> => {
      const asking = new EunomiaProcess(['trackers', verb, SYSCALL_TRACKER.name], environment)
      assert.equal(await asking.ended(), 0, asking.stderr)
      return asking.stdout
    }
    assert.match(await ask('start'), /syscall-usage +on/)
    const id = await docker().runDetached(['--name', 'usage-named', '-v', `${workloads.folder}:/workloads:ro`], ['sleep', '600'])
    try {
      await docker().docker('exec', 'usage-named', '/workloads/prime-calls', '/dev/null', String(PRIME), String(OTHER_PRIME))
      assert.match(await ask('stop'), /syscall-usage +off/)
      type Printed = UsageRecord & { readonly topic: string }
      const printed = (): readonly Printed[] =>
        running.records<Printed>().filter(({ topic, containerId }) => topic === 'usage' && containerId === id)
      await running.until('the last reading', () => printed().some(({ type }) => type === 'syscallsSeen'))
      const [workload] = printed().filter(({ type, process }) => type === 'syscalls' && process?.name === 'prime-calls')
      assert.equal(workload?.process?.exePath, '/workloads/prime-calls')
      assert.equal(workload.syscalls?.find(({ name }) => name === 'getppid')?.count, PRIME)
      // In its hierarchies the container has cgroups of its own, and its first process may not be in all of them at once.
      const seen = printed().flatMap(({ type, syscalls }) => (type === 'syscallsSeen' ? (syscalls ?? []).map(({ name }) => name) : []))
      assert.deepEqual(
        ['getppid', 'exit_group', 'reboot'].map((name) => seen.includes(name)),
        [true, true, false],
        seen.join(' '),
      )
    } finally {
      await docker().docker('rm', '-f', 'usage-named')
    }
    assert.equal(await running.interrupt(), 0, running.stderr)
  })

  it('that were not loaded at the start are refused with the fix', async () => {
    const environment = { EUNOMIA_STATE_FOLDER: join(folder, 'state') }
    const running = (eunomia = new EunomiaProcess(['collect', '--output', 'json', '--docker-socket', join(folder, 'no.sock')], environment))
    await running.says(/"msg":"collecting"/)
    const asking = new EunomiaProcess(['trackers', 'start', SYSCALL_TRACKER.name], environment)
    assert.equal(await asking.ended(), 1)
    assert.match(asking.stderr, /syscall-usage can't be started: usage_syscalls: .*EPERM.*collector\.usage\.ready/)
  })
})
