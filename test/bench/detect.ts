// CPU per record of the function detect: over the memory log, and with `--kafka` from Kafka to Kafka. The base of the same run are functions that walk the
// same records without decoding them, and that only decode them.
//   node dist/test/bench/detect.js [open|process|mixture|peer] [--kafka] [--jvm VARIANT] [rounds] [records]
// open: opens under the shipped rules. process: forks, execs and exits. mixture: a realistic stream under all rules of Falco and Sigma. peer: the execs and
// the 100 rules of ../shared/kafka-streams-peer; its program in Java reads the same execs with `--jvm streams` (streams-tuned, plain, plain-tuned).
// One JSON line per figure, medians over the rounds, which alternate.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { createTopics } from '../../infra/kafka/admin.js'
import type { KafkaConfig } from '../../infra/kafka/kafka-config.js'
import { KafkaTopicLog } from '../../infra/kafka/kafka-topic-log.js'
import { SILENT_LOGGER } from '../../infra/process/logger.js'
import { MemoryLog } from '../../infra/topic-log/memory-log/memory-log.js'
import { Metrics } from '../../infra/process/metrics.js'
import type { TopicAppender, TopicLog } from '../../infra/topic-log/topic-log.js'
import { defineFunction, type EventBatch, type HandledFunction } from '../../processors/function.js'
import { detectFunction } from '../../processors/functions/detect/detect.js'
import { valueReader, Membership } from '../../processors/membership/membership.js'
import type { MembershipStore } from '../../processors/membership/store.js'
import { createCompiledEvaluator } from '../../processors/rule-engine/compiled/compiled-evaluator.js'
import { RULE_TOPICS } from '../../processors/rule-engine/fields/rule-event.js'
import { fixedRules } from '../../processors/rule-engine/load/rules-in-force.js'
import { startFunction } from '../../processors/runtime/start-function.js'
import { Codec } from '../../schemas/codec.js'
import { storeOf, WORKLOADS, type DetectWorkload } from '../support/load/detect-workload.js'
import { peerFolder } from '../support/peer/peer-workload.js'
import { stopSharedServices, sharedKafka } from '../support/services/services.js'
import { viewedEvent } from '../support/generator/stored-event.js'

const isKafka = process.argv.includes('--kafka')
const jvmAt = process.argv.indexOf('--jvm')
const jvm = jvmAt < 0 ? null : (process.argv[jvmAt + 1] ?? null)
const name = process.argv.slice(2).find((word): word is keyof typeof WORKLOADS => Object.hasOwn(WORKLOADS, word)) ?? 'open'
const [rounds = 5, records = 100_000] = process.argv.slice(2).flatMap((text) => (/^\d+$/.test(text) ? [Number(text)] : []))

/** Partitions of each topic in Kafka. */
const PARTITIONS = name === 'peer' ? 4 : 1
const codec = new Codec()

function baseFunction(functionName: string, workload: DetectWorkload, read: (batch: EventBatch) => void): HandledFunction {
  return defineFunction({
    name: functionName,
    inputs: workload.topics,
    outputs: [],
    handle: (batch) => {
      while (batch.next()) read(batch)
      return Promise.resolve()
    },
  })
}

function decoded(batch: EventBatch): void {
  const topic = RULE_TOPICS.find((each) => each === batch.topic)
  if (topic !== undefined) batch.value((bytes, start, end) => codec.decode(topic, bytes, start, end))
}

function detect({ ruleSet, matching }: DetectWorkload): HandledFunction {
  return detectFunction({ codec, rules: fixedRules(createCompiledEvaluator(ruleSet, { matching })) })
}

async function appendAll(appender: TopicAppender, workload: DetectWorkload): Promise<void> {
  for (let index = 0; index < records; index++) {
    const record = workload.records[index % workload.records.length]
    if (record === undefined) throw new RangeError('no records')
    const { topic, key, value } = record
    if (!appender.append({ topic, key, value, valueStart: 0, valueEnd: value.length, timestampMs: Date.now(), mark: index + 1 }))
      await appender.drained()
    if (index % 1_000 === 0) await new Promise((resolve) => setImmediate(resolve))
  }
  await appender.flush()
}

/** CPU of this process per record, from the first batch to the last record, microseconds. */
async function measure(definition: HandledFunction, log: TopicLog, store: MembershipStore, group: string): Promise<number> {
  const metrics = new Metrics()
  const membership = new Membership(store, valueReader(codec), metrics, SILENT_LOGGER)
  let handled = 0
  let before: NodeJS.CpuUsage | undefined
  let finish: (us: number) => void
  const done = new Promise<number>((resolve) => (finish = resolve))
  const metered = defineFunction({
    ...definition,
    handle: async (batch, context) => {
      before ??= process.cpuUsage()
      await definition.handle(batch, context)
      if (batch.topic === 'pending') return
      handled += batch.length
      const { user, system } = process.cpuUsage(before)
      if (handled >= records) finish((user + system) / records)
    },
  })
  const part = await startFunction(metered, { topicLog: log, codec, membership, metrics, log: SILENT_LOGGER }, { group })
  const us = await done
  await part.stop('measured')
  return us
}

async function main(): Promise<void> {
  const workload = WORKLOADS[name](codec, Math.min(records, MOST_RECORDS[name]))
  if (workload === null) {
    process.stderr.write(`skipped: what ${name} needs is not next to this checkout (EUNOMIA_SHARED)\n`)
    return
  }
  const bytes = Math.round(workload.records.reduce((sum, { value }) => sum + value.length, 0) / workload.records.length)
  if (name === 'peer') printAlerts(workload)
  const definitions = [baseFunction('walk', workload, () => undefined), baseFunction('decode', workload, decoded), detect(workload)]
  const figures = new Map<string, number[]>()
  const logOf = await logSource(workload)
  const store = await storeOf(codec, workload.containers)
  for (let round = 0; round < rounds + 1; round++) {
    for (const definition of definitions) {
      const us = await measure(definition, await logOf(), store, `bench-${definition.name}-${String(round)}`)
      // The first round warms up.
      if (round > 0) figures.set(definition.name, [...(figures.get(definition.name) ?? []), us])
    }
  }
  const baseUs = median(figures.get('decode') ?? [])
  for (const [figure, values] of figures) {
    const us = median(values)
    const costs = { cpuUsPerRecord: rounded(us), recordsPerCpuSecond: Math.round(1e6 / us), toDecode: rounded(us / baseUs) }
    print({ log: isKafka ? 'kafka' : 'memory', figure, bytes, ...costs, rounds: values.map(rounded) })
  }
  if (jvm !== null) await printJvm(jvm)
  if (isKafka || jvm !== null) await stopSharedServices()
}

/** A realistic stream takes long to make, and is repeated. */
const MOST_RECORDS = { open: Infinity, process: Infinity, mixture: 20_000, peer: Infinity }

const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1] ?? NaN
const rounded = (value: number): number => Math.round(value * 1000) / 1000

function print(figure: object): void {
  process.stdout.write(`${JSON.stringify({ bench: 'detect', workload: name, ...figure })}\n`)
}

/** How many alerts there are, and the hash of their names as the peer states it: both mean the same by the rules. */
function printAlerts({ ruleSet, matching, records: loaded, containers }: DetectWorkload): void {
  const evaluator = createCompiledEvaluator(ruleSet, { matching })
  const factsOf = new Map(containers.map(({ containerId, facts }) => [containerId, facts]))
  const alerts = loaded.flatMap(({ topic, value }) => {
    const event = viewedEvent(codec, topic, value)
    const { origin, process: of } = event.record
    const facts = factsOf.get(of.containerId ?? '')
    const container =
      facts === undefined || of.containerId === null
        ? ({ state: 'host' } as const)
        : ({ state: 'known', containerId: of.containerId, facts } as const)
    const { matched } = evaluator.evaluate({ event, container })
    return matched.map((rule) => `${origin.hostName}/${origin.bootId}/${String(origin.seq)}/${rule.name}`)
  })
  const hash = createHash('sha256').update(alerts.sort().join('\n')).digest('hex')
  print({ figure: 'alerts', records: loaded.length, alerts: alerts.length, alertsSha256: hash.slice(0, 16) })
}

/** The peer's own figures, over the same execs on the same broker. */
async function printJvm(variant: string): Promise<void> {
  const folder = peerFolder()
  if (folder === null) return
  const { address } = await sharedKafka()
  const env = { ...process.env, BROKER: address, RECORDS: String(records), PASSES: String(rounds) }
  const { status, stdout } = spawnSync('bash', [join(folder, 'run.sh'), variant], { env, stdio: ['ignore', 'pipe', 'inherit'] })
  if (status !== 0) throw new Error(`the peer ended with ${String(status)}`)
  print({ figure: 'peer', ...(JSON.parse(stdout.toString()) as object) })
}

/** A log that holds the records, for each measurement. */
async function logSource(workload: DetectWorkload): Promise<() => Promise<TopicLog>> {
  if (!isKafka) {
    return async () => {
      const log = new MemoryLog({ topicBytes: records * 2_000 })
      // Until a group reads it, the topic keeps its newest records up to the bound.
      await appendAll(await log.appender(ignore, ignore), workload)
      return log
    }
  }
  const kafka = await sharedKafka()
  const config: KafkaConfig = { brokers: [kafka.address], topicPrefix: 'bench.', lingerMs: 5 }
  await createTopics(config, { partitions: PARTITIONS }, SILENT_LOGGER)
  const log = new KafkaTopicLog(config, SILENT_LOGGER)
  await appendAll(await log.appender(ignore, ignore), workload)
  return () => Promise.resolve(log)
}

function ignore(): void {
  // Nobody waits for single acknowledgements here.
}

await main()
process.exit(0)
