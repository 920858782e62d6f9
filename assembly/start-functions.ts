// The functions of `eunomia process` with all that they stand on. Loaded only when the command runs: it brings Kafka, Redis and the rule engine.
import { kafkaConfigOf } from '../infra/config/kafka-settings.js'
import type { ResolvedConfig } from '../infra/config/load-config.js'
import { KafkaTopicLog } from '../infra/kafka/kafka-topic-log.js'
import type { PartCare } from '../infra/process/lifecycle.js'
import type { Logger } from '../infra/process/logger.js'
import { connectRedis } from '../infra/redis/redis.js'
import type { FunctionDefinition } from '../processors/function.js'
import { detectFunction } from '../processors/functions/detect/detect.js'
import { membershipFunction } from '../processors/functions/membership.js'
import { valueReader } from '../processors/membership/membership-value.js'
import { Membership } from '../processors/membership/membership.js'
import { RedisStore } from '../processors/membership/redis-store.js'
import type { FunctionDependencies } from '../processors/runtime/function-config.js'
import { startFunction } from '../processors/runtime/start-function.js'
import { writingCodec } from './codec.js'
import type { FunctionName } from './function-names.js'
import { startMetrics } from './metrics.js'
import { startRules } from './rules.js'
import { tellWaitingCorrelations } from './waiting-correlations.js'

type Stand = FunctionDependencies

/** Settings and log of the program that runs the functions. */
interface FunctionsContext {
  readonly config: ResolvedConfig['config']
  readonly log: Logger
}

type FunctionMaker = (stand: Stand, context: FunctionsContext, care: PartCare) => Promise<FunctionDefinition>

const MAKERS: Readonly<Record<FunctionName, FunctionMaker>> = {
  membership: ({ codec }) => Promise.resolve(membershipFunction(codec)),
  detect: async ({ codec, metrics }, { config, log }, care) => {
    const rules = await startRules(config.rules, log, metrics, care)
    const { activeRules, waitingRules, quarantined } = rules.ruleSet
    log.info({ active: activeRules.length, notYet: waitingRules.length, quarantined: quarantined.length }, 'rules loaded')
    tellWaitingCorrelations(rules, log, metrics)
    return detectFunction({ codec, rules, pending: { deadlineMs: config.detect.factsDeadlineMs } })
  },
}

/** Starts the functions with what they stand on, and puts all of it under care. */
export async function startFunctions(names: readonly FunctionName[], context: FunctionsContext, care: PartCare): Promise<void> {
  const stand = await startStand(context, care)
  for (const name of names) {
    const definition = await MAKERS[name](stand, context, care)
    await care.start(name, () => startFunction(definition, stand))
    context.log.info({ function: name }, 'function started')
  }
}

async function startStand({ config, log }: FunctionsContext, care: PartCare): Promise<Stand> {
  const { metrics } = await startMetrics(config.metrics, log, care)
  const codec = await writingCodec(config.schemas, log, care.signal)
  const redis = connectRedis({ url: config.redis.url }, log)
  care.keep('Redis', async () => await redis.close())
  const topicLog = new KafkaTopicLog(kafkaConfigOf(config.kafka), log)
  care.keep('Kafka', async () => await topicLog.close())
  const nearCache = { maxEntries: config.detect.nearCacheEntries }
  const membership = new Membership(new RedisStore(redis), valueReader(codec), metrics, log, nearCache)
  return { log: topicLog, codec, membership, logger: log, metrics }
}
