import { SILENT_LOGGER } from '../../../../infra/process/logger.js'
import { connectRedis, type RedisClient } from '../../../../infra/redis/redis.js'
import { RedisSettlement } from '../../../../processors/delivery/settlement/redis-settlement.js'
import { describeSettlementStore } from '../../../conformance/settlement-store.js'
import { sharedRedis } from '../../../support/services/services.js'

describe('over a real Redis', () => {
  let redis: RedisClient
  let opened = 0
  const prefix = (): string => `settlement-test:{${String(process.pid)}-${String(opened)}}`

  before(async () => {
    redis = connectRedis({ url: (await sharedRedis()).address }, SILENT_LOGGER)
    await redis.waitUntilReady(10_000)
  })
  after(() => redis.close())

  describeSettlementStore('a settlement store in Redis', {
    open: () => {
      opened++
      return new RedisSettlement(redis, prefix())
    },
    clear: async () => void (await redis.batch([['DEL', ...['state', 'claims', 'settled'].map((what) => `${prefix()}:3:${what}`)]])),
  })
})
