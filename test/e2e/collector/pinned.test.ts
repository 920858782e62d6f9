// A collector whose probes and rings outlive it: killed, stopped, upgraded and away for long, and what the topics then contain. Needs root.
import { KIND } from '../../../native/generated/layout.js'
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpus } from 'node:os'
import type { HostEvent, ProcessEvent } from '../../../schemas/generated/types.js'
import { dose } from '../../support/runner/dose.js'
import { skipBecause } from '../../support/runner/skip-because.js'
import { freshKafkaTopics } from '../../support/services/kafka-log.js'
import { droppedOf, eventId, sequenceAccounts } from '../../support/system/event-ledger.js'
import { PinnedSystem } from '../../support/system/pinned-system.js'
import { waitFor, waitForCount } from '../../support/wait-for.js'
import { Workloads } from '../native/workload.js'

const KILLS = dose(2, 50)
const WATCHED = 60
const UNWATCHED = 40

describe('a collector over pinned rings', () => {
  let workloads: Workloads
  let pinned: PinnedSystem | undefined
  before(function () {
    if (process.getuid?.() !== 0) skipBecause(this, 'needs root')
    workloads = new Workloads()
  })
  after(() => workloads?.close())
  afterEach(async () => {
    await pinned?.close()
    pinned = undefined
  })

  const open = async (environment: Readonly<Record<string, string>> = {}): Promise<PinnedSystem> =>
    (pinned = await PinnedSystem.open(await freshKafkaTopics(), workloads, environment))

  /** Each event describes its process as if no collector had ever ended. */
  function assertContext(events: readonly ProcessEvent[], path: string): void {
    const program = workloads.program('execs')
    for (const { process: child } of events) {
      assert.deepEqual([child.args[0], child.args[1], child.exePath, child.cwd], [program, 'child', program, workloads.folder])
      assert.deepEqual(child.parentArgs.slice(0, 1), [program])
      assert.equal(child.ancestors[0]?.exePath, program)
      assert.equal(child.ancestors[1]?.pid, process.pid, 'this test run')
      assert.equal(child.cgroupPath, path)
    }
  }

  it(`loses nothing and keeps the context of its events over ${String(KILLS)} kills under load; repeated events have the same id`, async () => {
    // Room for all that the starts and everything else on the machine open meanwhile.
    const rest = await open({ EUNOMIA_COLLECTOR_BULK_RING_BYTES: String(64 << 20) })
    const { system, cgroup } = rest
    for (let kill = 0; kill < KILLS; kill++) {
      const collector = await rest.collect()
      const before = rest.events('exec').length
      const load = spawn(workloads.program('execs'), [cgroup.procs, String(WATCHED)], { cwd: workloads.folder, stdio: 'ignore' })
      const ended = once(load, 'exit')
      // Every other time in the middle of the backlog.
      if (kill % 2 === 0) await waitForCount('some of them in the topic', () => rest.events('exec').length, before + 1)
      await collector.kill()
      await ended
      rest.execs(UNWATCHED)
    }
    const last = await rest.collect()
    const count = KILLS * (WATCHED + UNWATCHED)
    await waitForCount('all execs', () => rest.events('exec').length, count)
    assert.equal(await last.end('SIGTERM'), 0, last.stderr)
    const execs = rest.events('exec')
    assert.equal(execs.length, count)
    assert.equal(new Set(execs.map(({ origin }) => origin.epoch)).size, 1, 'the counters are the same ones all the time')
    assertContext(execs, `/${cgroup.path.split('/').at(-1) ?? ''}`)
    const records = await system.records()
    const heartbeat = records.host.at(-1)
    assert.ok(heartbeat?.isLast === true)
    const accounts = sequenceAccounts(records, heartbeat)
    assertBalance(accounts)
    assert.ok(accounts.every(({ ledger }) => ledger.dropped === 0))
  })

  it('loses from a full ring exactly what the ledger counts, while it is away', async () => {
    const rest = await open({ EUNOMIA_COLLECTOR_SECURITY_RING_BYTES: '65536', EUNOMIA_COLLECTOR_BULK_RING_BYTES: '65536' })
    const openMany = (count: number, prefix: readonly string[] = []): void => {
      workloads.run('open-storm', [rest.cgroup.procs, String(count)], { prefix })
    }
    await (await rest.collect()).kill()
    await waitFor('an overflow of the ring', () => {
      openMany(1000)
      return rest.dropped(KIND.open) > 0
    })
    const backUs = Date.now() * 1000
    const last = await rest.collect()
    // After the gap, on each CPU, so that the gap has an end.
    for (const cpu of cpus().keys()) openMany(10, ['taskset', '-c', String(cpu)])
    await waitFor('an exec after the gap', () => {
      rest.execs(1)
      return rest.events('exec').some(({ origin: { wallTimeUs } }) => wallTimeUs > backUs)
    })
    assert.equal(await last.end('SIGTERM'), 0, last.stderr)
    const records = await rest.system.records()
    const heartbeat = records.host.at(-1)
    assert.ok(heartbeat?.isLast === true)
    const accounts = sequenceAccounts(records, heartbeat)
    assertBalance(accounts)
    // In sum: the opens may all have been made on one CPU.
    const dropped = accounts.filter(({ topic }) => topic === 'file').map(({ ledger }) => ledger.dropped)
    assert(Math.max(...dropped) > 0, 'the ledger contains no loss')
  })

  it('leaves its probes at a SIGTERM and later reports the events in between; --unload removes them; run pins none', async () => {
    const rest = await open()
    const first = await rest.collect()
    const refused = rest.system.start('collect', '--unload')
    assert.equal(await refused.ended(), 1)
    assert.match(refused.stderr, /another collector of this host holds it/)
    assert.equal(await first.end('SIGTERM'), 0, first.stderr)
    assert.equal(rest.pinnedSets().length, 1)
    rest.execs(7)
    const second = await rest.collect()
    await waitForCount('what came meanwhile', () => rest.events('exec').length, 7)
    assert.equal(await second.end('SIGTERM'), 0, second.stderr)
    assert.equal(rest.events('exec').length, 7)
    assert.equal(await rest.unload(), 0)
    assert.deepEqual(rest.pinnedSets(), [])
    const run = rest.system.start('run', '--set', 'logLevel=info', '--docker-socket', '/proc/self/nowhere/docker.sock')
    await run.says(/"msg":"watching"/)
    assert.deepEqual(rest.pinnedSets(), [])
    assert.equal(await run.interrupt(), 0, run.stderr)
  })

  it('reads rings that were pinned with other settings to their end, removes them, and continues', async () => {
    const rest = await open()
    await (await rest.collect()).kill()
    rest.execs(50)
    const [before] = rest.pinnedSets()
    const after = await rest.collect('collector.argsBytes=4096')
    rest.execs(30)
    await waitForCount('both', () => rest.events('exec').length, 80)
    const execs = rest.events('exec')
    assert.equal(new Set(execs.map(({ origin }) => eventId(origin))).size, 80)
    // The newer epoch may come first into the topic: it does not wait for the rest.
    const epochs = execs.map(({ origin }) => origin.epoch)
    assert.deepEqual(
      [...new Set(epochs)].sort((a, b) => a - b).map((epoch) => epochs.filter((other) => other === epoch).length),
      [50, 30],
    )
    assertContext(execs, `/${rest.cgroup.path.split('/').at(-1) ?? ''}`)
    await waitFor('the older pins are removed', () => rest.pinnedSets().length === 1)
    assert.notEqual(rest.pinnedSets()[0], before)
    assert.equal(await after.end('SIGTERM'), 0, after.stderr)
  })

  it('finds only counts when the rings were not read for long, and reports them as dropped for that reason', async () => {
    const rest = await open({ EUNOMIA_COLLECTOR_NO_READER_MS: '1000' })
    await (await rest.collect()).kill()
    await waitFor('programs that only count', () => {
      rest.execs(1)
      return rest.unread(KIND.exec) > 0
    })
    rest.execs(10)
    const last = await rest.collect()
    assert.equal(await last.end('SIGTERM'), 0, last.stderr)
    const heartbeat = (await rest.system.records()).host.at(-1)
    assert.ok(heartbeat !== undefined)
    const unread = heartbeat.counters['noReader.exec'] ?? 0
    assert(unread >= 10, `${String(unread)} were counted`)
    assert.equal(lossOf(heartbeat, 'exec'), unread)
  })
})

/** What is missing in the topics was dropped, or not acknowledged yet when the last heartbeat was made. */
function assertBalance(accounts: ReturnType<typeof sequenceAccounts>): void {
  for (const { topic, missing, published, ledger } of accounts) {
    assert.equal(missing + published, ledger.dropped + ledger.inFlight + ledger.published, topic)
    assert.ok(missing >= ledger.dropped && missing <= ledger.dropped + ledger.inFlight, topic)
  }
}

function lossOf({ ledger }: HostEvent, kind: string): number {
  return ledger.filter((entry) => entry.kind === kind).reduce((sum, entry) => sum + droppedOf(entry), 0)
}
