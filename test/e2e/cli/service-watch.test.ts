// A collector under a service manager, over a real socket: it reports its start, that it polls the rings, and its end. One that hangs reports
// nothing, is ended and started again, and no event is lost. Needs root.
import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { skipBecause } from '../../support/runner/skip-because.js'
import { freshKafkaTopics } from '../../support/services/kafka-log.js'
import { EunomiaProcess } from '../../support/system/eunomia-process.js'
import { PinnedSystem } from '../../support/system/pinned-system.js'
import { waitFor, waitForCount } from '../../support/wait-for.js'
import { Workloads } from '../native/workload.js'

const NO_RUNTIMES = { EUNOMIA_COLLECTOR_DOCKER_SOCKETS: '', EUNOMIA_COLLECTOR_CONTAINERD_SOCKETS: '' }
const WATCHDOG_MS = 3_000
const EXECS = 7
/** Blocks the main thread for ever at a signal; all other threads go on. */
const BLOCKER = "process.on('SIGUSR2', () => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0))\n"

describe('a collector that a service manager watches over', () => {
  let workloads: Workloads
  let manager: ChildProcess | undefined
  let eunomia: EunomiaProcess | undefined
  let pinned: PinnedSystem | undefined
  let socket = ''
  let heard = ''
  const count = (line: string): number => heard.split('\n').filter((text) => text === line).length

  before(function () {
    if (process.getuid?.() !== 0) skipBecause(this, 'needs root')
    workloads = new Workloads()
  })
  beforeEach(async () => {
    socket = join(workloads.folder, `notify-${String(performance.now())}`)
    heard = ''
    manager = spawn(workloads.program('notify-socket'), [socket], { stdio: ['ignore', 'pipe', 'inherit'] })
    manager.stdout?.setEncoding('utf8').on('data', (text: string) => (heard += text))
    await waitFor('the socket', () => count('bound') === 1)
  })
  afterEach(async () => {
    await eunomia?.kill()
    await pinned?.close()
    pinned = undefined
    manager?.kill('SIGKILL')
  })
  after(() => workloads?.close())

  it('reports its start once it collects, then progress, then its end', async () => {
    eunomia = new EunomiaProcess(['collect', '--output', 'json', '--kind', 'kernel'], {
      ...NO_RUNTIMES,
      EUNOMIA_STATE_FOLDER: join(workloads.folder, 'state'),
      NOTIFY_SOCKET: socket,
      WATCHDOG_USEC: '300000',
    })
    await eunomia.until('progress', () => count('WATCHDOG=1') > 3)
    assert.equal(heard.split('\n')[1], 'READY=1')
    assert.match(eunomia.stderr, /"msg":"collecting"/)
    assert.equal(await eunomia.end('SIGTERM'), 0, eunomia.stderr)
    await waitFor('the end', () => count('STOPPING=1') === 1)
    assert.equal(count('READY=1'), 1)
  })

  /** What systemd does: ends a service that has reported nothing for WatchdogSec. */
  async function endHung(service: EunomiaProcess): Promise<void> {
    let reports = -1
    let sinceMs = performance.now()
    await waitFor('no report for as long as the watchdog allows', () => {
      const now = count('WATCHDOG=1')
      if (now !== reports) sinceMs = performance.now()
      reports = now
      return performance.now() - sinceMs >= WATCHDOG_MS
    })
    for (const signal of ['SIGABRT', 'SIGCONT'] as const) process.kill(service.pid, signal)
    await service.ended()
  }

  for (const [how, signal] of [
    ['is stopped', 'SIGSTOP'],
    ['whose main thread is blocked', 'SIGUSR2'],
  ] as const)
    it(`reports nothing when it ${how}; the next one finds what came meanwhile`, async () => {
      const blocker = join(workloads.folder, 'blocker.cjs')
      writeFileSync(blocker, BLOCKER)
      const rest = (pinned = await PinnedSystem.open(await freshKafkaTopics(), workloads, {
        NODE_OPTIONS: `--require ${blocker}`,
        NOTIFY_SOCKET: socket,
        WATCHDOG_USEC: String(WATCHDOG_MS * 1000),
      }))
      const first = await rest.collect()
      await first.until('progress', () => count('WATCHDOG=1') > 1)
      process.kill(first.pid, signal)
      rest.execs(EXECS)
      await endHung(first)
      const second = await rest.collect()
      await waitForCount('what came meanwhile', () => rest.events('exec').length, EXECS)
      assert.equal(await second.end('SIGTERM'), 0, second.stderr)
      assert.deepEqual([rest.events('exec').length, count('READY=1')], [EXECS, 2])
    })
})
