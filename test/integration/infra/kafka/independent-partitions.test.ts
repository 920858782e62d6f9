// One partition of a group that fails, waits, or can't write: the others go on.
import assert from 'node:assert/strict'
import kafkajs from 'kafkajs'
import { groupLag } from '../../../../infra/kafka/admin.js'
import { kafkajsClient } from '../../../../infra/kafka/client-options.js'
import { groupNameOf, topicNameOf, type KafkaConfig } from '../../../../infra/kafka/kafka-config.js'
import { KafkaTopicLog } from '../../../../infra/kafka/kafka-topic-log.js'
import { SILENT_LOGGER } from '../../../../infra/process/logger.js'
import type { BatchHandler, RecordBatch } from '../../../../infra/topic-log/topic-log.js'
import { deferred } from '../../../../infra/waiting/waiters.js'
import { copyToAlerts } from '../../../support/load/copy-to-alerts.js'
import { compareNumbers, numbersIn, publishNumbers } from '../../../support/load/numbered-load.js'
import { membersOf } from '../../../support/services/group-members.js'
import { freshKafkaTopics } from '../../../support/services/kafka-log.js'
import { sharedKafka } from '../../../support/services/services.js'
import { waitFor, waitForCount } from '../../../support/wait-for.js'

function numbersOf(batch: RecordBatch): number[] {
  const numbers: number[] = []
  while (batch.next()) numbers.push(Buffer.from(batch.valueBytes.buffer, batch.valueBytes.byteOffset + batch.valueStart, 4).readUInt32BE())
  return numbers
}

const whole = (batch: RecordBatch) => ({ nextOffset: batch.lastOffset + 1, outputs: [] })

describe('partitions of a group', () => {
  const logs: KafkaTopicLog[] = []
  const open = (config: KafkaConfig): KafkaTopicLog => {
    const topicLog = new KafkaTopicLog(config, SILENT_LOGGER)
    logs.push(topicLog)
    return topicLog
  }
  before(sharedKafka)
  afterEach(async () => {
    await Promise.all(logs.splice(0).map(async (log) => await log.close()))
  })

  it('pauses a partition whose handler fails, while the others continue', async () => {
    const config = await freshKafkaTopics({}, 2)
    await publishNumbers(config, 1, 200)
    const seen = new Map<number, Set<number>>()
    const attempts: number[] = []
    const handler: BatchHandler = (batch) => {
      if (batch.partition === 0) throw new Error('not this one')
      const numbers = seen.get(batch.partition) ?? new Set()
      seen.set(batch.partition, numbers)
      for (const number of numbersOf(batch)) numbers.add(number)
      return Promise.resolve(whole(batch))
    }
    await open(config).consume({
      group: 'g',
      topics: ['process'],
      from: 'earliest',
      maxBatchBytes: 4_000,
      handler,
      onRetry: (_, __, partition, attempt) => attempts.push(partition === 0 ? attempt : NaN),
    })
    await waitForCount('attempts', () => attempts.length, 4)
    assert.deepEqual(attempts.slice(0, 4), [1, 2, 3, 4])
    const lags = await waitFor('the other partition', async () => {
      const each = await groupLag(config, 'g', ['process'], SILENT_LOGGER)
      return each[1]?.lag === 0 ? each : undefined
    })
    assert.equal(lags[0]?.committed, null)
    assert.equal(seen.get(1)?.size, lags[1]?.end)
  })

  it('handles a partition while the handler of another one waits', async () => {
    const config = await freshKafkaTopics({}, 2)
    await publishNumbers(config, 1, 200)
    const gate = deferred()
    const seen = new Map([0, 1].map((partition) => [partition, 0]))
    await open(config).consume({
      group: 'g',
      topics: ['process'],
      from: 'earliest',
      outputs: [],
      maxBatchBytes: 4_000,
      handler: async (batch) => {
        if (batch.partition === 0) await gate.promise
        seen.set(batch.partition, (seen.get(batch.partition) ?? 0) + batch.length)
        return whole(batch)
      },
    })
    const lags = await waitFor('all of the other partition', async () => {
      const each = await groupLag(config, 'g', ['process'], SILENT_LOGGER)
      return each[1]?.lag === 0 ? each : undefined
    })
    assert.deepEqual([lags[0]?.committed, seen.get(0), seen.get(1)], [null, 0, lags[1]?.end])
    gate.resolve()
    await waitFor('the rest', () => (seen.get(0) ?? 0) + (seen.get(1) ?? 0) === 200)
  })

  it('commits what has outputs for other topics while an output topic takes nothing', async () => {
    const config = await freshKafkaTopics({}, 2)
    const accepts = async (bytes: number): Promise<void> => {
      const admin = kafkajsClient(config, SILENT_LOGGER, { retries: 3 }).admin()
      await admin.connect()
      const configEntries = [{ name: 'max.message.bytes', value: String(bytes) }]
      const name = topicNameOf(config, 'audit')
      await admin.alterConfigs({ validateOnly: false, resources: [{ type: kafkajs.ConfigResourceTypes.TOPIC, name, configEntries }] })
      await waitFor('the setting', async () => {
        const resource = { type: kafkajs.ConfigResourceTypes.TOPIC, name, configNames: ['max.message.bytes'] }
        const { resources } = await admin.describeConfigs({ includeSynonyms: false, resources: [resource] })
        return resources[0]?.configEntries[0]?.configValue === String(bytes)
      })
      await admin.disconnect()
    }
    await accepts(100)
    await publishNumbers(config, 1, 200)
    const retried = new Set<number>()
    let refused = -1
    await open(config).consume({
      group: 'g',
      topics: ['process'],
      from: 'earliest',
      outputs: ['alerts', 'audit'],
      maxBatchBytes: 4_000,
      handler: async (batch, signal) => {
        if (refused < 0) refused = batch.partition
        const result = await copyToAlerts(batch, signal)
        if (batch.partition !== refused) return result
        return { ...result, outputs: result.outputs.map((output) => ({ ...output, topic: 'audit' as const })) }
      },
      onRetry: (_, __, partition) => retried.add(partition),
    })
    const lags = await waitFor('all of the other partition', async () => {
      const each = await groupLag(config, 'g', ['process'], SILENT_LOGGER)
      return each.find(({ partition }) => partition === 1 - refused)?.lag === 0 ? each : undefined
    })
    assert.equal(lags[refused]?.committed, null)
    await waitFor('attempts', () => retried.has(refused))
    await accepts(2_097_152)
    const ends = await waitFor('the rest', async () => {
      const each = await groupLag(config, 'g', ['process'], SILENT_LOGGER)
      return each.every(({ lag }) => lag === 0) ? each.map(({ end }) => end) : undefined
    })
    const written = [...(await numbersIn(config, 'audit', ends[refused] ?? 0)).values()].flat()
    assert.deepEqual([written.length, new Set(written).size], [ends[refused], ends[refused]])
  })

  it('gives a new member its share although a handler of another one is busy', async () => {
    const config = await freshKafkaTopics({}, 4)
    await publishNumbers(config, 1, 400)
    const gate = deferred()
    const options = { group: 'g', topics: ['process'], from: 'earliest', outputs: ['alerts'], maxBatchBytes: 4_000 } as const
    let busy = -1
    await open(config).consume({
      ...options,
      handler: async (batch, signal) => {
        if (busy < 0) busy = batch.partition
        if (batch.partition === busy) await gate.promise
        return await copyToAlerts(batch, signal)
      },
    })
    await waitFor('a busy handler', () => busy >= 0)
    const taken = new Set<number>()
    await open(config).consume({
      ...options,
      handler: async (batch, signal) => {
        taken.add(batch.partition)
        return await copyToAlerts(batch, signal)
      },
    })
    await waitFor('the second member', async () => (await membersOf(config, groupNameOf(config, 'g'))) === 2)
    await publishNumbers(config, 401, 800)
    await waitFor('records for the new member', () => taken.size > 0)
    gate.resolve()
    const numbers = await numbersIn(config, 'alerts', 800)
    assert.deepEqual(compareNumbers(numbers, 800), { missing: 0, repeated: 0, isOrdered: true })
  })
})
