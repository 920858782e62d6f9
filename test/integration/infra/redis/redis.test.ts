// The Redis client against a real Redis, also while it is unavailable.
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { startRedis } from '../../../../infra/local/redis-service.js'
import type { LocalService } from '../../../../infra/local/local-service.js'
import { SILENT_LOGGER, type Logger } from '../../../../infra/process/logger.js'
import { connectRedis, RedisRefusedError, RedisUnreachableError, type RedisClient } from '../../../../infra/redis/redis.js'
import { testServiceFolder } from '../../../support/services/services.js'

describe('infra/redis', () => {
  let service: LocalService
  let redis: RedisClient
  let stateFolder: string
  const lines: string[] = []
  const log: Logger = { ...SILENT_LOGGER, warn: (_, message) => lines.push(message), info: (_, message) => lines.push(message) }

  before(async () => {
    stateFolder = join(await testServiceFolder('redis'), 'redis')
    service = await startRedis({ stateFolder }, SILENT_LOGGER)
    redis = connectRedis({ url: service.address, longestRetryMs: 100, commandTimeoutMs: 1_000 }, log)
    assert.equal(await redis.waitUntilReady(10_000), true)
  })
  after(async () => {
    await redis.close()
  })

  it('answers a batch in the order of its commands, with strings as bytes', async () => {
    const bytes = Buffer.from([0, 255, 128, 10])
    assert.deepEqual(
      await redis.batch([
        ['SET', 'a', bytes],
        ['GET', 'a'],
        ['INCR', 'n'],
        ['LRANGE', 'none', 0, -1],
      ]),
      [Buffer.from('OK'), bytes, 1, []],
    )
  })

  it('returns null for absent keys', async () => {
    await redis.batch([['SET', 'there', 'yes']])
    assert.deepEqual(await redis.getMany(['missing', 'there', 'missing']), [null, Buffer.from('yes'), null])
    assert.deepEqual(await redis.getMany([]), [])
  })

  it('returns null for a key of another type, and answers the rest of the batch', async () => {
    await redis.batch([
      ['SET', 'text', 'x'],
      ['DEL', 'hash'],
      ['HSET', 'hash', 'field', 'value'],
    ])
    assert.deepEqual(await redis.getMany(['text', 'hash', 'text']), [Buffer.from('x'), null, Buffer.from('x')])
  })

  it('runs a script once per call, in order, and loads it again after Redis flushed it', async () => {
    const script = redis.script("return redis.call('RPUSH', KEYS[1], ARGV[1])")
    const call = (value: string) => ({ keys: ['list'], args: [value] })
    assert.deepEqual(await script.run([call('a'), call('b')]), [1, 2])
    await redis.batch([['SCRIPT', 'FLUSH', 'SYNC']])
    assert.deepEqual(await script.run([call('c'), call('d')]), [3, 4])
    assert.deepEqual(await redis.batch([['LRANGE', 'list', 0, -1]]), [['a', 'b', 'c', 'd'].map((text) => Buffer.from(text))])
  })

  it('distinguishes a wrong command from an unavailable Redis', async () => {
    await redis.batch([['SET', 'text', 'x']])
    await assert.rejects(
      redis.batch([['LPUSH', 'text', 'y']]),
      (error: unknown) => error instanceof RedisRefusedError && !error.isRetryable,
    )
    await assert.rejects(redis.script('this is no Lua').run([{ keys: [], args: [] }]), RedisRefusedError)
  })

  it('fails at once while Redis is unavailable, logs it once, and works again when it is back', async () => {
    lines.length = 0
    await service.kill9()
    const failure = async () =>
      await redis.getMany(['there']).then(
        () => undefined,
        (error: unknown) => error,
      )
    let error = await failure()
    while (error === undefined) error = await failure()
    assert.ok(error instanceof RedisUnreachableError)
    assert.equal(error.isRetryable, true)
    assert.match(error.message, new RegExp(service.address.slice('redis://'.length)))
    service = await startRedis({ stateFolder }, SILENT_LOGGER)
    assert.equal(await redis.waitUntilReady(10_000), true)
    assert.deepEqual(await redis.getMany(['there']), [Buffer.from('yes')])
    assert.deepEqual(lines, ['Redis is unavailable, reconnecting', 'Redis is back'])
  })

  it('gives up on a hanging Redis after the time limit', async () => {
    process.kill(service.pid, 'SIGSTOP')
    try {
      await assert.rejects(redis.ping(), RedisUnreachableError)
    } finally {
      process.kill(service.pid, 'SIGCONT')
    }
    assert.ok((await redis.ping()) >= 0)
  })

  it('can be ended twice, and refuses work afterwards', async () => {
    const other = connectRedis({ url: service.address }, SILENT_LOGGER)
    await other.waitUntilReady(5_000)
    await other.close()
    await other.close()
    await assert.rejects(other.ping(), RedisUnreachableError)
  })
})
