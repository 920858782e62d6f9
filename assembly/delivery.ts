// `eunomia deliver` with all that it needs: Kafka, Redis for the queues, sinks and routes. Loaded only when the command runs.
import { randomBytes } from 'node:crypto'
import { hostname } from 'node:os'
import type { Config } from '../infra/config/config-schema.js'
import { functionKafkaConfigOf } from '../infra/config/kafka-settings.js'
import type { ResolvedConfig } from '../infra/config/load-config.js'
import { KafkaTopicLog } from '../infra/kafka/kafka-topic-log.js'
import { EunomiaError, UsageError } from '../infra/process/errors.js'
import type { Metrics } from '../infra/process/metrics.js'
import type { Lifecycle } from '../infra/process/lifecycle.js'
import type { Logger } from '../infra/process/logger.js'
import { connectQueueRedis, connectRedis, type RedisClient } from '../infra/redis/redis.js'
import { nearestName } from '../infra/text/nearest.js'
import { pause } from '../infra/waiting/clock.js'
import { DeadLetterWriter } from '../processors/delivery/dead-letters.js'
import { RedisGroupStore } from '../processors/delivery/grouping/redis-group-store.js'
import { BullQueue } from '../processors/delivery/queue/bull-queue.js'
import type { Verdict } from '../processors/delivery/reader.js'
import type { PeopleState } from '../processors/delivery/routing/people-state.js'
import { Routes } from '../processors/delivery/routing/routes.js'
import {
  type DeliverySettings,
  deliveryFileOf,
  readDeliverySettings,
  type SinkSettings,
} from '../processors/delivery/settings/delivery-settings.js'
import { RedisSettlement } from '../processors/delivery/settlement/redis-settlement.js'
import { SinkStatusStore } from '../processors/delivery/sink-status.js'
import { startSink } from '../processors/delivery/start-sink.js'
import { Membership, valueReader } from '../processors/membership/membership.js'
import { MemoryStore } from '../processors/membership/memory-store.js'
import type { Alert } from '../schemas/generated/types.js'
import { writingCodec } from './codec.js'
import { startMetrics } from './metrics.js'
import { followPeople } from './people.js'

/** Settings and log of the program that delivers. */
export interface DeliveryContext {
  readonly config: Config
  readonly resolved: ResolvedConfig
  readonly log: Logger
}

/** The Redis of the queues may evict keys: alerts would vanish. */
export class QueueUnsafeError extends EunomiaError {
  static override readonly code = 'EUNOMIA_QUEUE_UNSAFE'
  static override readonly isUserMistake = true
}

const RETRY_MS = 2_000

/** The file with the sinks, and what it says. @throws ConfigError */
export async function deliverySettings({ config, resolved }: DeliveryContext): Promise<DeliverySettings> {
  return await readDeliverySettings(deliveryFileOf(config.deliver.file, resolved.file))
}

/** The sink of this name. @throws UsageError with the nearest name */
export function sinkNamed(settings: DeliverySettings, name: string): SinkSettings {
  const found = settings.sinks.find((sink) => sink.name === name)
  if (found !== undefined) return found
  const names = settings.sinks.map((sink) => sink.name)
  const near = nearestName(name, names)
  throw new UsageError(`there is no sink ${name}; ${near === undefined ? `the sinks are ${names.join(', ')}` : `did you mean ${near}?`}`)
}

/** Prefix of all keys of a sink; with a hash tag, so that a cluster has them on one node. */
export function sinkPrefixOf({ redis }: Config, sink: string): string {
  return `${redis.keyPrefix}eunomia:deliver:{${redis.keyPrefix}${sink}}`
}

/** The URL of the Redis with the queues. */
export function queueUrlOf({ deliver, redis }: Config): string {
  return deliver.redisUrl ?? redis.url
}

/** Starts the sinks. @param only the names of some; default all */
export async function startDelivery(context: DeliveryContext, only: readonly string[], lifecycle: Lifecycle): Promise<void> {
  const { config, log } = context
  const settings = await deliverySettings(context)
  const sinks = only.length === 0 ? settings.sinks : only.map((name) => sinkNamed(settings, name))
  const { metrics } = await startMetrics(config.metrics, log, lifecycle)
  const codec = await writingCodec(config.schemas, log, lifecycle.signal)
  const url = queueUrlOf(config)
  const redis = connectRedis({ url }, log)
  lifecycle.onStop('Redis', async () => await redis.close())
  await requireNoEviction(redis, lifecycle.signal)
  const topicLog = new KafkaTopicLog(functionKafkaConfigOf(config.kafka), log)
  lifecycle.onStop('Kafka', async () => await topicLog.close())
  const deadLetters = await DeadLetterWriter.open(topicLog, codec)
  lifecycle.onStop('dead letters', async () => await deadLetters.close())
  const routes = new Routes(
    settings.routing,
    settings.sinks.map(({ name }) => name),
  )
  const people = await lifecycle.start('people', () => followPeople(context, topicLog, codec))
  addPeopleMetrics(metrics, people.state)
  const judge = (alert: Alert, sink: string): Verdict => {
    if (!routes.includes(sink, alert)) return 'elsewhere'
    return people.state.silences.of(alert) === null ? 'send' : 'silenced'
  }
  // Delivery asks for no membership: an alert has the facts of its container.
  const membership = new Membership(new MemoryStore(), valueReader(codec), metrics, log)
  const instance = config.kafka.instanceId ?? `${hostname()}-${randomBytes(3).toString('hex')}`
  for (const sink of sinks) {
    await lifecycle.start(`sink ${sink.name}`, async () => {
      const connections = connectQueueRedis({ url })
      lifecycle.onStop(`queue ${sink.name}`, () => Promise.resolve(connections.close()))
      return await startSink(sink, {
        ...{ topicLog, codec, membership, log, metrics, deadLetters, instance, judge },
        backendOf: (name, accounts) => {
          const prefix = sinkPrefixOf(config, name)
          const queueConfig = { prefix, maxDead: config.deliver.maxDeadJobs, onDropped: () => accounts.deadDropped.add() }
          return {
            queue: new BullQueue(connections, queueConfig, log),
            store: new RedisSettlement(redis, prefix),
            groupsOf: (bounds) => {
              return new RedisGroupStore(redis, `${prefix}:groups:`, (partition) => `${prefix}:${String(partition)}:state`, bounds)
            },
            status: new SinkStatusStore(redis, prefix),
          }
        },
      })
    })
    log.info({ sink: sink.name, kind: sink.kind.kind }, 'sink started')
  }
}

/** What is not kept or used of what people have set. */
function addPeopleMetrics(metrics: Metrics, state: PeopleState): void {
  const count = (name: string, help: string, read: () => number): void => metrics.sampled('counter', name, help, [], () => [[[], read()]])
  count('eunomia_people_state_invalid_total', 'Records of eunomia.state.v1 that have no effect', () => state.invalid)
  count('eunomia_people_silences_forgotten_total', 'Silences that were not kept at their bound', () => state.silences.forgotten)
  count('eunomia_people_alert_states_forgotten_total', 'States of alerts that were not kept at their bound', () => state.forgottenAlerts)
}

/**
 * Waits for Redis, and checks that it evicts nothing.
 * @throws QueueUnsafeError
 */
export async function requireNoEviction(redis: RedisClient, signal: AbortSignal): Promise<void> {
  for (;;) {
    if (await redis.waitUntilReady(RETRY_MS)) break
    if (signal.aborted || !(await pause(0, signal))) return
  }
  const policy = await evictionPolicyOf(redis)
  if (policy !== 'noeviction') throw new QueueUnsafeError(`the Redis of the queues ${unsafeText(policy)}`)
}

/** What Redis removes when its memory is full, by its name for it. @throws RedisUnreachableError */
export async function evictionPolicyOf(redis: RedisClient): Promise<string> {
  const [info] = await redis.batch([['INFO', 'memory']])
  return /^maxmemory_policy:(\S+)/m.exec(String(info))?.[1] ?? 'unknown'
}

/** What is wrong with a policy, and what to do. */
export function unsafeText(policy: string): string {
  return `has maxmemory-policy ${policy}: it may remove alerts that wait. Set maxmemory-policy noeviction there, or name another Redis with deliver.redisUrl`
}
