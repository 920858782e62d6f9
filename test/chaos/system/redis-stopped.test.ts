// Redis goes while alerts are due in containers and comes back: alerts of known containers go on, those of new ones wait, none is lost, and each
// names its container in the end.
import assert from 'node:assert/strict'
import { join } from 'node:path'
import type { LocalService } from '../../../infra/local/local-service.js'
import { startRedis } from '../../../infra/local/redis-service.js'
import { SILENT_LOGGER } from '../../../infra/process/logger.js'
import type { KafkaConfig } from '../../../infra/kafka/kafka-config.js'
import type { Alert } from '../../../schemas/generated/types.js'
import { alertedOf, expectedAlerts, LOAD_RULES, startLoad, startOpenLoad, truthOf } from '../../support/system/container-load.js'
import { useDocker } from '../../support/services/docker.js'
import { FollowedTopic } from '../../support/system/followed-topic.js'
import { freshKafkaTopics } from '../../support/services/kafka-log.js'
import { testServiceFolder } from '../../support/services/services.js'
import { TestSystem } from '../../support/system/test-system.js'
import { waitFor } from '../../support/wait-for.js'
import { Workloads } from '../../e2e/native/workload.js'

/** Goes on until the others are seen. */
const KNOWN = 'known-load'
const KNOWN_SIZE = { opens: 1, pauseUs: 8000 }
const LOADS = {
  'new-load': { rounds: 31, opens: 2, pauseUs: 1000 },
  'brief-load': { rounds: 1, opens: 1, pauseUs: 0 },
} as const
const DEADLINE_MS = 3_000

describe('the system while Redis is stopped', () => {
  const docker = useDocker()
  const workloads = new Workloads()
  let kafka: KafkaConfig
  let redis: LocalService
  let stateFolder = ''
  let system: TestSystem
  let pending: FollowedTopic<'pending'>

  before(async () => {
    stateFolder = join(await testServiceFolder('stopped-redis'), 'redis')
    redis = await startRedis({ stateFolder }, SILENT_LOGGER)
    kafka = await freshKafkaTopics()
    system = new TestSystem({
      kafka,
      redisUrl: redis.address,
      rules: LOAD_RULES,
      environment: { EUNOMIA_DETECT_FACTS_DEADLINE_MS: String(DEADLINE_MS) },
    })
    pending = await FollowedTopic.open(kafka, 'pending')
  })
  after(async () => {
    await pending.close()
    await system.close()
    await redis.stop()
    workloads.close()
  })

  it('continues for known containers, delays the others, and loses no alert', async () => {
    const collector = await system.collect('--docker-socket', docker().socketPath)
    const functions = await system.functions()
    const alerts = system.start('alerts', '--since', '1h', '--format', 'json')
    const ids = new Map<string, string>()
    const start = async (name: keyof typeof LOADS): Promise<void> => {
      ids.set(name, await startLoad(docker(), workloads, name, LOADS[name]))
    }
    const countOf = (name: string): number => alerts.records<Alert>().filter(({ containerId }) => containerId === ids.get(name)).length

    const known = await startOpenLoad(docker(), workloads, KNOWN, KNOWN_SIZE)
    ids.set(KNOWN, known.containerId)
    await alerts.until('alerts of the first load', () => countOf(KNOWN) > 10)
    await redis.stop()
    const before = countOf(KNOWN)
    await start('new-load')
    await start('brief-load')
    await alerts.until('alerts of the first load without Redis', () => countOf(KNOWN) > before + 20)
    await waitFor(
      'events of both new containers that wait after their deadline',
      () =>
        ['new-load', 'brief-load'].every((name) => pending.records.some((event) => isLate(event) && event.containerId === ids.get(name))),
      { progress: () => pending.records.length },
    )
    assert.equal(countOf('new-load') + countOf('brief-load'), 0, 'an alert was given without facts while Redis was away')
    redis = await startRedis({ stateFolder }, SILENT_LOGGER)

    const expected = new Map(Object.entries(LOADS).map(([name, size]) => [name, expectedAlerts(truthOf(size), name)]))
    expected.set(KNOWN, expectedAlerts(await known.end(), KNOWN))
    await alerts.until('all alerts', () => [...expected].every(([name, list]) => countOf(name) >= list.length))
    assert.equal(await collector.end('SIGTERM'), 0, collector.stderr)
    assert.equal(await functions.end('SIGTERM'), 0, functions.stderr)

    const records = await system.records()
    for (const [name, list] of expected) assert.deepEqual(alertedOf(records, ids.get(name) ?? ''), list)
    assert.deepEqual(records.deadletter, [])
  })
})

/** It waits, though its deadline is over: an event is written once while Redis is away. */
function isLate({ deadlineUs }: { readonly deadlineUs: number }): boolean {
  return deadlineUs < Date.now() * 1000
}
