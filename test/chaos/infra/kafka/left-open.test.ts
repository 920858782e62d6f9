// A transaction that the broker reported to its coordinator as committed without writing its end: a partition without a leader counts as
// deleted for the broker of Kafka 4.3.1. The next member repeats its outputs, and readers see them once.
import assert from 'node:assert/strict'
import { KafkaTopicLog } from '../../../../infra/kafka/kafka-topic-log.js'
import { SILENT_LOGGER } from '../../../../infra/process/logger.js'
import { copyToAlerts } from '../../../support/load/copy-to-alerts.js'
import { leaveOpen } from '../../../support/load/left-open-transaction.js'
import { appendNumbers, compareNumbers, numbersIn } from '../../../support/load/numbered-load.js'
import { startOwnKafka, type OwnKafka } from '../../../support/services/own-kafka.js'

const LEFT = 5

describe('infra/kafka groups after a transaction that was left open', () => {
  let kafka: OwnKafka
  let log: KafkaTopicLog
  const warnings: string[] = []

  before(async () => {
    kafka = await startOwnKafka(2, { 'transaction.partition.verification.enable': 'false' })
    log = new KafkaTopicLog(kafka.config, { ...SILENT_LOGGER, warn: (_, message) => warnings.push(message) })
  })
  after(async () => {
    await log.close()
    await kafka.service.stop()
  })

  it('write its outputs once and log the open transaction', async () => {
    const publisher = await log.appender(
      () => undefined,
      () => undefined,
    )
    appendNumbers(publisher, 'process', 1, 30)
    await publisher.flush()
    const records = Array.from({ length: LEFT }, (_, index) => {
      const value = Buffer.alloc(250)
      value.writeUInt32BE(index + 1)
      return { key: Buffer.from('host'), value }
    })
    for (const outputPartition of [0, 1])
      await leaveOpen(kafka.config, { group: 'g', input: 'process', nextOffset: LEFT, output: 'alerts', outputPartition, records })
    await log.consume({ group: 'g', topics: ['process'], from: 'earliest', outputs: ['alerts'], handler: copyToAlerts })
    const seen = await numbersIn(kafka.config, 'alerts', 30)
    assert.deepEqual(compareNumbers(seen, 30), { missing: 0, repeated: 0, isOrdered: true })
    assert.ok(warnings.includes('the broker left a transaction without its end, it was ended as not committed'), warnings.join('\n'))
  })
})
