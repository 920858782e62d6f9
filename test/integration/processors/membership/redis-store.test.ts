import assert from 'node:assert/strict'
import { setTimeout as delay } from 'node:timers/promises'
import { SILENT_LOGGER } from '../../../../infra/process/logger.js'
import { connectRedis, RedisUnreachableError, type RedisClient } from '../../../../infra/redis/redis.js'
import { isRetryable } from '../../../../infra/process/errors.js'
import { factsKey } from '../../../../processors/membership/membership-key.js'
import { MembershipRefusedError, RedisStore } from '../../../../processors/membership/redis-store.js'
import { describeMembershipStore } from '../../../conformance/membership-store.js'
import { sharedRedis } from '../../../support/services/services.js'
import { shortLived } from '../../../support/fakes/short-lived-kinds.js'

const KEY = factsKey({ hostId: 'h', bootId: 'b' }, 'c')

describe('Redis store of memberships', () => {
  let redis: RedisClient
  let opened = 0
  let url = ''
  const nextPrefix = (): string => `redis-store-test:${String(process.pid)}:${String(++opened)}:`

  before(async () => {
    url = (await sharedRedis()).address
    redis = connectRedis({ url }, SILENT_LOGGER)
    assert.equal(await redis.waitUntilReady(10_000), true)
  })
  after(() => redis.close())

  describeMembershipStore({
    open: (ttlMs) => new RedisStore(redis, { prefix: nextPrefix(), kinds: shortLived(ttlMs) }),
    // The life of a key is Redis' own: there is no state to wait for but time.
    pass: (ms) => delay(ms),
  })

  it('loads its script again after Redis flushed it', async () => {
    const store = new RedisStore(redis, { prefix: nextPrefix() })
    await store.write([{ key: KEY, bootTimeUs: 2, value: Buffer.from('two') }])
    await redis.batch([['SCRIPT', 'FLUSH']])
    await store.write([{ key: KEY, bootTimeUs: 1, value: Buffer.from('one') }])
    const [value] = await store.read([KEY])
    assert.equal(Buffer.from(value ?? []).toString(), 'one')
  })

  it('replaces a foreign value under its key', async () => {
    const prefix = nextPrefix()
    const store = new RedisStore(redis, { prefix })
    await redis.batch([['HSET', prefix + KEY.text, 'field', 'value']])
    await store.write([{ key: KEY, bootTimeUs: 1, value: Buffer.from('facts') }])
    const [value] = await store.read([KEY])
    assert.equal(Buffer.from(value ?? []).toString(), 'facts')
    await redis.batch([['SET', prefix + KEY.text, 'rubbish']])
    assert.deepEqual(await store.read([KEY]), [null])
  })

  it('fails with a retryable error when Redis refuses its commands', async () => {
    const admin = redis
    await admin.batch([['ACL', 'SETUSER', 'reader', 'on', '>secret', '~*', '+get', '+ping', '+info']])
    const limited = connectRedis({ url: url.replace('redis://', 'redis://reader:secret@') }, SILENT_LOGGER)
    try {
      assert.equal(await limited.waitUntilReady(10_000), true)
      const store = new RedisStore(limited, { prefix: nextPrefix() })
      await assert.rejects(store.write([{ key: KEY, bootTimeUs: 1, value: Buffer.from('x') }]), (error: unknown) => {
        assert.ok(error instanceof MembershipRefusedError)
        return isRetryable(error)
      })
    } finally {
      await limited.close()
      await admin.batch([['ACL', 'DELUSER', 'reader']])
    }
  })

  it('fails at once, with a retryable error, while Redis is unavailable', async () => {
    const nobody = connectRedis({ url: 'redis://127.0.0.1:1' }, SILENT_LOGGER)
    try {
      const store = new RedisStore(nobody)
      await assert.rejects(store.read([KEY]), RedisUnreachableError)
      await assert.rejects(store.write([{ key: KEY, bootTimeUs: 1, value: Buffer.from('x') }]), (error) => isRetryable(error))
    } finally {
      await nobody.close()
    }
  })
})
