// CPU per record of the function detect with the shipped rules: over the memory log, and with `--kafka` from Kafka to Kafka. The base of the
// same run are functions that walk the same records without decoding them, and that only decode them.
// With `--process` the records are execs, forks and exits instead of opens, of which the shipped rules read the execs.
// `node dist/test/bench/detect.js [--kafka] [--process] [rounds] [records]`; one JSON line per figure, medians over the rounds, which alternate.
import { join } from 'node:path'
import { createTopics } from '../../infra/kafka/admin.js'
import type { KafkaConfig } from '../../infra/kafka/kafka-config.js'
import { KafkaTopicLog } from '../../infra/kafka/kafka-topic-log.js'
import { SILENT_LOGGER } from '../../infra/process/logger.js'
import { MemoryLog } from '../../infra/topic-log/memory-log/memory-log.js'
import { Metrics } from '../../infra/process/metrics.js'
import { packageRoot } from '../../infra/process/package-root.js'
import type { TopicAppender, TopicLog } from '../../infra/topic-log/topic-log.js'
import { defineFunction, type FunctionDefinition } from '../../processors/function.js'
import { detectFunction } from '../../processors/functions/detect/detect.js'
import { factsKey } from '../../processors/membership/membership-key.js'
import { valueReader, Membership } from '../../processors/membership/membership.js'
import { MemoryStore } from '../../processors/membership/memory-store.js'
import { createCompiledEvaluator } from '../../processors/rule-engine/compiled/compiled-evaluator.js'
import { loadRuleFiles } from '../../processors/rule-engine/load/rule-files.js'
import { fixedRules } from '../../processors/rule-engine/load/rules-in-force.js'
import { startFunction } from '../../processors/runtime/start-function.js'
import { Codec } from '../../schemas/codec.js'
import {
  sampleContainerFacts,
  sampleFileEvent,
  sampleOrigin,
  sampleProcess,
  sampleProcessEvent,
} from '../support/records/sample-records.js'
import { stopSharedServices, sharedKafka } from '../support/services/services.js'
import { waitFor } from '../support/wait-for.js'

const isKafka = process.argv.includes('--kafka')
const topic = process.argv.includes('--process') ? 'process' : 'file'
const [rounds = 5, records = 100_000] = process.argv.slice(2).flatMap((text) => (/^\d+$/.test(text) ? [Number(text)] : []))

const CONTAINERS = 50
/** One open in so many reads a credential file, which a shipped rule is about. */
const ALERT_EVERY = 500
const SAMPLES = 1_000
const codec = new Codec()
const containerIds = Array.from({ length: CONTAINERS }, (_, index) => index.toString(16).padStart(64, '0'))

/** Events of one host: half of them in containers; opens with paths that come again. */
const samples = Array.from({ length: SAMPLES }, (_, index) => {
  const containerId = index % 2 === 0 ? null : (containerIds[index % CONTAINERS] ?? null)
  const path = index % ALERT_EVERY === 0 ? '/etc/shadow' : `/srv/app-${String(index % 40)}/data/${String(index % 7)}.log`
  const process = sampleProcess({ containerId, containerClaim: containerId })
  if (topic === 'process') {
    const type = (['fork', 'exec', 'exit'] as const)[index % 3] ?? 'exec'
    const syscall = { fork: 'clone', exec: 'execve', exit: 'UNKNOWN' } as const
    return codec.encode('process', sampleProcessEvent({ type, syscall: syscall[type], process, origin: sampleOrigin({ seq: index + 1 }) }))
  }
  return codec.encode('file', sampleFileEvent({ path, process, origin: sampleOrigin({ seq: index + 1 }) }))
})

async function filledStore(): Promise<MemoryStore> {
  const store = new MemoryStore()
  const origin = sampleOrigin()
  const event = { type: 'facts', runtime: 'docker', facts: sampleContainerFacts(), cgroupId: null, cgroupPath: null } as const
  const rest = { initPid: null, exitCode: null, isOomKilled: null, reason: null, origin }
  await store.write(
    containerIds.map((containerId) => {
      return { key: factsKey(origin, containerId), bootTimeUs: 1, value: codec.encode('container', { ...event, ...rest, containerId }) }
    }),
  )
  return store
}

const walk = defineFunction({
  name: 'walk',
  inputs: [topic],
  outputs: [],
  handle: (batch) => {
    while (batch.next());
    return Promise.resolve()
  },
})
const decode = defineFunction({
  name: 'decode',
  inputs: [topic],
  outputs: [],
  handle: (batch) => {
    while (batch.next()) batch.value((bytes, start, end) => codec.decode(topic, bytes, start, end))
    return Promise.resolve()
  },
})

function detect(): FunctionDefinition {
  const { ruleSet, errors } = loadRuleFiles([join(packageRoot(), 'rules')])
  if (errors.length > 0) throw new Error(errors.map(({ message }) => message).join('\n'))
  return detectFunction({ codec, rules: fixedRules(createCompiledEvaluator(ruleSet)) })
}

async function appendAll(appender: TopicAppender): Promise<void> {
  const key = Buffer.from(sampleOrigin().hostId)
  for (let index = 0; index < records; index++) {
    const value = samples[index % SAMPLES] ?? new Uint8Array()
    if (!appender.append({ topic, key, value, valueStart: 0, valueEnd: value.length, timestampMs: Date.now(), mark: index + 1 }))
      await appender.drained()
    if (index % 1_000 === 0) await new Promise((resolve) => setImmediate(resolve))
  }
  await appender.flush()
}

/** CPU of this process per record, from the start of the function to the last record, microseconds. */
async function measure(definition: FunctionDefinition, log: TopicLog, group: string): Promise<number> {
  const metrics = new Metrics()
  const membership = new Membership(await filledStore(), valueReader(codec), metrics, SILENT_LOGGER)
  const handled = new RegExp(`^eunomia_function_records_total\\{function="${definition.name}",topic="${topic}"\\} (\\d+)$`, 'm')
  const before = process.cpuUsage()
  const part = await startFunction(definition, { topicLog: log, codec, membership, metrics, log: SILENT_LOGGER }, { group })
  await waitFor('all records', async () => Number(handled.exec(await metrics.text())?.[1] ?? 0) >= records, { everyMs: 50 })
  const { user, system } = process.cpuUsage(before)
  await part.stop('measured')
  return (user + system) / records
}

async function main(): Promise<void> {
  const definitions = [walk, decode, detect()]
  const figures = new Map<string, number[]>()
  const logOf = await logSource()
  for (let round = 0; round < rounds + 1; round++) {
    for (const definition of definitions) {
      const us = await measure(definition, await logOf(), `bench-${definition.name}-${String(round)}`)
      // The first round warms up.
      if (round > 0) figures.set(definition.name, [...(figures.get(definition.name) ?? []), us])
    }
  }
  const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1] ?? NaN
  const rounded = (value: number): number => Math.round(value * 1000) / 1000
  const baseUs = median(figures.get('decode') ?? [])
  for (const [name, values] of figures) {
    const us = median(values)
    const figure = { cpuUsPerRecord: rounded(us), recordsPerCpuSecond: Math.round(1e6 / us), toDecode: rounded(us / baseUs) }
    const log = isKafka ? 'kafka' : 'memory'
    process.stdout.write(
      `${JSON.stringify({ bench: 'detect', topic, log, figure: name, bytes: samples[1]?.length, ...figure, rounds: values.map(rounded) })}\n`,
    )
  }
  if (isKafka) await stopSharedServices()
}

/** A log that holds the records, for each measurement. */
async function logSource(): Promise<() => Promise<TopicLog>> {
  if (!isKafka) {
    return async () => {
      const log = new MemoryLog({ topicBytes: records * 2_000 })
      // Until a group reads it, the topic keeps its newest records up to the bound.
      await appendAll(await log.appender(ignore, ignore))
      return log
    }
  }
  const kafka = await sharedKafka()
  const config: KafkaConfig = { brokers: [kafka.address], topicPrefix: 'bench.', lingerMs: 5 }
  await createTopics(config, { partitions: 1 }, SILENT_LOGGER)
  const log = new KafkaTopicLog(config, SILENT_LOGGER)
  await appendAll(await log.appender(ignore, ignore))
  return () => Promise.resolve(log)
}

function ignore(): void {
  // Nobody waits for single acknowledgements here.
}

await main()
process.exit(0)
