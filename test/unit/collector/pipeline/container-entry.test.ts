// How processes entered their container according to their events: from the forking process and the cgroup.
import assert from 'node:assert/strict'
import { replayRecords } from '../../../../collector/checkpoint/take-up.js'
import { ContainerEntries } from '../../../../collector/processes/container-entries.js'
import { ProcessEntry } from '../../../../collector/processes/process-entry.js'
import { RecordBench } from '../../../support/records/record-bench.js'
import { execRecord, exitRecord, forkRecord, openRecord, ringBytes, taskRecord } from '../../../support/records/ring-records.js'

const ID = 'c1'.repeat(32)
const OTHER = 'c2'.repeat(32)
const [HOST, CONTAINER, SECOND] = [1n, 9n, 10n]
const start = (pid: number): bigint => BigInt(pid) * 1_000_000n
const at = (pid: number, cgroupId: bigint) => ({ pid, startNs: start(pid), cgroupId })
const from = (parent: number, namespacePid = 50) => ({ parentPid: parent, parentStartNs: start(parent), makerPid: parent, namespacePid })

const fork = (pid: number, parent: number, cgroupId: bigint, namespacePid?: number) =>
  forkRecord(at(pid, cgroupId), from(parent, namespacePid))
const exec = (pid: number, parent: number, cgroupId: bigint) => execRecord(at(pid, cgroupId), from(parent))
const exit = (pid: number, cgroupId: bigint) => exitRecord(at(pid, cgroupId), 0)

async function benchWith(...tasks: Uint8Array[]): Promise<RecordBench> {
  const bench = await RecordBench.open()
  bench.containers.put(CONTAINER, { path: `/docker/${ID}`, claim: ID, claimUid: 0, containerId: ID })
  bench.containers.put(SECOND, { path: `/docker/${OTHER}`, claim: OTHER, claimUid: 0, containerId: null })
  bench.containers.put(HOST, { path: '/system.slice/docker.service', claim: null, claimUid: null, containerId: null })
  await bench.seed(taskRecord(at(2, HOST), { parentPid: 1, namespacePid: 2 }), ...tasks)
  return bench
}

/** Entries in the last event of each process. */
function entries(bench: RecordBench): Record<number, string | null> {
  return Object.fromEntries(bench.processEvents.map(({ process }) => [process.pid, process.containerEntry]))
}

/** A runtime (2) starts a container: 3 moves into its cgroup and forks 4, the first process, which forks 5. */
const START = [fork(3, 2, HOST), fork(4, 3, CONTAINER, 1), exit(3, CONTAINER), exec(4, 2, CONTAINER), fork(5, 4, CONTAINER)]

describe('how a process entered its container', () => {
  it('is own for the first process, its set-up process and their descendants; null on the host', async () => {
    const bench = await benchWith()
    bench.security(...START)
    assert.deepEqual(entries(bench), { 2: null, 3: 'own', 4: 'own', 5: 'own' })
  })

  it('is exec for processes that entered later and their descendants, also for orphans', async () => {
    const bench = await benchWith()
    bench.security(...START)
    // docker exec: forked on the host, moved into the cgroup, then it executes the command.
    bench.security(
      fork(6, 2, HOST),
      exec(6, 2, CONTAINER),
      fork(7, 6, CONTAINER),
      exit(6, CONTAINER),
      execRecord(at(7, CONTAINER), from(4)),
    )
    const { 6: session, 7: orphan, 4: first } = entries(bench)
    assert.deepEqual([session, orphan, first], ['exec', 'exec', 'own'])
  })

  it('is exec in a container that shares the pid namespace of the host as well', async () => {
    const bench = await benchWith()
    bench.security(fork(3, 2, HOST), fork(4, 3, CONTAINER, 4), exec(4, 2, CONTAINER), fork(6, 2, HOST), exec(6, 2, CONTAINER))
    const { 4: first, 6: session } = entries(bench)
    assert.deepEqual([first, session], ['own', 'exec'])
  })

  it('is own again when the container is started again', async () => {
    const bench = await benchWith()
    bench.security(...START, exit(5, CONTAINER), exit(4, CONTAINER))
    bench.security(fork(13, 2, HOST), fork(14, 13, CONTAINER, 4), exec(14, 2, CONTAINER))
    assert.equal(entries(bench)[14], 'own')
  })

  it('is own for the first of a new pid namespace although an exit was lost', async () => {
    const bench = await benchWith()
    bench.security(...START, fork(13, 2, HOST), fork(14, 13, CONTAINER, 1))
    assert.equal(entries(bench)[14], 'own')
  })

  it('is decided by the claim of the cgroup until a runtime confirms it', async () => {
    const bench = await benchWith()
    bench.security(fork(4, 2, SECOND, 1), fork(6, 2, HOST), exec(6, 2, SECOND))
    const { 4: first, 6: session } = entries(bench)
    assert.deepEqual([first, session], ['own', 'exec'])
  })

  it('is decided separately for a nested container', async () => {
    const bench = await benchWith()
    bench.security(...START, fork(8, 5, SECOND, 1), fork(9, 8, SECOND))
    const { 5: outer, 8: first, 9: child } = entries(bench)
    assert.deepEqual([outer, first, child], ['own', 'own', 'own'])
  })

  it('is decided by parents and start order for processes that already ran', async () => {
    const bench = await benchWith(
      taskRecord(at(30, CONTAINER), from(20)),
      taskRecord(at(20, CONTAINER), from(2)),
      taskRecord(at(10, CONTAINER), from(2, 1)),
      taskRecord(at(11, CONTAINER), from(10)),
    )
    assert.deepEqual(entries(bench), { 2: null, 10: 'own', 11: 'own', 20: 'exec', 30: 'exec' })
  })

  it('is unknown for a process without a record', async () => {
    const bench = await benchWith()
    bench.security(...START)
    bench.bulk(openRecord(at(77, CONTAINER), { path: '/etc/passwd' }))
    assert.equal(bench.fileEvents[0]?.process.containerEntry, 'UNKNOWN')
  })

  it('is the same after records that were published before are read again', async () => {
    const bench = await benchWith()
    replayRecords(bench.context, ringBytes([...START, fork(6, 2, HOST), exec(6, 2, CONTAINER)]))
    bench.security(fork(60, 6, CONTAINER), fork(50, 5, CONTAINER))
    const { 60: ofSession, 50: ofFirst } = entries(bench)
    assert.deepEqual([ofSession, ofFirst], ['exec', 'own'])
  })

  it('is dropped for the oldest container at the bound, and counted', () => {
    const containers = new ContainerEntries(1)
    const process = (pid: number): ProcessEntry => new ProcessEntry(pid, 1, 'fork')
    assert.equal(containers.of(process(1), ID), 'own')
    assert.equal(containers.of(process(2), OTHER), 'own')
    assert.equal(containers.evicted, 1)
    assert.equal(containers.of(process(3), OTHER), 'exec')
  })
})

describe('the systemd unit', () => {
  it('is reported for processes on the host, not for those in containers', async () => {
    const bench = await benchWith()
    bench.containers.put(11n, { path: `/system.slice/docker-${ID}.scope`, claim: ID, claimUid: 0, containerId: ID })
    bench.containers.put(12n, {
      path: '/user.slice/user-7.slice/user@7.service/app.slice/x.service',
      claim: null,
      claimUid: null,
      containerId: null,
    })
    bench.security(fork(3, 2, HOST), fork(4, 2, 11n), fork(5, 2, 12n))
    const units = bench.processEvents.slice(1).map(({ process }) => [process.systemdUnit, process.systemdUserUnit])
    assert.deepEqual(units, [
      ['docker.service', null],
      [null, null],
      ['user@7.service', 'x.service'],
    ])
  })
})
