// The local stack across commands: every call finds running services only by the state folder, like separate processes.
import assert from 'node:assert/strict'
import { createServer } from 'node:net'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import { PortInUseError, StackFailedError, StateFolderError } from '../../../../infra/process/errors.js'
import { createTopics } from '../../../../infra/kafka/admin.js'
import type { KafkaConfig } from '../../../../infra/kafka/kafka-config.js'
import { KafkaTopicLog } from '../../../../infra/kafka/kafka-topic-log.js'
import { startRedis } from '../../../../infra/local/redis-service.js'
import { stackDown, stackStatus, stackUp } from '../../../../infra/local/stack.js'
import { SILENT_LOGGER } from '../../../../infra/process/logger.js'
import { appendNumbers, compareNumbers, numbersIn } from '../../../support/load/numbered-load.js'
import { testServiceFolder } from '../../../support/services/services.js'
import { waitFor } from '../../../support/wait-for.js'

describe('infra/local stack', () => {
  it('starts Kafka and Redis, finds them again, and stops them', async () => {
    const stateFolder = await testServiceFolder('stack')
    const started = await stackUp({ stateFolder }, SILENT_LOGGER)
    assert.deepEqual(started.map((service) => service.name).sort(), ['kafka', 'redis'])

    const again = await stackUp({ stateFolder }, SILENT_LOGGER)
    assert.deepEqual(
      again.map((service) => service.pid),
      started.map((service) => service.pid),
    )

    const status = await stackStatus(stateFolder)
    assert.deepEqual(
      status.map((line) => [line.name, line.pid !== null, line.address !== null]),
      [
        ['kafka', true, true],
        ['redis', true, true],
        ['registry', false, false],
      ],
    )
    assert.deepEqual(await stackDown(stateFolder), ['kafka', 'redis'])
    assert.ok((await stackStatus(stateFolder)).every((line) => line.pid === null))
  })

  it('keeps data and address of Redis after a stop, and after a kill that left its state in place', async () => {
    const stateFolder = join(await testServiceFolder('kept'), 'redis')
    const first = await startRedis({ stateFolder }, SILENT_LOGGER)
    await withRedis(first.address, async (redis) => await redis.set('kept', 'yes'))
    await first.stop()
    const second = await startRedis({ stateFolder }, SILENT_LOGGER)
    assert.equal(second.address, first.address)
    assert.equal(await withRedis(second.address, async (redis) => await redis.get('kept')), 'yes')
    await second.kill9()
    const third = await startRedis({ stateFolder }, SILENT_LOGGER)
    assert.equal(third.address, first.address)
    assert.notEqual(third.pid, second.pid)
    assert.equal(await withRedis(third.address, async (redis) => await redis.get('kept')), 'yes')
    await third.stop()
  })

  it('keeps records and address of Kafka after a stop, and after a kill of everything', async () => {
    const stateFolder = await testServiceFolder('kept-kafka')
    const up = async (): Promise<KafkaConfig> => {
      const [kafka] = await stackUp({ stateFolder, services: ['kafka'] }, SILENT_LOGGER)
      assert.ok(kafka)
      return { brokers: [kafka.address] }
    }
    const config = await up()
    await createTopics(config, { partitions: 2 }, SILENT_LOGGER)
    const log = new KafkaTopicLog(config, SILENT_LOGGER)
    const ignore = (): void => undefined
    const publisher = await log.appender(ignore, ignore)
    appendNumbers(publisher, 'process', 1, 100)
    await log.close()
    await stackDown(stateFolder)
    assert.deepEqual(await up(), config)
    const [status] = await stackStatus(stateFolder)
    process.kill(status?.pid ?? NaN, 'SIGKILL')
    await waitFor('its end', async () => (await stackStatus(stateFolder))[0]?.pid === null)
    assert.deepEqual(await up(), config)
    assert.deepEqual(compareNumbers(await numbersIn(config, 'process', 100), 100), { missing: 0, repeated: 0, isOrdered: true })
    assert.deepEqual(await stackDown(stateFolder), ['kafka'])
  })

  it('does not touch a process that only has the pid of a remembered service', async () => {
    const folder = await testServiceFolder('stale')
    const redis = await startRedis({ stateFolder: join(folder, 'redis') }, SILENT_LOGGER)
    await redis.stop()
    const file = join(folder, 'redis', 'service.json')
    const state = JSON.parse(await readFile(file, 'utf8')) as { ports: unknown }
    const bootId = (await readFile('/proc/sys/kernel/random/boot_id', 'utf8')).trim()
    await writeFile(file, JSON.stringify({ ...state, process: { pid: process.pid, bootId, startTicks: '1' } }))
    assert.deepEqual(await stackDown(folder), [])
  })

  it('names the port that is in use', async () => {
    const stateFolder = join(await testServiceFolder('taken'), 'redis')
    const server = createServer()
    const port = await new Promise<number>((resolve) => {
      server.listen(0, '127.0.0.1', () => resolve((server.address() as { port: number }).port))
    })
    try {
      await assert.rejects(startRedis({ stateFolder, port }, SILENT_LOGGER), (error: unknown) => {
        assert.ok(error instanceof PortInUseError)
        assert.match(error.message, new RegExp(`port ${String(port)} \\(redis\\) is in use`))
        return true
      })
    } finally {
      server.close()
    }
  })

  it('shows the last log lines of a service that cannot start', async () => {
    const stateFolder = join(await testServiceFolder('broken'), 'redis')
    const redis = await startRedis({ stateFolder }, SILENT_LOGGER)
    await redis.stop()
    await writeFile(join(stateFolder, 'appendonlydir', 'appendonly.aof.manifest'), 'not a manifest\n')
    await assert.rejects(startRedis({ stateFolder }, SILENT_LOGGER), (error: unknown) => {
      assert.ok(error instanceof StackFailedError)
      assert.match(error.message, /ended while it started/)
      assert.match(error.message, /manifest/)
      return true
    })
  })

  it('names a state folder that cannot be created', async () => {
    const file = join(await testServiceFolder('file'), 'plain')
    await writeFile(file, '')
    await assert.rejects(startRedis({ stateFolder: join(file, 'redis') }, SILENT_LOGGER), StateFolderError)
  })
})

async function withRedis<T>(address: string, action: (redis: Redis) => Promise<T>): Promise<T> {
  const redis = new Redis(address)
  try {
    return await action(redis)
  } finally {
    redis.disconnect()
  }
}
