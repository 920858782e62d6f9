// Functions are killed with -9 in the middle of their work, with and without a second instance: the same alerts come as if nothing
// had happened, none missing, none twice.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { type KafkaConfig, topicNameOf } from '../../../infra/kafka/kafka-config.js'
import { alertedOf, expectedAlerts, LOAD_RULES, startOpenLoad } from '../../support/system/container-load.js'
import { useDocker } from '../../support/services/docker.js'
import type { EunomiaProcess } from '../../support/system/eunomia-process.js'
import { freshKafkaTopics } from '../../support/services/kafka-log.js'
import { sharedRedis } from '../../support/services/services.js'
import { TestSystem } from '../../support/system/test-system.js'
import { Workloads } from '../../e2e/native/workload.js'

const SIZE = { opens: 3, pauseUs: 8000 }
/** After a kill no alert comes until the session of the dead member has ended, and its transaction: 6 s. A busy machine takes several times as long. */
const TAKEOVER = { quietMs: 90_000 }

describe('the system while its functions are killed', () => {
  const docker = useDocker()
  const workloads = new Workloads()
  let kafka: KafkaConfig
  let system: TestSystem

  before(async () => {
    kafka = await freshKafkaTopics()
    system = new TestSystem({ kafka, redisUrl: (await sharedRedis()).address, rules: LOAD_RULES })
  })
  after(async () => {
    await system.close()
    workloads.close()
  })

  it('emits each alert once, with the same id as before the kill', async () => {
    const collector = await system.collect('--docker-socket', docker().socketPath)
    const alerts = system.start('alerts', '--since', '1h', '--format', 'json')
    const moreAlerts = async (): Promise<void> => {
      const before = alerts.records().length
      await alerts.until('more alerts', () => alerts.records().length > before + 10, TAKEOVER)
    }
    const killAll = async (instances: readonly EunomiaProcess[]): Promise<void> => {
      await Promise.all(instances.map((instance) => instance.kill()))
    }

    const first = await system.functions()
    const load = await startOpenLoad(docker(), workloads, 'functions-load', SIZE)
    await moreAlerts()
    const second = await system.functions()
    await first.kill()
    await moreAlerts()
    const third = await system.functions()
    await moreAlerts()
    await killAll([second, third])
    const last = await system.functions()

    const expected = expectedAlerts(await load.end(), 'functions-load')
    await alerts.until('all alerts', () => alerts.records().length >= expected.length, TAKEOVER)
    assert.equal(await collector.end('SIGTERM'), 0, collector.stderr)
    assert.equal(await last.end('SIGTERM'), 0, last.stderr)

    const records = await system.records()
    const ids = records.alerts.map(({ alertId }) => alertId)
    const twice = records.alerts.filter(({ alertId }, index) => ids.indexOf(alertId) !== index)
    assert.deepEqual(
      twice.map(({ alertId, facts, origin }) => ({ alertId, facts, origin })),
      [],
      'an alert id is there twice',
    )
    assert.deepEqual(alertedOf(records, load.containerId), expected)
    assert.deepEqual([...everWritten(kafka)].sort(), ids.sort())
    assert.deepEqual(records.deadletter, [])
  })
})

/** Ids of all alerts in the topic, those of transactions that a kill cut short included, as kcat reads them. */
function everWritten(kafka: KafkaConfig): Set<string> {
  const args = [
    '-C',
    '-e',
    '-q',
    '-b',
    kafka.brokers.join(','),
    '-t',
    topicNameOf(kafka, 'alerts'),
    '-f',
    '%s',
    '-X',
    'isolation.level=read_uncommitted',
  ]
  const { stdout, stderr, status } = spawnSync('kcat', args, { encoding: 'latin1', maxBuffer: 1 << 28 })
  assert.equal(status, 0, stderr)
  // Magic 0, four bytes of the schema id, and the id: 32 characters, of which Avro writes the length as 64.
  return new Set([...stdout.matchAll(/\0[^]{4}@([0-9a-f]{32})/g)].map(([, id = '']) => id))
}
