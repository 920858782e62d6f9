import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { KafkaTopicLog } from '../../../../infra/kafka/kafka-topic-log.js'
import type { Part } from '../../../../infra/process/lifecycle.js'
import type { LocalService } from '../../../../infra/local/local-service.js'
import { startRedis } from '../../../../infra/local/redis-service.js'
import { pause } from '../../../../infra/waiting/clock.js'
import { SILENT_LOGGER } from '../../../../infra/process/logger.js'
import { connectRedis } from '../../../../infra/redis/redis.js'
import { RedisStore } from '../../../../processors/membership/redis-store.js'
import { describeDetection } from '../../../conformance/detection.js'
import { Scene, type Ground } from '../../../support/load/detection-scene.js'
import { freshKafkaTopics } from '../../../support/services/kafka-log.js'
import { sharedKafka, sharedRedis, testServiceFolder } from '../../../support/services/services.js'
import { waitFor } from '../../../support/wait-for.js'

const HOSTS = 16
const CACHED_ID = 'a'.repeat(64)
const LATE_ID = 'b'.repeat(64)
let opened = 0

/** Halts and continues a Redis in turn. Its port takes connections all the time: no answer is a failure of every kind of read. */
async function flap(pid: number, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    process.kill(pid, 'SIGSTOP')
    await pause(2_500, signal)
    process.kill(pid, 'SIGCONT')
    await pause(1_500, signal)
  }
}

async function groundOver(redisUrl: string, partitions?: number): Promise<Ground> {
  const topicLog = new KafkaTopicLog(await freshKafkaTopics({}, partitions), SILENT_LOGGER)
  const redis = connectRedis({ url: redisUrl, longestRetryMs: 200 }, SILENT_LOGGER)
  await redis.waitUntilReady(10_000)
  const store = new RedisStore(redis, { prefix: `detection-test:${String(process.pid)}:${String(++opened)}:` })
  return {
    topicLog,
    store,
    close: async () => {
      await topicLog.close()
      await redis.close()
    },
  }
}

describe('detection over Kafka and Redis', () => {
  before(() => Promise.all([sharedKafka(), sharedRedis()]))

  describeDetection({ open: async () => groundOver((await sharedRedis()).address) })

  describe('with a Redis that stops and starts again', () => {
    let redis: LocalService
    let scene: Scene
    let stateFolder: string
    let parts: Part[]

    beforeEach(async () => {
      stateFolder = `${await testServiceFolder('lame-redis')}/redis`
      redis = await startRedis({ stateFolder }, SILENT_LOGGER)
      scene = await Scene.open(await groundOver(redis.address))
      parts = [await scene.membership({ backoff: { maxMs: 200 } }), await scene.detect({ deadlineMs: 3_000 })]
    })
    afterEach(async () => {
      for (const part of parts) await part.stop('test ends')
      await scene.close()
      await redis.stop()
    })

    it('emits alerts of known containers, delays the others past their deadline, and loses none', async () => {
      scene.publish('container', scene.factsEvent(CACHED_ID, 'cached'))
      await scene.knows(CACHED_ID)
      scene.publish('file', scene.readInContainer(CACHED_ID, { seq: 1 }))
      await scene.alerts(1)

      await redis.stop()
      for (let seq = 2; seq <= 50; seq++) scene.publish('file', scene.readInContainer(CACHED_ID, { seq }))
      for (let seq = 51; seq <= 60; seq++) scene.publish('file', scene.readInContainer(LATE_ID, { seq }))
      scene.publish('container', scene.factsEvent(LATE_ID, 'late'))
      await scene.alerts(50)
      await scene.pendingSeen(10)
      // Beyond the deadline: none of the ten has become an alert, and none is written again while nothing can be known.
      const written = scene.seen.pending.length
      await waitFor('the time after the deadlines', () =>
        scene.seen.pending.every(({ deadlineUs }) => deadlineUs < (Date.now() - 1_000) * 1_000),
      )
      assert.equal(scene.seen.pending.length, written)
      assert.equal(scene.seen.alerts.length, 50)

      redis = await startRedis({ stateFolder }, SILENT_LOGGER)
      const alerts = await scene.alerts(60)
      await scene.nothingPending()
      assert.deepEqual(
        alerts.map(({ origin }) => origin.seq).sort((a, b) => a - b),
        Array.from({ length: 60 }, (_, index) => index + 1),
      )
      assert.deepEqual(
        alerts.filter(({ containerId }) => containerId === LATE_ID).map(({ facts, container }) => [facts, container?.name]),
        Array.from({ length: 10 }, () => ['complete', 'late']),
      )
    })
  })

  describe('with a Redis that is available now and then', () => {
    it('writes pending events a bounded number of times, and decides all of them by the longest wait', async () => {
      const stateFolder = `${await testServiceFolder('flapping-redis')}/redis`
      const redis = await startRedis({ stateFolder }, SILENT_LOGGER)
      const scene = await Scene.open(await groundOver(redis.address))
      const longestWaitMs = 20_000
      // Longer than Redis ever answers here: by its answers alone no event would ever be decided.
      const detect = await scene.detect({ deadlineMs: 3_000, longestWaitMs })
      const isOver = new AbortController()
      const flapping = flap(redis.pid, isOver.signal)
      try {
        const count = 200
        for (let seq = 1; seq <= count; seq++) scene.publish('file', scene.readInContainer(LATE_ID, { seq }))
        await waitFor('all alerts', () => scene.seen.alerts.length >= count, {
          progress: () => scene.seen.pending.length + scene.seen.alerts.length,
        })
        assert.deepEqual(new Set(scene.seen.alerts.map(({ facts }) => facts)), new Set(['absent']))
        const perEvent = scene.seen.pending.length / count
        assert.ok(perEvent < 150, `${String(perEvent)} writes of each event`)
      } finally {
        isOver.abort()
        await flapping
        await detect.stop('test ends')
        await scene.close()
        await redis.stop()
      }
    })
  })

  describe('with several instances', () => {
    it('emits every alert once while instances start and stop', async () => {
      const scene = await Scene.open(await groundOver((await sharedRedis()).address, 4))
      const running: Part[] = []
      try {
        const count = 2_000
        const hostIds = Array.from({ length: HOSTS }, () => randomUUID())
        let seq = 0
        const publishSome = (): void => {
          for (let end = Math.min(seq + 400, count); seq < end;)
            scene.publish('file', scene.readOnHost({ seq: ++seq, hostId: hostIds[seq % hostIds.length] ?? '' }))
        }
        publishSome()
        running.push(await scene.detect({}, { maxBatchBytes: 64 * 1024 }))
        await scene.alerts(50)
        publishSome()
        running.push(await scene.detect({}, { maxBatchBytes: 64 * 1024 }))
        publishSome()
        await scene.alerts(500)
        await running.shift()?.stop('goes')
        publishSome()
        running.push(await scene.detect())
        publishSome()
        const alerts = await scene.alerts(count)
        assert.deepEqual(
          alerts.map(({ origin }) => origin.seq).sort((a, b) => a - b),
          Array.from({ length: count }, (_, index) => index + 1),
        )
        assert.equal(new Set(alerts.map(({ alertId }) => alertId)).size, count)
      } finally {
        for (const part of running) await part.stop('test ends')
        await scene.close()
      }
    })
  })
})
