import assert from 'node:assert/strict'
import { SILENT_LOGGER } from '../../../../infra/process/logger.js'
import { connectQueueRedis, connectRedis, type QueueConnections, type RedisClient } from '../../../../infra/redis/redis.js'
import { BullQueue } from '../../../../processors/delivery/queue/bull-queue.js'
import { RedisSettlement } from '../../../../processors/delivery/settlement/redis-settlement.js'
import type { InstanceReport } from '../../../../processors/delivery/delivery-metrics.js'
import { SinkStatusStore } from '../../../../processors/delivery/sink-status.js'
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

  it('forgets instances that ended long ago without a word', async () => {
    opened++
    const nowMs = Date.now()
    const report = (instance: string, agoMs: number): InstanceReport => ({ instance, breaker: 'closed', atMs: nowMs - agoMs })
    for (const [instance, agoMs] of [
      ['killed', 3 * 86_400_000],
      ['b', 3_600_000],
      ['a', 0],
    ] as const)
      await new SinkStatusStore(redis, prefix()).report(report(instance, agoMs), new Map([['delivered', 1]]))
    const [names] = await redis.batch([['HKEYS', `${prefix()}:instances`]])
    assert.deepEqual((names as readonly Buffer[]).map(String), ['b', 'a'])
    const status = await new SinkStatusStore(redis, prefix()).read(nowMs)
    assert.deepEqual([status.totals.delivered, status.instances.map(({ instance }) => instance)], [3, ['a']])
  })

  describeSettlementStore('a settlement store in Redis', {
    open: () => {
      opened++
      return new RedisSettlement(redis, prefix())
    },
    clear: async () => void (await redis.batch([['DEL', ...['state', 'claims', 'settled'].map((what) => `${prefix()}:3:${what}`)]])),
  })
})
