// `eunomia deliver silences` and `eunomia alerts ack` as a person runs them, at a real broker.
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import kafkajs from 'kafkajs'
import { topicEnds } from '../../../../infra/kafka/admin.js'
import { type KafkaConfig, topicNameOf } from '../../../../infra/kafka/kafka-config.js'
import { KafkaTopicLog } from '../../../../infra/kafka/kafka-topic-log.js'
import { SILENT_LOGGER } from '../../../../infra/process/logger.js'
import { startCaughtUp } from '../../../../infra/topic-log/caught-up.js'
import type { Silence } from '../../../../processors/delivery/routing/silences.js'
import { Codec } from '../../../../schemas/codec.js'
import type { Alert, AuditEvent, StateRecord } from '../../../../schemas/generated/types.js'
import { testAlert } from '../../../support/records/test-alert.js'
import { freshKafkaTopics } from '../../../support/services/kafka-log.js'
import { sharedKafka } from '../../../support/services/services.js'
import { valuesOf } from '../../../support/system/asked-command.js'
import { runInHost } from '../../../support/system/command-host.js'

const CODEC = new Codec()

describe('silences and states of alerts', () => {
  let kafka: KafkaConfig
  let topicLog: KafkaTopicLog
  let environment: Record<string, string>

  before(async () => {
    await sharedKafka()
    kafka = await freshKafkaTopics()
    topicLog = new KafkaTopicLog(kafka, SILENT_LOGGER)
    environment = {
      EUNOMIA_CONFIG: '/dev/null',
      EUNOMIA_KAFKA_BROKERS: kafka.brokers.join(','),
      EUNOMIA_KAFKA_TOPIC_PREFIX: kafka.topicPrefix ?? '',
    }
  })
  after(() => topicLog.close())

  async function recordsOf<Topic extends 'audit' | 'state'>(topic: Topic): Promise<(Topic extends 'audit' ? AuditEvent : StateRecord)[]> {
    const found: unknown[] = []
    const reader = await startCaughtUp(topicLog, {
      topic,
      group: `test.${randomUUID()}`,
      ends: await topicEnds(kafka, topic, SILENT_LOGGER),
      handle: (batch) => {
        while (batch.next()) found.push(CODEC.decode(topic, batch.valueBytes, batch.valueStart, batch.valueEnd))
        return Promise.resolve()
      },
    })
    await reader.stop('read')
    return found as never
  }

  /** In a transaction, as rules write alerts: the topic ends with its mark, which is no record. */
  async function append(alerts: readonly Alert[]): Promise<void> {
    const client = new kafkajs.Kafka({ brokers: [...kafka.brokers], logLevel: kafkajs.logLevel.NOTHING })
    const producer = client.producer({ transactionalId: randomUUID(), idempotent: true, maxInFlightRequests: 1 })
    await producer.connect()
    const transaction = await producer.transaction()
    const messages = alerts.map((alert) => ({ key: alert.origin.hostId, value: Buffer.from(CODEC.encode('alerts', alert)) }))
    await transaction.send({ topic: topicNameOf(kafka, 'alerts'), messages })
    await transaction.commit()
    await producer.disconnect()
  }

  /** What a command prints; it must end well. */
  async function asked(...args: string[]): Promise<string> {
    const { status, stdout, stderr } = await runInHost(args, { environment })
    assert.equal(status, 0, stderr)
    return stdout
  }
  const silences = async (...args: string[]): Promise<string> => await asked('deliver', 'silences', ...args)

  it('are added, listed, counted and ended; each change is in the audit topic with its author and reason', async () => {
    const added = await silences(
      'add',
      '--rule',
      'Cred*',
      '--host',
      'node-1',
      '--for',
      '2h',
      '--reason',
      'migration',
      '--author',
      'ana',
      '--json',
    )
    const [silence] = valuesOf<Silence>(added)
    assert.deepEqual([silence?.author, silence?.reason, silence?.match], ['ana', 'migration', { rule: ['Cred*'], host: ['node-1'] }])
    const id = silence?.id ?? ''
    assert.match(await silences('list'), new RegExp(`^${id} +holds +\\S+ +ana +rule=Cred\\* host=node-1 +migration$`, 'm'))

    const nowUs = Date.now() * 1000
    const at = (alertId: string, changes: Partial<Alert> = {}): Alert => {
      return testAlert({ alertId: alertId.repeat(32), origin: { ...testAlert().origin, wallTimeUs: nowUs }, ...changes })
    }
    const early = { ...testAlert().origin, wallTimeUs: (silence?.startsUs ?? 0) - 1 }
    await append([at('1'), at('2'), at('2'), at('3', { rule: 'Other', ruleId: 'Other' }), at('4', { origin: early })])
    const shown = await silences('show', id)
    assert.match(shown, /^2 alerts silenced$/m)
    assert.match(shown, /^2 +Credential file read +node-1$/m)
    assert.deepEqual(
      valuesOf<Alert>(await silences('show', id, '--json'))
        .map(({ alertId }) => alertId.slice(0, 1))
        .sort(),
      ['1', '2'],
    )

    assert.equal(await silences('end', id, '--reason', 'done', '--author', 'ben'), `ended ${id}\n`)
    assert.equal(await silences('list'), 'no silences\n')
    assert.match(await silences('list', '--all'), new RegExp(`^${id} +ended `, 'm'))
    const audits = await recordsOf('audit')
    assert.deepEqual(
      audits.map(({ action, target, actor, reason }) => [action, target, actor, reason]),
      [
        ['silence_add', id, 'ana', 'migration'],
        ['silence_end', id, 'ben', 'done'],
      ],
    )
    assert.equal((JSON.parse(audits[1]?.before ?? '{}') as Silence).reason, 'migration')
  })

  it('are refused without an end, without a selection, and for more than a year', async () => {
    const refused = async (...args: string[]): Promise<string> => {
      const { status, stderr } = await runInHost(['deliver', 'silences', ...args, '--reason', 'x'], { environment })
      assert.equal(status, 2, stderr)
      return stderr
    }
    assert.match(await refused('add', '--rule', 'x'), /needs an end/)
    assert.match(await refused('add', '--for', '1h'), /names no rule/)
    assert.match(await refused('add', '--rule', 'x', '--for', '367d'), /a year at most/)
    assert.match(await refused('end', 'feedfeedfeed'), /no silence feedfeedfeed/)
    assert.match(await refused('add', '--rule', 'x', '--for', '1h', '--priority', 'high'), /emergency/)
  })

  it('of alerts are kept with a comment', async () => {
    const id = 'ab'.repeat(16)
    assert.equal(await asked('alerts', 'ack', id, '--comment', 'looking', '--author', 'ana'), `acknowledged ${id}\n`)
    assert.equal(await asked('alerts', 'close', id, '--comment', 'a test'), `closed ${id}\n`)
    const states = (await recordsOf('state')).filter(({ kind }) => kind === 'alert')
    assert.deepEqual(
      states.map(({ id: alertId, alertState, reason }) => [alertId, alertState, reason]),
      [
        [id, 'acknowledged', 'looking'],
        [id, 'closed', 'a test'],
      ],
    )
    const before = (await recordsOf('audit')).find(({ action }) => action === 'alert_close')?.before
    assert.equal((JSON.parse(before ?? '{}') as { author: string }).author, 'ana')
    assert.equal((await runInHost(['alerts', 'ack', 'nonsense', '--comment', 'x'], { environment })).status, 2)
  })
})
