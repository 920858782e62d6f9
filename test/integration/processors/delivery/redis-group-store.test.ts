import assert from 'node:assert/strict'
import { SILENT_LOGGER } from '../../../../infra/process/logger.js'
import { connectRedis, type RedisClient } from '../../../../infra/redis/redis.js'
import { RedisGroupStore } from '../../../../processors/delivery/grouping/redis-group-store.js'
import type { GroupBounds } from '../../../../processors/delivery/grouping/group-store.js'
import { describeGroupStore, groupedAlerts } from '../../../conformance/group-store.js'
import { sharedRedis } from '../../../support/services/services.js'

describe('groups in Redis', () => {
  let redis: RedisClient
  let opened = 0

  before(async () => {
    redis = connectRedis({ url: (await sharedRedis()).address }, SILENT_LOGGER)
    assert.equal(await redis.waitUntilReady(10_000), true)
  })
  after(() => redis.close())

  describeGroupStore((bounds) => storeOf(`{group-store-${String(process.pid)}-${String(++opened)}}:`, bounds))

  function storeOf(prefix: string, bounds?: Partial<GroupBounds>): RedisGroupStore {
    return new RedisGroupStore(redis, prefix, (partition) => `${prefix}${String(partition)}`, bounds)
  }

  it('count as changes of their partition, so that a Redis which loses its last writes is noticed', async () => {
    const prefix = `{group-store-${String(process.pid)}-${String(++opened)}}:`
    const store = storeOf(prefix)
    assert.equal((await store.add([groupedAlerts([1])], 1)).changes.count, 0, 'a partition without a state')
    assert.deepEqual(await redis.batch([['EXISTS', `${prefix}1`]]), [0])
    await redis.batch([['HSET', `${prefix}1`, 'generation', 41]])
    const two = [groupedAlerts([2]), groupedAlerts([3], { groupId: 'b'.repeat(32) })]
    assert.deepEqual((await store.add(two, 1)).changes, { last: 43, count: 2 })
  })
})
