// What `eunomia deliver status` and `dead` read: the queues and totals in Redis, and the lag of the groups in Kafka. They deliver nothing.
import { kafkaConfigOf } from '../infra/config/kafka-settings.js'
import { groupLag } from '../infra/kafka/admin.js'
import { connectQueueRedis, connectRedis, RedisUnreachableError } from '../infra/redis/redis.js'
import type { SinkAccounts } from '../processors/delivery/delivery-metrics.js'
import { BullQueue } from '../processors/delivery/queue/bull-queue.js'
import { readerNameOf } from '../processors/delivery/reader.js'
import { SinkStatusStore } from '../processors/delivery/sink-status.js'
import { groupOf } from '../processors/runtime/start-function.js'
import { deliverySettings, type DeliveryContext, queueUrlOf, sinkPrefixOf } from './delivery.js'

/** One sink over all instances. */
export interface StatusRow extends Readonly<
  Record<keyof Pick<SinkAccounts, 'delivered' | 'refused' | 'retried' | 'silenced' | 'elsewhere'>, number>
> {
  readonly sink: string
  readonly kind: string
  readonly state: 'running' | 'unavailable' | 'stopped'
  readonly instances: number
  /** Alerts that are not settled; null when Kafka does not say. */
  readonly lag: number | null
  /** Jobs in the queue: batches of alerts. */
  readonly waiting: number
  readonly delayed: number
  readonly dead: number
}

const CONNECT_MS = 5_000

/** Reads the status of all sinks. @throws RedisUnreachableError, KafkaUnreachableError */
export async function readStatus(context: DeliveryContext): Promise<StatusRow[]> {
  const { config, log } = context
  const { sinks } = await deliverySettings(context)
  const redis = connectRedis({ url: queueUrlOf(config) }, log)
  try {
    if (!(await redis.waitUntilReady(CONNECT_MS))) throw new RedisUnreachableError(`Redis does not answer within ${String(CONNECT_MS)} ms`)
    return await Promise.all(
      sinks.map(async ({ name, kind }) => {
        const { totals, instances } = await new SinkStatusStore(redis, sinkPrefixOf(config, name)).read()
        const lags = await groupLag(kafkaConfigOf(config.kafka), groupOf(readerNameOf(name)), ['alerts'], log)
        const { waiting, delayed, dead } = await withQueue(context, name, async (queue) => await queue.counts())
        const isAway = instances.length > 0 && instances.every(({ breaker }) => breaker !== 'closed')
        return {
          ...{ sink: name, kind: kind.kind, instances: instances.length, ...totals, waiting, delayed, dead },
          state: instances.length === 0 ? ('stopped' as const) : isAway ? ('unavailable' as const) : ('running' as const),
          lag: lags.reduce((sum, { lag }) => sum + lag, 0),
        }
      }),
    )
  } finally {
    await redis.close()
  }
}

/** Opens the queue of a sink, without taking jobs. @throws RedisUnreachableError */
export async function withQueue<Value>(
  { config, log }: DeliveryContext,
  sink: string,
  action: (queue: BullQueue) => Promise<Value>,
): Promise<Value> {
  const connections = connectQueueRedis({ url: queueUrlOf(config) })
  const queueConfig = { prefix: sinkPrefixOf(config, sink), maxDead: config.deliver.maxDeadJobs, onDropped: () => undefined }
  const queue = new BullQueue(connections, queueConfig, log)
  try {
    await queue.ready(CONNECT_MS)
    return await action(queue)
  } finally {
    await queue.close()
    connections.close()
  }
}
