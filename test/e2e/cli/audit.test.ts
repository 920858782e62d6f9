// Changes of what a collector reports are records in a real Kafka: who made them, and the state before and after. Needs root.
import assert from 'node:assert/strict'
import { join } from 'node:path'
import type { KafkaConfig } from '../../../infra/kafka/kafka-config.js'
import { freshKafkaTopics } from '../../support/services/kafka-log.js'
import { askCommand } from '../../support/system/asked-command.js'
import { FollowedTopic } from '../../support/system/followed-topic.js'
import { TestSystem } from '../../support/system/test-system.js'
import { waitFor } from '../../support/wait-for.js'

describe('the audit of a collector', () => {
  let kafka: KafkaConfig
  let system: TestSystem
  let audit: FollowedTopic<'audit'>

  before(async () => {
    kafka = await freshKafkaTopics()
    system = new TestSystem({ kafka, redisUrl: 'redis://127.0.0.1:1', rules: '' })
    audit = await FollowedTopic.open(kafka, 'audit')
  })
  after(async () => {
    await audit.close()
    await system.close()
  })

  it('has the filters of the settings, and each change by the control socket', async () => {
    await system.collect('--set', 'collector.filters.except=uid=4711')
    const environment = { EUNOMIA_STATE_FOLDER: join(system.folder, 'state') }
    await askCommand(['trackers', 'filter', '--except', 'port=9092', '--except', 'remotePort=4711'], environment)
    await askCommand(['trackers', 'stop', 'signals'], environment)
    await waitFor('the records', () => audit.records.length >= 3)
    assert.deepEqual(
      audit.records.map(({ action, target, actor, origin }) => [
        action,
        target,
        actor.replace(/pid \d+/, 'pid N'),
        origin.hostId === system.hostId,
      ]),
      [
        ['filters', '', 'settings', true],
        ['filters', '', `control socket, pid N, uid ${String(process.getuid?.())}`, true],
        ['tracker_stop', 'signals', `control socket, pid N, uid ${String(process.getuid?.())}`, true],
      ],
    )
    const states = audit.records.map(({ before, after }) => [JSON.parse(before), JSON.parse(after)] as const)
    assert.deepEqual(states[1]?.[0], states[0]?.[1])
    const except = { pid: [], uid: [], port: [9092], localPort: [], remotePort: [4711], anyPort: [], container: [] }
    assert.deepEqual((states[1]?.[1] as { readonly except: unknown }).except, except)
    assert.deepEqual(states[2], [
      { state: 'on', cause: 'plan' },
      { state: 'off', cause: 'person' },
    ])
  })
})
