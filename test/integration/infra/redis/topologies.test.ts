// The Redis client and the membership store against a real cluster and real sentinels.
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { isRetryable } from '../../../../infra/process/errors.js'
import { SILENT_LOGGER } from '../../../../infra/process/logger.js'
import { connectQueueRedis, connectRedis, type QueueConnections, type RedisClient } from '../../../../infra/redis/redis.js'
import { BullQueue } from '../../../../processors/delivery/queue/bull-queue.js'
import { RedisSettlement } from '../../../../processors/delivery/settlement/redis-settlement.js'
import { cgroupKey } from '../../../../processors/membership/membership-key.js'
import { RedisStore } from '../../../../processors/membership/redis-store.js'
import { describeDeliveryQueue } from '../../../conformance/delivery-queue.js'
import { describeSettlementStore } from '../../../conformance/settlement-store.js'
import { describeMembershipStore } from '../../../conformance/membership-store.js'
import { shortLived } from '../../../support/fakes/short-lived-kinds.js'
import { RedisTopology } from '../../../support/services/redis-topologies.js'
import { waitFor } from '../../../support/wait-for.js'

describe('a Redis cluster', () => {
  let cluster: RedisTopology
  let redis: RedisClient
  let opened = 0
  const clusterUrl = (): string => `redis-cluster://${cluster.ports.map((port) => `127.0.0.1:${String(port)}`).join(',')}`

  before(async () => {
    cluster = await RedisTopology.cluster()
    redis = connectRedis({ url: clusterUrl() }, SILENT_LOGGER)
    assert.equal(await redis.waitUntilReady(10_000), true)
  })
  after(async () => {
    await redis.close()
    await cluster.close()
  })

  describeMembershipStore({
    open: (ttlMs) => new RedisStore(redis, { prefix: `tenant-${String(++opened)}:`, kinds: shortLived(ttlMs) }),
    pass: (ms) => delay(ms),
  })

  describe('for the queues of sinks', () => {
    let connections: QueueConnections
    const prefix = (): string => `deliver:{sink-${String(opened)}}`

    const open = (): BullQueue => {
      opened++
      return new BullQueue(connections, { prefix: prefix(), maxDead: 10, onDropped: () => undefined }, SILENT_LOGGER)
    }

    before(async () => {
      connections = connectQueueRedis({ url: clusterUrl() })
      await open().ready(10_000)
    })
    after(() => connections.close())

    describeDeliveryQueue('a queue in a cluster', open)
    describeSettlementStore('a settlement store in a cluster', {
      open: () => {
        opened++
        return new RedisSettlement(redis, prefix())
      },
      clear: async () => void (await redis.batch(['state', 'claims', 'settled'].map((what) => ['DEL', `${prefix()}:3:${what}`] as const))),
    })
  })

  it('stores the entries of many hosts on all of its nodes with one write and one read', async () => {
    const store = new RedisStore(redis, { prefix: 'many:' })
    const keys = Array.from({ length: 300 }, (_, index) => cgroupKey({ hostId: randomUUID(), bootId: randomUUID() }, String(index)))
    await store.write(keys.map((key, index) => ({ key, bootTimeUs: 1, value: Buffer.from(`container ${String(index)}`) })))
    const values = await store.read([...keys].reverse())
    assert.deepEqual(
      values.map((value) => Buffer.from(value ?? []).toString()).reverse(),
      keys.map((_, index) => `container ${String(index)}`),
    )
    for (const port of cluster.ports) assert.ok(Number(await cluster.call(port, 'DBSIZE')) > 30, `node ${String(port)} holds entries`)
  })

  describe('that loses a node', () => {
    it('fails with a retryable error', async () => {
      const [gone = 0] = cluster.ports
      await cluster.kill(gone)
      const store = new RedisStore(redis, { prefix: 'many:' })
      const keys = Array.from({ length: 100 }, (_, index) => cgroupKey({ hostId: randomUUID(), bootId: 'b' }, String(index)))
      await assert.rejects(store.read(keys), (error: unknown) => isRetryable(error))
    })
  })
})

describe('a Redis behind sentinels', () => {
  let servers: RedisTopology
  let redis: RedisClient

  before(async () => {
    servers = await RedisTopology.sentinel()
    redis = connectRedis({ url: `redis-sentinel://127.0.0.1:${String(servers.sentinelPort)}/main`, longestRetryMs: 200 }, SILENT_LOGGER)
    assert.equal(await redis.waitUntilReady(10_000), true)
  })
  after(async () => {
    await redis.close()
    await servers.close()
  })

  it('is found, also after a failover', async () => {
    await redis.batch([['SET', 'k', 'v']])
    const [master = 0, replica = 0] = servers.ports
    await waitFor('the copy', async () => (await servers.call(replica, 'GET', 'k')) === 'v')
    await servers.kill(master)
    await waitFor('a write to the new master', async () => {
      await redis.waitUntilReady(1_000)
      return await redis.batch([['SET', 'k', 'after']]).then(
        () => true,
        (error: unknown) => {
          assert.ok(isRetryable(error), String(error))
          return false
        },
      )
    })
    assert.equal(await servers.call(replica, 'GET', 'k'), 'after')
  })
})

describe('a server that becomes a replica', () => {
  it('is left for a new connection, because only that reaches the new master at the same address', async () => {
    const servers = await RedisTopology.sentinel()
    const [master = 0, replica = 0] = servers.ports
    const redis = connectRedis({ url: `redis://127.0.0.1:${String(master)}`, longestRetryMs: 100 }, SILENT_LOGGER)
    try {
      assert.equal(await redis.waitUntilReady(10_000), true)
      const idBefore = String((await redis.batch([['CLIENT', 'ID']]))[0])
      await servers.kill(servers.sentinelPort)
      await servers.call(master, 'REPLICAOF', '127.0.0.1', String(replica))
      await assert.rejects(redis.batch([['SET', 'k', 'v']]), (error: unknown) => isRetryable(error))
      await waitFor('another connection', async () => {
        const id = await redis.batch([['CLIENT', 'ID']]).catch(() => null)
        return id !== null && String(id[0]) !== idBefore
      })
    } finally {
      await redis.close()
      await servers.close()
    }
  })
})
