// The collector over the real kernel: programs run, and what the topics contain is what they did. Needs root.
import assert from 'node:assert/strict'
import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { chmodSync, copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { cpus, hostname, release } from 'node:os'
import { join } from 'node:path'
import type { Context } from 'mocha'
import { LiveSource, readHostFacts } from '../../../collector/source/live-source.js'
import type { CollectorOptions } from '../../../collector/collector-options.js'
import type { MemoryLogConfig } from '../../../infra/topic-log/memory-log/topic-records.js'
import type { KernelKnobs } from '../../../native/kernel-control.js'
import type { HostEvent, LedgerEntry, ProcessEvent } from '../../../schemas/generated/types.js'
import { runCollector, type RunningCollector } from '../../support/load/running-collector.js'
import { skipBecause } from '../../support/runner/skip-because.js'
import { waitFor, waitForCount } from '../../support/wait-for.js'
import { makeCgroup, type CgroupFolder } from '../native/cgroup-folder.js'
import { openSession } from '../native/watch.js'
import { Workloads } from '../native/workload.js'

/** Longest time of attempts that other processes may disturb, milliseconds. */
const RETRY_MS = 60_000

async function collectLive(
  knobs: Partial<KernelKnobs> = {},
  options: CollectorOptions = {},
  log: Partial<MemoryLogConfig> = {},
): Promise<RunningCollector> {
  const session = openSession({ ignoredPid: process.pid, ...knobs })
  return runCollector(new LiveSource(session, readHostFacts(session.counters().length)), options, { topicBytes: 64 << 20, ...log })
}

/** What the ledger of a heartbeat says of some kinds, on all CPUs together. */
function sumOf(
  heartbeat: HostEvent | undefined,
  select: (entry: LedgerEntry) => boolean,
): Omit<LedgerEntry, 'topic' | 'kind' | 'cpu' | 'droppedSpool' | 'spooled' | 'isInherited'> {
  const sum = { emitted: 0, published: 0, droppedRing: 0, droppedCollector: 0, suppressed: 0 }
  for (const entry of heartbeat?.ledger.filter(select) ?? []) {
    for (const name of ['emitted', 'published', 'droppedRing', 'droppedCollector', 'suppressed'] as const) sum[name] += entry[name]
  }
  return sum
}

describe('collector over the kernel', () => {
  let workloads: Workloads
  let cgroup: CgroupFolder
  let running: RunningCollector | undefined
  before(function () {
    if (process.getuid?.() !== 0) skipBecause(this, 'needs root')
    workloads = new Workloads()
  })
  after(() => workloads?.close())
  beforeEach(() => {
    cgroup = makeCgroup()
  })
  afterEach(async () => {
    await running?.stop()
    running = undefined
    cgroup.remove()
  })

  const ofCgroup = (events: readonly ProcessEvent[]): ProcessEvent[] =>
    events.filter(({ process: { cgroupId } }) => cgroupId === cgroup.id.toString())

  it('publishes 23 execs of a fresh cgroup with arguments, parent, ancestors, names and container', async () => {
    running = await collectLive()
    const containerId = 'ab'.repeat(32)
    running.containers.put(cgroup.id, { path: '/docker/x', claim: containerId, claimUid: 0, containerId })
    const { pid, lines } = workloads.run('execs', [cgroup.procs, '23'])
    await running.stop()
    const execs = ofCgroup(running.reader.process).filter(({ type }) => type === 'exec')
    assert.equal(execs.length, 23)
    const program = workloads.program('execs')
    execs.forEach(({ process: child, origin, filename, syscall, result }, index) => {
      assert.deepEqual(child.args, [program, 'child', String(index), '', 'two words'])
      assert.equal(child.pid, Number(lines[index]))
      assert.equal(child.parentPid, pid)
      assert.deepEqual([child.exePath, filename, child.cwd, child.name], [program, program, workloads.folder, 'execs'])
      assert.deepEqual([child.ancestors[0]?.pid, child.ancestors[0]?.exePath, child.ancestors[0]?.exe], [pid, program, program])
      assert.deepEqual([child.ancestors[1]?.pid, child.ancestors[1]?.name], [process.pid, 'node'], 'this test run, seen at the start')
      assert.deepEqual(child.parentArgs, [program, cgroup.procs, '23'])
      assert.deepEqual([child.user, child.group, child.uid, child.execCount], ['root', 'root', 0, 1])
      assert.deepEqual([child.containerId, child.cgroupPath], [containerId, '/docker/x'])
      assert.deepEqual([syscall, result, origin.hostName], ['execve', 0, hostname()])
    })
    const forks = ofCgroup(running.reader.process).filter(({ type }) => type === 'fork')
    const exits = ofCgroup(running.reader.process).filter(({ type }) => type === 'exit')
    assert.equal(forks.length, 23)
    assert.equal(exits.length, 24, 'the children and their parent')
  })

  it('has current wall-clock times', async () => {
    running = await collectLive()
    const before = Date.now() * 1000
    workloads.run('execs', [cgroup.procs, '1'])
    const after = Date.now() * 1000
    await running.stop()
    const [exec] = ofCgroup(running.reader.process).filter(({ type }) => type === 'exec')
    const wallTimeUs = exec?.origin.wallTimeUs ?? 0
    assert(wallTimeUs > before - 5000 && wallTimeUs < after + 5000, `${String(wallTimeUs)} is not in ${String(before)}..${String(after)}`)
  })

  it('publishes running processes as snapshots: this process, and kernel threads', async () => {
    running = await collectLive()
    await running.stop()
    const snapshots = running.reader.process.filter(({ type }) => type === 'snapshot')
    const own = snapshots.filter(({ process: { pid } }) => pid === process.pid)
    assert.equal(own.length, 1)
    const expected = readFileSync('/proc/self/cmdline', 'utf8').split('\0').slice(0, -1)
    assert.deepEqual(own[0]?.process.args, expected)
    assert.equal(own[0]?.process.exePath, process.execPath)
    assert.equal(own[0]?.process.cwd, process.cwd())
    assert.equal(own[0]?.process.parentPid, process.ppid)
    assert.equal(own[0]?.origin.cpu, -1)
    const kthreadd = snapshots.find(({ process: { pid } }) => pid === 2)
    assert.deepEqual([kthreadd?.process.name, kthreadd?.process.exePath, kthreadd?.process.args], ['kthreadd', null, []])
    const seqs = snapshots.map(({ origin: { seq } }) => seq)
    assert.deepEqual(
      seqs,
      Array.from({ length: seqs.length }, (_, index) => index + 1),
    )
  })

  it('reports who opened a file, with the process as it was after its exec', async () => {
    running = await collectLive()
    const file = join(workloads.folder, 'secret')
    writeFileSync(file, 'x')
    spawnSync('cat', [file])
    await running.stop()
    const opens = running.reader.file.filter(({ path }) => path === file)
    assert.equal(opens.length, 1, 'the opens of this process are left out')
    const [open] = opens
    assert.deepEqual([open?.process.name, open?.process.args, open?.isRead, open?.isWrite], ['cat', ['cat', file], true, false])
    assert.equal(open?.pathSource, 'kernel')
  })

  it('resolves the path of a failed relative open by the working directory at that time', async () => {
    running = await collectLive()
    const nobody = { uid: 65534, gid: 65534, cwd: '/etc' }
    assert.notEqual(spawnSync('cat', ['shadow', './absent/../absent'], nobody).status, 0)
    await running.stop()
    const opens = running.reader.file.filter(({ result, process: { name, uid } }) => result < 0 && name === 'cat' && uid === 65534)
    const refusedOpen = (argument: string): unknown[] => {
      const open = opens.find(({ pathArgument }) => pathArgument === argument)
      return [open?.path, open?.pathSource, open?.result]
    }
    assert.deepEqual(refusedOpen('shadow'), ['/etc/shadow', 'argument', -13])
    assert.deepEqual(refusedOpen('./absent/../absent'), ['/etc/absent', 'argument', -2])
  })

  it('distinguishes two processes with the same pid by their start time', async function () {
    running = await collectLive()
    const first = twiceWithOnePid(this)
    await running.stop()
    const execs = running.reader.process.filter(({ type, process: { pid, name } }) => type === 'exec' && pid === first && name === 'true')
    assert.equal(execs.length, 2)
    assert.notEqual(execs[0]?.process.startBootUs, execs[1]?.process.startBootUs)
    assert.deepEqual(
      execs.map(({ process: { execCount } }) => execCount),
      [1, 1],
    )
  })

  it('preserves hostile names and arguments', async () => {
    running = await collectLive()
    const name = Buffer.from([0x65, 0x0a, 0x1b, 0x5b, 0x32, 0x4a, 0xff, 0x22, 0x27])
    const folder = Buffer.concat([Buffer.from(`${workloads.folder}/`), Buffer.from([0xfe, 0x09])])
    const program = Buffer.concat([folder, Buffer.from('/'), name])
    mkdirSync(folder)
    copyFileSync('/bin/true', program)
    chmodSync(program, 0o755)
    const args = ['\x1b]0;owned\x07', 'a\nb', '{"x":', '\u202egnp.exe', 'x'.repeat(4096)]
    execFileSync('sh', [
      '-c',
      'p=$(printf %b "$1"); shift; exec "$p" "$@"',
      'sh',
      program.toString('latin1').replace(/[^\w/-]/g, escapeByte),
      ...args,
    ])
    await running.stop()
    const exec = running.reader.process.find(({ type, process: { args: given } }) => type === 'exec' && given[1] === args[0])
    assert.deepEqual(exec?.process.args.slice(1), args)
    assert.equal(exec?.process.name, 'e\n\x1b[2J\ufffd"\'')
    assert.deepEqual(Buffer.from(exec?.raw?.['process.name'] ?? []), name)
    assert.deepEqual(Buffer.from(exec?.raw?.['process.exePath'] ?? []), program)
  })

  it('counts every loss in an overload: published + dropped = emitted, and the gaps agree', async () => {
    running = await collectLive({ bulkRingBytes: 65_536, securityRingBytes: 65_536 })
    const { reader } = running
    const opens = 20_000
    // Nothing reads the rings while this runs: the event loop is blocked.
    workloads.run('open-storm', ['-', String(opens)])
    await waitForCount('what was in the ring', () => reader.file.length, 1)
    // One more open on each CPU that found room, so that every gap has an end.
    for (const cpu of cpus().keys()) {
      const pids = new Set<number>()
      await waitFor(`an open after the gaps of CPU ${String(cpu)}`, () => {
        pids.add(spawnSync('taskset', ['-c', String(cpu), 'cat', '/dev/null']).pid)
        return reader.file.some(({ path, process: { pid } }) => path === '/dev/null' && pids.has(pid))
      })
    }
    await running.stop()
    const last = reader.host.at(-1)
    assert.equal(last?.isLast, true)
    for (const kind of ['open', 'exec', 'fork', 'exit']) {
      const sum = sumOf(last, (entry) => entry.kind === kind)
      assert.equal(sum.published + sum.droppedRing + sum.droppedCollector + sum.suppressed, sum.emitted, kind)
    }
    const sum = sumOf(last, ({ topic }) => topic === 'file')
    assert(sum.droppedRing > 0, 'the ring did not overflow')
    assert.equal(sum.published, reader.file.length)
    assert(sum.emitted - sum.suppressed >= opens)
    let missing = 0
    for (const cpu of cpus().keys()) {
      const seqs = reader.file.filter(({ origin }) => origin.cpu === cpu).map(({ origin }) => origin.seq)
      assert.equal(new Set(seqs).size, seqs.length, 'no event id twice')
      const { droppedRing, emitted, suppressed } = sumOf(last, (entry) => entry.topic === 'file' && entry.cpu === cpu)
      const gaps = Math.max(0, ...seqs) - seqs.length
      missing += gaps
      assert.equal(emitted - suppressed - seqs.length, droppedRing, `sequence of CPU ${String(cpu)}`)
      // What others open at the end may be lost after the last event, and leaves no gap.
      assert.ok(gaps <= droppedRing, `gaps of CPU ${String(cpu)}`)
    }
    const opensLost = sumOf(last, ({ kind }) => kind === 'open').droppedRing
    assert.equal(running.collector.stats().lost['open'], opensLost, 'the summary at the end says so too')
    assert.deepEqual([last.counters['sequence.file.missing'], last.counters['sequence.file.repeated']], [missing, 0])
  })

  it('publishes everything when the log is slower than the kernel: records wait in the ring', async () => {
    running = await collectLive({ bulkRingBytes: 16 << 20 }, {}, { topicBytes: 256 * 1024 })
    running.reader.isHeld = true
    const storm = spawn(workloads.program('open-storm'), ['-', '5000'])
    await new Promise((resolve) => storm.once('exit', resolve))
    running.reader.isHeld = false
    await running.stop()
    const sum = sumOf(running.reader.host.at(-1), ({ kind }) => kind === 'open')
    assert.equal(sum.droppedRing + sum.droppedCollector, 0)
    assert.equal(sum.published, sum.emitted - sum.suppressed)
    assert.equal(running.reader.file.filter(({ process: { pid } }) => pid === storm.pid).length >= 5000, true)
  })

  it('emits heartbeats at the start, the interval and the end, with versions, probes and cost', async () => {
    running = await collectLive({}, { heartbeatMs: 50 })
    const { reader } = running
    await waitForCount('three heartbeats', () => reader.host.length, 3)
    await running.stop()
    const { host } = reader
    assert.deepEqual([host[0]?.isLast, host.at(-2)?.isLast, host.at(-1)?.isLast], [false, false, true])
    assert.deepEqual([host[0]?.kernelRelease, host[0]?.collectorVersion], [release(), '0.1.0-test'])
    assert(host[0]?.probes.some(({ isAttached }) => isAttached))
    assert((host.at(-1)?.processes ?? 0) > 10)
    assert((host.at(-1)?.cpuUs ?? 0) > 0 && (host.at(-1)?.rssBytes ?? 0) > 1e6)
    assert.deepEqual(
      host.map(({ origin: { cpu, seq } }) => [cpu, seq]),
      host.map((_, index) => [-1, index + 1]),
    )
  })
})

/** Runs `true` twice with one pid and returns the pid. Another process may take the pid in between: then it tries the next one. */
function twiceWithOnePid(test: Context): number {
  const lastPid = '/proc/sys/kernel/ns_last_pid'
  if (!existsSync(lastPid)) skipBecause(test, `this kernel has no ${lastPid}`)
  const deadline = Date.now() + RETRY_MS
  do {
    const first = spawnSync('true').pid
    writeFileSync(lastPid, String(first - 1))
    if (spawnSync('true').pid === first) return first
  } while (Date.now() < deadline)
  assert.fail('another process took the pid each time')
}

function escapeByte(byte: string): string {
  return `\\0${byte.charCodeAt(0).toString(8).padStart(3, '0')}`
}
