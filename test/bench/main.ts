// `npm run bench`: runs benches one after the other, each as a process of its own with a bound of time. Figures are JSON lines on stdout.
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { compiledRoot } from '../support/runner/tiers.js'

/** Longest time of one bench, milliseconds. */
const BENCH_TIMEOUT_MS = 15 * 60_000

/** One bench with the arguments that `npm run bench` gives to it. */
interface Bench {
  readonly name: string
  readonly measures: string
  /** The file of the bench; default its name. */
  readonly file?: string
  readonly args?: readonly string[]
  /** What it needs besides a build. */
  readonly needs?: string
}

const BENCHES: readonly Bench[] = [
  { name: 'codec', measures: 'encoding and decoding of records, next to avsc' },
  { name: 'collector', measures: 'the collector, ring bytes to Avro' },
  { name: 'spool', measures: 'the spool on disk' },
  { name: 'rules', measures: 'all rules of Falco and Sigma over a realistic stream', args: ['7', '50000'], needs: '../shared' },
  { name: 'judge', measures: 'the plain evaluator' },
  { name: 'rules-cli', measures: '`rules parse` and `rules eval`, lines per second', needs: '../shared' },
  { name: 'detect', measures: 'detect with the shipped rules, memory log', args: ['open', '3', '60000'] },
  {
    name: 'peer',
    file: 'detect',
    measures: 'detect with the workload of Kafka Streams, Kafka to Kafka',
    args: ['peer', '--kafka', '3', '200000'],
    needs: '../shared, Kafka',
  },
  { name: 'correlate', measures: 'correlations, CPU per match' },
  { name: 'publish', measures: 'publishing to Kafka, next to kafkajs', needs: 'Kafka' },
  { name: 'consume', measures: 'consuming from Kafka, next to kafkajs', needs: 'Kafka' },
  { name: 'start', measures: 'time until the probes emit and `run` watches', needs: 'root' },
  { name: 'ring-drain', measures: 'the probes, CPU per call', needs: 'root' },
  { name: 'collector-live', measures: 'the collector over the running kernel', needs: 'root' },
  { name: 'kernel-to-kafka', measures: 'kernel to acknowledgement at steady rates', needs: 'root, Kafka' },
  { name: 'latency', measures: 'event in the kernel to alert in the topic', needs: 'root, Kafka' },
  { name: 'deliver', measures: '`eunomia deliver` from the topic to a receiver', args: ['opensearch', '50000'], needs: 'Kafka, Redis' },
  { name: 'archive', measures: 'writing and reading objects of the archive', args: ['100000'], needs: '../shared' },
  {
    name: 'host',
    measures: '`eunomia run` as a user meets it, next to Falco: storms, memory, idle CPU, first alert',
    args: ['5'],
    needs: 'root, bpftool; ../shared for falco_rules.yaml',
  },
  { name: 'nginx', measures: 'nginx under wrk, with and without Eunomia', needs: 'root, nginx, wrk' },
]

const HELP = `npm run bench                    all benches: about an hour
npm run bench -- NAME            one bench; more arguments go to it: npm run bench -- publish 5 200000
                                 each is ended after ${String(BENCH_TIMEOUT_MS / 60_000)} minutes

${BENCHES.map(({ name, measures, needs }) => `  ${name.padEnd(16)} ${measures}${needs === undefined ? '' : ` (needs ${needs})`}`).join('\n')}

Nothing else may run at the same time. What a figure means is in the first lines of test/bench/NAME.ts; docs/performance.md has the figures.
`

function run({ name, file = name, args = [] }: Bench, given: readonly string[]): boolean {
  process.stderr.write(`${name}\n`)
  const path = join(compiledRoot(), 'test/bench', `${file}.js`)
  const end = spawnSync(process.execPath, [path, ...(given.length > 0 ? given : args)], { stdio: 'inherit', timeout: BENCH_TIMEOUT_MS })
  if (end.status === 0) return true
  process.stderr.write(`${name} failed: ${end.error?.message ?? `exit status ${String(end.status)}`}\n`)
  return false
}

function main([name, ...args]: readonly string[]): number {
  if (name === '--help') {
    process.stdout.write(HELP)
    return 0
  }
  const benches = BENCHES.filter((bench) => name === undefined || bench.name === name)
  if (benches.length === 0) {
    process.stderr.write(`there is no bench ${String(name)}\n\n${HELP}`)
    return 2
  }
  const results = benches.map((bench) => run(bench, args))
  return results.every(Boolean) ? 0 : 1
}

process.exitCode = main(process.argv.slice(2))
