// From the kernel to Kafka's acknowledgement at a steady rate: the CPU that `eunomia collect` takes, next to the same collector with nothing to
// do, and whether anything was lost. A real broker on the same machine, whose CPU is not in the figure.
// Needs root. Prints one JSON line per rate. Run: node dist/test/bench/kernel-to-kafka.js [opens a second ...]
import { execFile } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { Workloads } from '../e2e/native/workload.js'
import { freshKafkaTopics } from '../support/services/kafka-log.js'
import { sharedRedis, stopSharedServices } from '../support/services/services.js'
import { droppedOf } from '../support/system/event-ledger.js'
import { cpuNsOf } from '../support/system/process-cost.js'
import { TestSystem } from '../support/system/test-system.js'

const RATES = [20_000, 78_000, 260_000]
const SECONDS = 8
const ROUNDS = 5
/** What a start leaves behind is not what a running collector costs. */
const SETTLED_MS = 8_000

const given = process.argv.slice(2).map(Number)
const workloads = new Workloads()
const run = promisify(execFile)

interface Round {
  readonly corePercent: number
  readonly usPerEvent: number
  readonly rate: number
}

/** Percent of a core over some seconds. */
async function shareOfCore(pid: number, work: () => Promise<unknown>): Promise<{ percent: number; ns: number }> {
  const [before, startedMs] = [cpuNsOf(pid), performance.now()]
  await work()
  const ns = cpuNsOf(pid) - before
  return { percent: ns / (performance.now() - startedMs) / 1e4, ns }
}

const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN
const rounded = (value: number): number => Math.round(value * 100) / 100

try {
  for (const rate of given.length > 0 ? given : RATES) {
    const system = new TestSystem({ kafka: await freshKafkaTopics(), redisUrl: (await sharedRedis()).address, rules: '' })
    try {
      const collector = await system.collect('--docker-socket', `${system.folder}/no.sock`)
      await sleep(SETTLED_MS)
      const idle = await shareOfCore(collector.pid, async () => await sleep(SECONDS * 1000))
      const rounds: Round[] = []
      for (let round = 0; round < ROUNDS; round++) {
        let opens = 0
        const { percent, ns } = await shareOfCore(collector.pid, async () => {
          const { stdout } = await run('taskset', ['-c', '1', workloads.program('paced-opens'), String(rate), String(SECONDS)])
          opens = Number(stdout)
        })
        rounds.push({ corePercent: percent, usPerEvent: ns / opens / 1000, rate: opens / SECONDS })
      }
      await collector.end('SIGTERM')
      const { host } = await system.records(['host'])
      const lost = host.at(-1)?.ledger.reduce((sum, entry) => sum + droppedOf(entry), 0)
      const of = (figure: keyof Round): number => rounded(median(rounds.map((one) => one[figure])))
      const line = { bench: 'kernel-to-kafka', opensPerSecond: of('rate'), corePercent: of('corePercent'), usPerEvent: of('usPerEvent') }
      process.stdout.write(`${JSON.stringify({ ...line, idleCorePercent: rounded(idle.percent), lost })}\n`)
    } finally {
      await system.close()
    }
  }
} finally {
  workloads.close()
  await stopSharedServices()
}
