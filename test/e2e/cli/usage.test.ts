// How often aggregates are read and whose are reported, changed by hand while a collector runs: nothing is lost by it and nothing is reported twice. Needs root.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { SYSCALL_TRACKER } from '../../../collector/usage/readers/syscall-usage.js'
import type { UsageSettings } from '../../../collector/usage/usage-settings.js'
import type { UsageRecord } from '../../../schemas/generated/types.js'
import { skipBecause } from '../../support/runner/skip-because.js'
import { useDocker } from '../../support/services/docker.js'
import { askCommand } from '../../support/system/asked-command.js'
import { runInHost } from '../../support/system/command-host.js'
import { EunomiaProcess } from '../../support/system/eunomia-process.js'
import { makeCgroup, type CgroupFolder } from '../native/cgroup-folder.js'
import { Workloads } from '../native/workload.js'

const CONTAINER = 'usage-chosen'
const HOUR_MS = 3_600_000

describe('aggregates of a running collector', () => {
  const docker = useDocker()
  const workloads = new Workloads()
  let folder = ''
  let cgroup: CgroupFolder | undefined
  let eunomia: EunomiaProcess | undefined
  before(function () {
    if (process.getuid?.() !== 0) skipBecause(this, 'needs root')
    folder = mkdtempSync(join(tmpdir(), 'eunomia-chosen-usage-'))
    workloads.program('prime-calls')
  })
  beforeEach(() => (cgroup = makeCgroup()))
  afterEach(async () => {
    await eunomia?.kill()
    cgroup?.remove()
    await docker()
      .docker('rm', '-f', CONTAINER)
      .catch(() => '')
  })
  after(() => {
    workloads.close()
    rmSync(folder, { recursive: true, force: true })
  })

  const environment = (): Record<string, string> => ({ EUNOMIA_STATE_FOLDER: join(folder, 'state') })
  const usage = async (...flags: string[]): Promise<string> => await askCommand(['trackers', 'usage', ...flags], environment())
  const start = async (output: string, intervalMs: number, ...more: string[]): Promise<EunomiaProcess> => {
    const set = [`collector.usage.trackers=${SYSCALL_TRACKER.name}`, `collector.usage.intervalMs=${String(intervalMs)}`]
    // Aggregates alone: all events of a busy host are megabytes of JSON a second.
    const kinds = more.includes('--kind') ? [] : ['--kind', 'usage']
    const flags = [...set.flatMap((setting) => ['--set', setting]), ...kinds, ...more]
    eunomia = new EunomiaProcess(['collect', '--output', output, '--docker-socket', docker().socketPath, ...flags], environment())
    await eunomia.says(/"msg":"collecting"/)
    return eunomia
  }
  type Printed = UsageRecord & { readonly topic: string }
  const callsReported = (running: EunomiaProcess, isOurs: (record: Printed) => boolean): number =>
    running
      .records<Printed>()
      .filter((record) => record.topic === 'usage' && record.type === 'syscalls' && isOurs(record))
      .flatMap(({ syscalls }) => syscalls ?? [])
      .filter(({ name }) => name === 'getppid')
      .reduce((sum, { count }) => sum + (count ?? 0), 0)

  it('are reported once each, by the settings in force when they are counted', async () => {
    const id = await docker().runDetached(['--name', CONTAINER, '-v', `${workloads.folder}:/workloads:ro`], ['sleep', '600'])
    const running = await start('json', HOUR_MS)
    const { procs, id: cgroupId } = cgroup ?? assert.fail()
    const actOnHost = (calls: number): void => void workloads.run('prime-calls', [procs, String(calls), '0'])
    const actInContainer = async (calls: number): Promise<void> =>
      void (await docker().docker('exec', CONTAINER, '/workloads/prime-calls', '/dev/null', String(calls), '0'))
    const ofHost = (): number => callsReported(running, (record) => record.cgroupId === String(cgroupId))
    const ofContainer = (): number => callsReported(running, ({ containerId }) => containerId === id)

    assert.equal(await usage(), 'read every 3600000 ms\nnothing is excluded\n')
    actOnHost(1009)
    assert.equal(ofHost(), 0)
    assert.equal(await usage('--container', CONTAINER), `read every 3600000 ms\nonly container ${CONTAINER}\n`)
    await running.until('what was counted before the change', () => ofHost() === 1009)
    actOnHost(2003)
    await actInContainer(503)
    assert.equal(await usage('--interval', '100'), `read every 100 ms\nonly container ${CONTAINER}\n`)
    await running.until('what was counted before the next change', () => ofContainer() === 503)
    await actInContainer(601)
    await running.until('a reading by the new interval', () => ofContainer() === 503 + 601)
    assert.equal(await usage('--clear'), 'read every 100 ms\nnothing is excluded\n')
    actOnHost(3001)
    await running.until('a reading of all', () => ofHost() >= 1009 + 3001)
    assert.equal(await running.interrupt(), 0, running.stderr)
    assert.deepEqual([ofHost(), ofContainer()], [1009 + 3001, 503 + 601])
  })

  it('are reported for the selected processes, and JSON has the settings in force', async () => {
    const running = await start('json', 10_000, '--set', 'collector.usage.pids=1')
    const inForce = JSON.parse(await usage('--pid', String(process.pid), '--pid', '2', '--interval', '100', '--json')) as UsageSettings
    assert.deepEqual(inForce, { intervalMs: 100, pids: [process.pid, 2], containers: [] })
    const ownCalls = (): number => callsReported(running, (record) => record.process?.pid === process.pid)
    await running.until('an aggregate of this process', () => (process.ppid, ownCalls() > 0))
    assert.equal(await running.interrupt(), 0, running.stderr)
    const pids = running.records<Printed>().flatMap(({ topic, process: owner }) => (topic === 'usage' && owner !== null ? [owner.pid] : []))
    assert.deepEqual(
      pids.filter((pid) => ![1, 2, process.pid].includes(pid)),
      [],
    )
  })

  it('are rows of a table and of CSV, with the chosen columns', async () => {
    const { procs, id } = cgroup ?? assert.fail()
    const rowsOf = async (output: string, ...more: string[]): Promise<string[]> => {
      const running = await start(output, HOUR_MS, '--kind', 'syscalls', ...more)
      workloads.run('prime-calls', [procs, '1009', '0'])
      await usage('--clear')
      await running.until('the row of the workload', () => running.stdout.includes('getppid 1009'))
      assert.equal(await running.interrupt(), 0, running.stderr)
      return running.stdout.trimEnd().split('\n')
    }
    const ours = (row: string): boolean => row.includes('getppid 1009')
    const [heading, ...rows] = await rowsOf('csv', '--columns', 'kind,scope,process,cgroup_id,tid,syscalls')
    assert.equal(heading, 'kind,scope,process,cgroup_id,tid,syscalls')
    assert.match(rows.find(ours) ?? '', new RegExp(`^syscalls,process,prime-calls,${String(id)},,"getppid 1009, `))
    assert.deepEqual(
      rows.filter((row) => !row.startsWith('syscalls,')),
      [],
    )
    const [titles, ...lines] = await rowsOf('table')
    assert.match(titles ?? '', /^TIME +KIND +PID +USER +CONTAINER +PROCESS +DETAIL/)
    assert.match(lines.find(ours) ?? '', /^[\d:.]+ syscalls +\d+ +- +<host> +prime-calls +getppid 1009, /)
  })

  it('keep their settings when new ones are refused, which is reported with the fix', async () => {
    const running = await start('csv', 10_000)
    for (const [flags, said] of [
      [['--interval', '5'], /flag --interval: collector\.usage\.intervalMs must be a whole number, 100 to 3600000 \(ms\), found 5/],
      [['--pid', '0'], /flag --pid: .* must be a list of whole numbers above 0/],
      [['--clear', '--pid', '7'], /'--clear' cannot be used with option '--pid/],
    ] as const) {
      const { status, stderr } = await runInHost(['trackers', 'usage', ...flags], { environment: environment() })
      assert.equal(status, 2, stderr)
      assert.match(stderr, said)
    }
    assert.equal(await usage(), 'read every 10000 ms\nnothing is excluded\n')
    assert.equal(await running.interrupt(), 0, running.stderr)
  })
})
