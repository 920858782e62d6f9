// The collector over the running kernel: what an event costs from the ring to Avro in a memory log while one core floods opens or execs.
// Needs root. Prints one JSON line per figure: a call is an open, or a process with its fork, exec and exit; `lost` is what the ring had no room
// for. Run: node dist/test/bench/collector-live.js
import { spawn } from 'node:child_process'
import { readHostFacts, LiveSource } from '../../collector/source/live-source.js'
import { startCollector } from '../../collector/collector.js'
import { SILENT_LOGGER } from '../../infra/process/logger.js'
import { MemoryLog } from '../../infra/topic-log/memory-log/memory-log.js'
import { DEFAULT_KERNEL_KNOBS } from '../../native/kernel-control.js'
import { openKernelSession } from '../../native/rings.js'
import { Codec } from '../../schemas/codec.js'
import { Workloads } from '../e2e/native/workload.js'
import { FakeContainerIndex } from '../support/fakes/fake-container-index.js'
import { HOST_ID } from '../support/records/record-bench.js'

const RUNS = 5
/** Until V8 has compiled what runs often, its threads take as much CPU as the collector: no running collector costs that. */
const WARM_UPS = 3
const workloads = new Workloads()

interface Measured {
  readonly events: number
  readonly lost: number
  readonly cpuUs: number
  readonly seconds: number
}

/** Runs a workload on one core while a collector of its own runs on the other. */
async function measure(program: string, args: readonly string[]): Promise<Measured> {
  const session = openKernelSession({ ...DEFAULT_KERNEL_KNOBS, ignoredPid: process.pid })
  const collector = await startCollector(
    {},
    {
      source: new LiveSource(session, readHostFacts(session.counters().length)),
      identity: { hostId: HOST_ID, version: 'bench' },
      sink: { topicLog: new MemoryLog(), codec: new Codec() },
      containers: { index: new FakeContainerIndex(), onEvent: () => () => undefined, count: () => 0 },
      counters: () => ({}),
      log: SILENT_LOGGER,
    },
  )
  const before = { published: collector.stats().published, cpu: process.cpuUsage(), at: performance.now() }
  await new Promise((resolve) => spawn('taskset', ['-c', '1', program, ...args], { stdio: 'ignore' }).once('exit', resolve))
  await collector.stop('measured')
  const { user, system } = process.cpuUsage(before.cpu)
  const { published, lost } = collector.stats()
  return {
    events: published - before.published,
    lost: Object.values(lost).reduce((sum, count) => sum + count, 0),
    cpuUs: user + system,
    seconds: (performance.now() - before.at) / 1000,
  }
}

try {
  for (const [figure, name, count] of [
    ['opens', 'open-storm', 500_000],
    ['execs', 'execs', 10_000],
  ] as const) {
    const runs: Measured[] = []
    const args = [name === 'execs' ? '/dev/null' : '-', String(count)]
    for (let run = 0; run < WARM_UPS; run++) await measure(workloads.program(name), args)
    for (let run = 0; run < RUNS; run++) runs.push(await measure(workloads.program(name), args))
    runs.sort((a, b) => a.cpuUs / a.events - b.cpuUs / b.events)
    const median = runs[Math.floor(RUNS / 2)]
    if (median === undefined) continue
    const line = {
      bench: 'collector-live',
      figure,
      events: median.events,
      eventsPerSecond: Math.round(median.events / median.seconds),
      cpuUsPerEvent: Number((median.cpuUs / median.events).toFixed(2)),
      cpuUsPerCall: Number((median.cpuUs / count).toFixed(2)),
      lostInAllRuns: runs.reduce((sum, { lost }) => sum + lost, 0),
      rssMiB: Math.round(process.memoryUsage.rss() / 1_048_576),
    }
    process.stdout.write(`${JSON.stringify(line)}\n`)
  }
} finally {
  workloads.close()
}
