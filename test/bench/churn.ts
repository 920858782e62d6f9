// Memory and idle CPU of `eunomia collect` over long churn: processes and cgroups come and go for an hour, then nothing does. Growth shows
// between the first and the last samples; what is bounded stands still. To a real broker.
// Needs root. Prints one JSON line per sample, and one for the idle end. Run: node dist/test/bench/churn.js [minutes, default 60]
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { makeCgroup } from '../e2e/native/cgroup-folder.js'
import { Workloads } from '../e2e/native/workload.js'
import { freshKafkaTopics } from '../support/services/kafka-log.js'
import { sharedRedis, stopSharedServices } from '../support/services/services.js'
import { cpuNsOf, memoryOf } from '../support/system/process-cost.js'
import { TestSystem } from '../support/system/test-system.js'

const minutes = Number(process.argv[2] ?? 60)
/** Of each cgroup: so many execs, and as many files opened and removed. */
const EXECS = 20
const PAUSE_US = 2_000
const SAMPLES = 12
const IDLE_MS = 30_000

const workloads = new Workloads()
const system = new TestSystem({ kafka: await freshKafkaTopics(), redisUrl: (await sharedRedis()).address, rules: '' })
const print = (line: object): void => void process.stdout.write(`${JSON.stringify({ bench: 'churn', ...line })}\n`)

/** A cgroup with a life of its own. */
async function liveOnce(): Promise<void> {
  const cgroup = makeCgroup()
  const args = [cgroup.procs, workloads.folder, String(EXECS), '1', String(PAUSE_US)]
  const load = spawn(workloads.program('steady-load'), args, { stdio: 'ignore' })
  await once(load, 'exit')
  cgroup.remove()
}

try {
  const collector = await system.collect('--docker-socket', `${system.folder}/no.sock`)
  const startedMs = performance.now()
  const everyMs = (minutes * 60_000) / SAMPLES
  let cgroups = 0
  for (let sample = 1; sample <= SAMPLES; sample++) {
    const before = cpuNsOf(collector.pid)
    while (performance.now() - startedMs < sample * everyMs) {
      await liveOnce()
      cgroups++
    }
    const corePercent = Math.round((cpuNsOf(collector.pid) - before) / everyMs / 1e3) / 10
    print({ minute: Math.round((sample * minutes) / SAMPLES), cgroups, execs: cgroups * EXECS, corePercent, ...memoryOf(collector.pid) })
  }
  const before = cpuNsOf(collector.pid)
  await sleep(IDLE_MS)
  print({ idleCorePercent: Math.round((cpuNsOf(collector.pid) - before) / IDLE_MS / 100) / 100, ...memoryOf(collector.pid) })
  await collector.end('SIGTERM')
} finally {
  await system.close()
  workloads.close()
  await stopSharedServices()
}
