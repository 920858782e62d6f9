// A fleet with a real schema registry: schemas registered from the command line, and records of real events framed with the registry's ids.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startRegistry } from '../../../infra/local/registry-service.js'
import type { KafkaConfig } from '../../../infra/kafka/kafka-config.js'
import { KafkaTopicLog } from '../../../infra/kafka/kafka-topic-log.js'
import { SILENT_LOGGER } from '../../../infra/process/logger.js'
import { TOPIC_KEYS } from '../../../infra/topic-log/topics.js'
import type { Alert } from '../../../schemas/generated/types.js'
import { readSchemaId } from '../../../schemas/wire-format.js'
import { valuesOf } from '../../support/system/asked-command.js'
import { type EndedCommand, runInHost } from '../../support/system/command-host.js'
import { EunomiaProcess } from '../../support/system/eunomia-process.js'
import { freshKafkaTopics } from '../../support/services/kafka-log.js'
import { metricsPage } from '../../support/system/metrics-page.js'
import { sharedRedis, testServiceFolder } from '../../support/services/services.js'
import { waitFor } from '../../support/wait-for.js'

const RULE = 'Marker read'

describe('a fleet with a schema registry', () => {
  let folder = ''
  let kafka: KafkaConfig
  let environment: Record<string, string> = {}
  const running: EunomiaProcess[] = []

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'eunomia-registry-'))
    // One of its own: the shared one may have our subjects already.
    const registry = await startRegistry({ stateFolder: join(await testServiceFolder('fleet-registry'), 'registry') }, SILENT_LOGGER)
    kafka = await freshKafkaTopics()
    environment = {
      EUNOMIA_STATE_FOLDER: join(folder, 'state'),
      EUNOMIA_KAFKA_BROKERS: kafka.brokers.join(','),
      EUNOMIA_KAFKA_TOPIC_PREFIX: kafka.topicPrefix ?? '',
      EUNOMIA_REDIS_URL: (await sharedRedis()).address,
      EUNOMIA_SCHEMAS_REGISTRY_URL: registry.address,
    }
  })
  after(async () => {
    for (const eunomia of running) await eunomia.kill()
    rmSync(folder, { recursive: true, force: true })
  })
  const start = (...args: string[]): EunomiaProcess => {
    const eunomia = new EunomiaProcess(args, environment)
    running.push(eunomia)
    return eunomia
  }

  const schemas = async (...args: string[]): Promise<EndedCommand> => await runInHost(['schemas', ...args], { environment })
  async function registered(): Promise<Record<string, number>> {
    const register = await schemas('register', '--json')
    assert.equal(register.status, 0, register.stderr)
    return valuesOf<Record<string, number>>(register.stdout)[0] ?? assert.fail('no ids')
  }

  it('has no schemas at first, gets all from one command, and then passes the check', async () => {
    const before = await schemas('check', '--json')
    assert.equal(before.status, 1, before.stderr)
    const findings = valuesOf<{ topic: string; problem: string }>(before.stdout)
    assert.deepEqual(
      findings.map(({ topic, problem }) => `${topic} ${problem}`),
      TOPIC_KEYS.map((topic) => `${topic} missing in the registry`),
    )
    const ids = await registered()
    const again = await schemas('register')
    assert.equal(again.status, 0, again.stderr)
    assert.equal(again.stdout, TOPIC_KEYS.map((topic) => `${topic}: id ${String(ids[topic])}\n`).join(''), 'the same ids once more')
    const check = await schemas('check')
    assert.equal(check.status, 0, check.stderr)
    assert.match(check.stdout, /the registry has all of them\n$/)
    const list = await schemas('list', '--json')
    assert.equal(list.status, 0, list.stderr)
    const listed = valuesOf<{ topic: string; registryId: number | null }>(list.stdout)
    assert.deepEqual(Object.fromEntries(listed.map(({ topic, registryId }) => [topic, registryId])), ids)
  })

  it('emits the alert of a real event, with ids of the registry in every record, and reports metrics of the functions', async () => {
    const ids = await registered()
    const marker = join(folder, 'marker')
    const rules = join(folder, 'rules.yaml')
    writeFileSync(marker, '')
    writeFileSync(
      rules,
      `- rule: ${RULE}\n  desc: d\n  condition: evt.type=openat and fd.name=${marker}\n  output: o\n  priority: NOTICE\n`,
    )
    const functions = start('process', 'membership', 'detect', '--rules', rules, '--metrics-port', '0')
    const collector = start('collect', '--metrics-port', '0', '--docker-socket', join(folder, 'no.sock'))
    const alerts = start('alerts', '--since', '1h', '--json')
    const [ofFunctions, ofCollector] = [await metricsPage(functions), await metricsPage(collector)]
    await collector.says(/"msg":"collecting"/)
    spawnSync('cat', [marker])
    const alert = await alerts.until('the alert', () => alerts.records<Alert>().find(({ process }) => process.name === 'cat'))
    assert.deepEqual([alert.rule, alert.path], [RULE, marker])

    assert.deepEqual(await idsInTopics(kafka), { process: [ids['process']], file: [ids['file']], alerts: [ids['alerts']] })
    const page = await ofFunctions()
    const perTopic = (name: string): boolean => page.has(`${name}{function="detect",topic="file"}`)
    assert.ok(perTopic('eunomia_function_behind_seconds') && perTopic('eunomia_function_records_total'), [...page.keys()].join('\n'))
    await waitFor(
      'acknowledged files',
      async () => ((await ofCollector()).get('eunomia_events_published_total{topic="file",kind="open"}') ?? 0) > 0,
    )
    assert.equal((await ofCollector()).get('eunomia_publisher_retries_total'), 0)
    for (const eunomia of [collector, functions, alerts]) assert.equal(await eunomia.interrupt(), 0, eunomia.stderr)
  })
})

/** The schema ids in the values of some topics. */
async function idsInTopics(config: KafkaConfig): Promise<Record<string, number[]>> {
  const topics = ['process', 'file', 'alerts'] as const
  const ids = new Map<string, Set<number>>(topics.map((topic) => [topic, new Set()]))
  const log = new KafkaTopicLog(config, SILENT_LOGGER)
  await log.consume({
    group: 'test-ids',
    topics,
    from: 'earliest',
    handler: (batch) => {
      while (batch.next()) ids.get(batch.topic)?.add(readSchemaId(batch.valueBytes, batch.valueStart, batch.valueEnd, batch.topic))
      return Promise.resolve({ nextOffset: batch.lastOffset + 1, outputs: [] })
    },
  })
  await waitFor('records of each topic', () => [...ids.values()].every(({ size }) => size > 0))
  await log.close()
  return Object.fromEntries([...ids].map(([topic, found]) => [topic, [...found]]))
}
