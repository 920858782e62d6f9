// The functions of `eunomia process` with all that they need. Loaded only when the command runs: it loads Kafka, Redis and the rule engine.
import { functionKafkaConfigOf, kafkaConfigOf } from '../infra/config/kafka-settings.js'
import type { ResolvedConfig } from '../infra/config/load-config.js'
import { topicRetentionMs } from '../infra/kafka/admin.js'
import { topicNameOf, type KafkaConfig } from '../infra/kafka/kafka-config.js'
import { KafkaTopicLog } from '../infra/kafka/kafka-topic-log.js'
import { messageOf, UsageError } from '../infra/process/errors.js'
import type { Lifecycle } from '../infra/process/lifecycle.js'
import type { Logger } from '../infra/process/logger.js'
import type { Metrics } from '../infra/process/metrics.js'
import { connectRedis } from '../infra/redis/redis.js'
import { TOPICS } from '../infra/topic-log/topics.js'
import type { FunctionDefinition } from '../processors/function.js'
import { detectFunction } from '../processors/functions/detect/detect.js'
import { membershipFunction } from '../processors/functions/membership.js'
import { valueReader, Membership } from '../processors/membership/membership.js'
import { MemoryStore } from '../processors/membership/memory-store.js'
import { MEMBERSHIP_PREFIX, RedisStore } from '../processors/membership/redis-store.js'
import type { RuleSet } from '../processors/rule-engine/rule-set/rule-set.js'
import type { FunctionDependencies } from '../processors/runtime/function-runner.js'
import { groupOf, startFunction } from '../processors/runtime/start-function.js'
import { writingCodec } from './codec.js'
import type { FunctionName } from './function-names.js'
import { startMetrics } from './metrics.js'
import { startRules } from './rules.js'

/** Names of correlations in one line of the log. */
const MAX_NAMED = 20

/**
 * Windows in the memory of an instance hold only the matches of its partitions, and are lost when those move: a correlation would be half right
 * and nobody would see it. So none is evaluated here, and the log says so.
 */
export function warnOfCorrelations(rules: { readonly ruleSet: RuleSet }, log: Logger, metrics: Metrics): void {
  const help = 'Correlations in force that are not evaluated here, because instances do not share windows yet'
  metrics.sampledGauge('eunomia_correlations_not_judged', help, () => rules.ruleSet.activeCorrelations.length)
  const { activeCorrelations } = rules.ruleSet
  if (activeCorrelations.length === 0) return
  const names = activeCorrelations.slice(0, MAX_NAMED).map(({ name }) => name)
  const message =
    'correlations are not evaluated: instances of detect do not share windows yet, and rules that only feed correlations emit no alerts; eunomia run evaluates them'
  log.warn({ correlations: names, count: activeCorrelations.length }, message)
}

/** Settings and log of the program that runs the functions. */
interface FunctionsContext {
  readonly config: ResolvedConfig['config']
  readonly log: Logger
}

type FunctionMaker = (deps: FunctionDependencies, context: FunctionsContext, lifecycle: Lifecycle) => Promise<FunctionDefinition>

/** `hunt` is no function over topics: it takes jobs. */
const MAKERS: Readonly<Record<Exclude<FunctionName, 'hunt'>, FunctionMaker>> = {
  membership: ({ codec }) => Promise.resolve(membershipFunction(codec)),
  detect: async ({ codec, metrics }, { config, log }, lifecycle) => {
    const rules = await startRules(config.rules, log, metrics, lifecycle)
    const { activeRules, waitingRules, quarantined } = rules.ruleSet
    log.info({ active: activeRules.length, notYet: waitingRules.length, quarantined: quarantined.length }, 'rules loaded')
    warnOfCorrelations(rules, log, metrics)
    const { factsDeadlineMs: deadlineMs, longestWaitMs } = config.detect
    await checkPendingRetention(longestWaitMs, kafkaConfigOf(config.kafka), log)
    return detectFunction({ codec, rules, pending: { deadlineMs, longestWaitMs } })
  },
  archive: async (deps, { config }, lifecycle) => {
    const { archiveFunction } = await import('./archive.js')
    return await archiveFunction(deps, config, lifecycle)
  },
}

/** Functions that ask who is in which container. */
const NEED_MEMBERSHIP: readonly FunctionName[] = ['membership', 'detect']

/** Starts the functions and their dependencies. */
export async function startFunctions(names: readonly FunctionName[], context: FunctionsContext, lifecycle: Lifecycle): Promise<void> {
  const deps = await connect(names, context, lifecycle)
  for (const name of names) {
    if (name === 'hunt') {
      const { startHuntWorker } = await import('./hunts.js')
      await lifecycle.start(name, () => startHuntWorker(context, deps, lifecycle))
    } else {
      const definition = await MAKERS[name](deps, context, lifecycle)
      await lifecycle.start(name, () => startFunction(definition, deps))
    }
    context.log.info({ function: name }, 'function started')
  }
}

/**
 * Takes this instance out of the groups of the functions, after its process has ended for good: the others get its partitions at once.
 * @throws UsageError without an instance id
 */
export async function leaveGroups(names: readonly FunctionName[], { config, log }: FunctionsContext): Promise<void> {
  const { instanceId } = config.kafka
  if (instanceId === null)
    throw new UsageError(
      '--leave needs the instance that leaves: --instance-id, or kafka.instanceId. A member without one leaves when it stops',
    )
  const topicLog = new KafkaTopicLog(kafkaConfigOf(config.kafka), log)
  for (const name of names.filter((each) => each !== 'hunt')) {
    const group = groupOf(name)
    const wasMember = await topicLog.removeInstance(group, instanceId)
    log.info({ group, instanceId }, wasMember ? 'the instance has left the group' : 'the group has no such instance')
  }
}

/**
 * While Redis is unavailable a waiting event is not written again, so it gets as old as its wait. The longest wait must leave as much time
 * again for the function to catch up, or Kafka could delete the event first.
 * @throws UsageError for a longest wait that the retention of the topic does not allow, as it is declared or as it is in the cluster
 */
export async function checkPendingRetention(longestWaitMs: number, kafka: KafkaConfig, log: Logger): Promise<void> {
  const { retentionMs } = TOPICS.pending
  const name = topicNameOf(kafka, 'pending')
  refuseTooLong(longestWaitMs, name, retentionMs, '')
  let actualMs: number | null
  try {
    actualMs = await topicRetentionMs(kafka, 'pending', log)
  } catch (error) {
    // No right to describe topics, or no answer yet: the functions start without the check.
    log.warn({ topic: name, error: messageOf(error) }, 'the retention of the topic of pending events could not be checked')
    return
  }
  if (actualMs !== null)
    refuseTooLong(longestWaitMs, name, actualMs, `, or raise retention.ms of the topic above ${String(2 * longestWaitMs)}`)
}

/** @param otherFix after the first one */
function refuseTooLong(longestWaitMs: number, topic: string, retentionMs: number, otherFix: string): void {
  if (longestWaitMs * 2 < retentionMs) return
  throw new UsageError(
    `detect.longestWaitMs (${String(longestWaitMs)}) must be less than half of the retention of ${topic} (retention.ms=${String(retentionMs)}), or events can be deleted while they wait. ` +
      `Set detect.longestWaitMs to at most ${String(Math.ceil(retentionMs / 2) - 1)}${otherFix}`,
  )
}

async function connect(names: readonly FunctionName[], context: FunctionsContext, lifecycle: Lifecycle): Promise<FunctionDependencies> {
  const { config, log } = context
  const { metrics } = await startMetrics(config.metrics, log, lifecycle)
  const codec = await writingCodec(config.schemas, log, lifecycle.signal)
  const topicLog = new KafkaTopicLog(functionKafkaConfigOf(config.kafka), log)
  lifecycle.onStop('Kafka', async () => await topicLog.close())
  const store = names.some((name) => NEED_MEMBERSHIP.includes(name)) ? connectStore(context, lifecycle) : new MemoryStore()
  const nearCache = { maxEntries: config.detect.nearCacheEntries }
  const membership = new Membership(store, valueReader(codec), metrics, log, nearCache)
  return { topicLog, codec, membership, log, metrics }
}

function connectStore({ config, log }: FunctionsContext, lifecycle: Lifecycle): RedisStore {
  const redis = connectRedis({ url: config.redis.url }, log)
  lifecycle.onStop('Redis', async () => await redis.close())
  return new RedisStore(redis, { prefix: `${config.redis.keyPrefix}${MEMBERSHIP_PREFIX}` })
}
