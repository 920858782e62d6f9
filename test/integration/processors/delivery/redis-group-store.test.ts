import assert from 'node:assert/strict'
import { SILENT_LOGGER } from '../../../../infra/process/logger.js'
import { connectRedis, type RedisClient } from '../../../../infra/redis/redis.js'
import { RedisGroupStore } from '../../../../processors/delivery/grouping/redis-group-store.js'
import { describeGroupStore } from '../../../conformance/group-store.js'
import { sharedRedis } from '../../../support/services/services.js'

describe('groups in Redis', () => {
  let redis: RedisClient
  let opened = 0

  before(async () => {
    redis = connectRedis({ url: (await sharedRedis()).address }, SILENT_LOGGER)
    assert.equal(await redis.waitUntilReady(10_000), true)
  })
  after(() => redis.close())

  describeGroupStore((bounds) => new RedisGroupStore(redis, `{group-store-${String(process.pid)}-${String(++opened)}}:`, bounds))
})
