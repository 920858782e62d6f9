import { SILENT_LOGGER } from '../../../../infra/process/logger.js'
import { connectQueueRedis, connectRedis, type QueueConnections, type RedisClient } from '../../../../infra/redis/redis.js'
import { BullQueue } from '../../../../processors/delivery/queue/bull-queue.js'
import { RedisSettlement } from '../../../../processors/delivery/settlement/redis-settlement.js'
import { describeDeliveryQueue } from '../../../conformance/delivery-queue.js'
import { describeSettlementStore } from '../../../conformance/settlement-store.js'
import { sharedRedis } from '../../../support/services/services.js'

describe('over a real Redis', () => {
  let redis: RedisClient
  let connections: QueueConnections
  let opened = 0
  const prefix = (): string => `settlement-test:{${String(process.pid)}-${String(opened)}}`

  before(async () => {
    redis = connectRedis({ url: (await sharedRedis()).address }, SILENT_LOGGER)
    connections = connectQueueRedis({ url: (await sharedRedis()).address })
    await redis.waitUntilReady(10_000)
  })
  after(async () => {
    connections.close()
    await redis.close()
  })

  describeDeliveryQueue('a queue in Redis', () => {
    opened++
    return new BullQueue(connections, { prefix: prefix(), maxDead: 10, onDropped: () => undefined }, SILENT_LOGGER)
  })

  describeSettlementStore('a settlement store in Redis', {
    open: () => {
      opened++
      return new RedisSettlement(redis, prefix())
    },
    clear: async () => void (await redis.batch([['DEL', ...['state', 'claims', 'settled'].map((what) => `${prefix()}:3:${what}`)]])),
  })
})
