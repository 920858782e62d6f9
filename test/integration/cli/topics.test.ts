// `eunomia topics create` and `check` as a person runs them, at a real broker: what they print, and the status that a script sees.
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import kafkajs from 'kafkajs'
import type { TopicDifference } from '../../../infra/kafka/admin.js'
import { topicNameOf, type KafkaConfig } from '../../../infra/kafka/kafka-config.js'
import { TOPIC_KEYS } from '../../../infra/topic-log/topics.js'
import { sharedKafka } from '../../support/services/services.js'
import { runCommand } from '../../support/system/asked-command.js'
import { type EndedCommand, runInHost } from '../../support/system/command-host.js'
import { waitFor } from '../../support/wait-for.js'

describe('eunomia topics', () => {
  let config: KafkaConfig
  let names: readonly string[]

  before(async () => {
    await sharedKafka()
  })
  beforeEach(async () => {
    config = { brokers: [(await sharedKafka()).address], topicPrefix: `c${randomUUID().slice(0, 8)}.` }
    names = TOPIC_KEYS.map((key) => topicNameOf(config, key))
  })

  /** One partition each, since a broker makes them one after the other. */
  const topics = async (...args: string[]): Promise<EndedCommand> => await runInHost(commandLine(args))

  function commandLine(args: readonly string[]): string[] {
    const settings = [`kafka.brokers=${config.brokers.join(',')}`, `kafka.topicPrefix=${config.topicPrefix ?? ''}`, 'kafka.partitions=1']
    return ['topics', ...args, ...settings.flatMap((setting) => ['--set', setting])]
  }

  /** Changes a setting of a topic outside of Eunomia, and waits until the broker reports the new value. */
  async function changeByHand(topic: string, name: string, value: string): Promise<void> {
    const admin = new kafkajs.Kafka({ brokers: [...config.brokers], logLevel: kafkajs.logLevel.NOTHING }).admin()
    const type = kafkajs.ConfigResourceTypes.TOPIC
    await admin.connect()
    try {
      await admin.alterConfigs({ validateOnly: false, resources: [{ type, name: topic, configEntries: [{ name, value }] }] })
      await waitFor('the changed setting', async () => {
        const described = await admin.describeConfigs({ includeSynonyms: false, resources: [{ type, name: topic, configNames: [name] }] })
        return described.resources[0]?.configEntries[0]?.configValue === value
      })
    } finally {
      await admin.disconnect()
    }
  }

  it('check names every missing topic; create creates them once; then check reports nothing', async () => {
    const missing = await topics('check')
    assert.equal(missing.status, 1, missing.stderr)
    for (const name of names) assert.match(missing.stdout, new RegExp(`^${literal(name)} +missing +a topic +-$`, 'm'))

    const created = runCommand(commandLine(['create']))
    assert.deepEqual([created.status, created.stdout], [0, names.map((name) => `created ${name}\n`).join('')], created.stderr)
    const again = await topics('create')
    assert.deepEqual([again.status, again.stdout], [0, 'all topics exist\n'], again.stderr)
    const checked = await topics('check')
    assert.deepEqual([checked.status, checked.stdout], [0, 'all topics are correct\n'], checked.stderr)
  })

  it('check ends with status 1 and names the setting that was changed by hand, wanted and found; create does not change it', async () => {
    assert.equal((await topics('create')).status, 0)
    const topic = topicNameOf(config, 'alerts')
    await changeByHand(topic, 'retention.ms', '1000')
    assert.deepEqual((await topics('create')).stdout, 'all topics exist\n')

    const table = await topics('check')
    assert.equal(table.status, 1, table.stderr)
    const retention = String(90 * 86_400_000)
    assert.match(table.stdout, new RegExp(`^${literal(topic)} +retention\\.ms +${retention} +1000$`, 'm'))

    const json = await topics('check', '--json')
    assert.equal(json.status, 1, json.stderr)
    const differences = json.stdout
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line) as TopicDifference)
    const found = differences.find(({ setting }) => setting === 'retention.ms')
    assert.deepEqual(found, { topic, problem: 'setting', setting: 'retention.ms', wanted: retention, actual: '1000' })
    assert.deepEqual(
      differences.filter((difference) => difference.topic !== topic),
      [],
      'no other topic differs',
    )
  })

  it('print JSON with --json', async () => {
    const missing = await topics('check', '--json')
    assert.equal(missing.status, 1, missing.stderr)
    assert.deepEqual(
      missing.stdout
        .split('\n')
        .slice(0, -1)
        .map((line) => JSON.parse(line) as unknown),
      names.map((topic) => ({ topic, problem: 'missing', wanted: 'a topic', actual: '' })),
    )
    const created = await topics('create', '--json')
    assert.deepEqual([created.status, JSON.parse(created.stdout)], [0, { created: names }], created.stderr)
    const again = await topics('create', '--json')
    assert.deepEqual(JSON.parse(again.stdout), { created: [] })
    const checked = await topics('check', '--json')
    assert.deepEqual([checked.status, checked.stdout], [0, ''], checked.stderr)
  })
})

/** A topic's name as a pattern. */
function literal(name: string): string {
  return name.replaceAll('.', '\\.')
}
