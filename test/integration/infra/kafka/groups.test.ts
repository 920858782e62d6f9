// Groups on a real broker: members that join and leave, slow and failing handlers, transactions, and the codecs of other producers.
import assert from 'node:assert/strict'
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import kafkajs from 'kafkajs'
import { kafkajsClient } from '../../../../infra/kafka/client-options.js'
import { groupLag } from '../../../../infra/kafka/admin.js'
import { GroupConsumer } from '../../../../infra/kafka/group/group-consumer.js'
import { groupNameOf, topicNameOf, type KafkaConfig } from '../../../../infra/kafka/kafka-config.js'
import { KafkaTopicError } from '../../../../infra/kafka/kafka-errors.js'
import { KafkaTopicLog } from '../../../../infra/kafka/kafka-topic-log.js'
import { KafkaCluster } from '../../../../infra/kafka/kafkajs-internals/cluster.js'
import { freePort } from '../../../../infra/local/ports.js'
import { SILENT_LOGGER, type Logger } from '../../../../infra/process/logger.js'
import type { AssignedPartition, BatchHandler, DeferredCommits, RecordBatch } from '../../../../infra/topic-log/topic-log.js'
import { copyToAlerts } from '../../../support/load/copy-to-alerts.js'
import { HeldCluster, leaveTransactionOpen } from '../../../support/load/open-transaction.js'
import { membersOf, partitionsByInstance } from '../../../support/services/group-members.js'
import { freshKafkaTopics } from '../../../support/services/kafka-log.js'
import { compareNumbers, numbersIn, publishNumbers } from '../../../support/load/numbered-load.js'
import { sharedKafka } from '../../../support/services/services.js'
import { waitFor, waitForCount } from '../../../support/wait-for.js'

function numbersOf(batch: RecordBatch): number[] {
  const numbers: number[] = []
  while (batch.next()) numbers.push(Buffer.from(batch.valueBytes.buffer, batch.valueBytes.byteOffset + batch.valueStart, 4).readUInt32BE())
  return numbers
}

function transactionalProducer(config: KafkaConfig, transactionalId: string): kafkajs.Producer {
  const client = new kafkajs.Kafka({ brokers: [...config.brokers], logLevel: kafkajs.logLevel.NOTHING })
  return client.producer({ transactionalId, maxInFlightRequests: 1, idempotent: true })
}

function collectValues(values: string[]): BatchHandler {
  return (batch) => {
    while (batch.next()) values.push(Buffer.from(batch.valueBytes.subarray(batch.valueStart, batch.valueEnd)).toString())
    return Promise.resolve(whole(batch))
  }
}

/** Counts the joins of its member. */
class JoinCounter extends KafkaCluster {
  joins = 0

  override async sendFrame(...args: Parameters<KafkaCluster['sendFrame']>): Promise<Buffer> {
    if (args[1].apiName === 'JoinGroup') this.joins++
    return await super.sendFrame(...args)
  }
}

/** Longer than any test: nobody waits for the end of such a transaction. */
const LONG_TRANSACTION_MS = 600_000

const whole = (batch: RecordBatch) => ({ nextOffset: batch.lastOffset + 1, outputs: [] })

describe('infra/kafka groups', () => {
  const logs: KafkaTopicLog[] = []
  const open = (config: KafkaConfig, log: Logger = SILENT_LOGGER): KafkaTopicLog => {
    const topicLog = new KafkaTopicLog(config, log)
    logs.push(topicLog)
    return topicLog
  }
  before(sharedKafka)
  afterEach(async () => {
    await Promise.all(logs.splice(0).map(async (log) => await log.close()))
  })

  it('writes outputs once while members join and leave', async () => {
    const config = await freshKafkaTopics({}, 4)
    const options = { group: 'copiers', topics: ['process'], from: 'earliest', maxBatchBytes: 4_000, handler: copyToAlerts } as const
    const first = await open(config).consume(options)
    await publishNumbers(config, 1, 1_000)
    const second = await open(config).consume(options)
    await publishNumbers(config, 1_001, 2_000)
    await first.stop('for the test')
    await publishNumbers(config, 2_001, 3_000)
    const third = await open(config).consume(options)
    const seen = await numbersIn(config, 'alerts', 3_000)
    assert.deepEqual(compareNumbers(seen, 3_000), { missing: 0, repeated: 0, isOrdered: true })
    await Promise.all([second.stop('done'), third.stop('done')])
  })

  it('gives a killed instance its partitions back when it is started again, at once and without the others', async () => {
    const config = await freshKafkaTopics({ sessionTimeoutMs: 60_000 }, 2)
    const group = groupNameOf(config, 'copiers')
    const topic = topicNameOf(config, 'process')
    const script = fileURLToPath(new URL('../../../support/load/group-worker.js', import.meta.url))
    const start = (): ChildProcess =>
      spawn(process.execPath, [script, JSON.stringify({ ...config, instanceId: 'a' })], { stdio: ['ignore', 'inherit', 'inherit'] })
    const cluster = new JoinCounter(config, SILENT_LOGGER)
    const options = { group: 'copiers', topics: ['process'], from: 'earliest', handler: copyToAlerts } as const
    const other = new GroupConsumer({ ...config, instanceId: 'b' }, options, cluster, SILENT_LOGGER)
    const former = new HeldCluster(config, LONG_TRANSACTION_MS)
    let worker = start()
    try {
      await publishNumbers(config, 1, 500)
      const divided = async () => {
        const members = await partitionsByInstance(config, group, topic)
        return members.get('a')?.length === 1 && members.get('b')?.length === 1 ? members : undefined
      }
      const before = await waitFor('a partition for each', divided)
      const lag = async (): Promise<number> =>
        (await groupLag(config, 'copiers', ['process'], SILENT_LOGGER)).reduce((sum, each) => sum + each.lag, 0)
      await waitFor('all of them', async () => (await lag()) === 0)
      const { joins } = cluster
      worker.kill('SIGKILL')
      // What it could have been about to commit: its only partition waits for the end of that.
      await leaveTransactionOpen(former, config, { group: 'copiers', instance: 'a', partition: before.get('a')?.[0] ?? -1 })
      worker = start()
      await publishNumbers(config, 501, 1_000)
      const seen = await numbersIn(config, 'alerts', 1_000)
      assert.deepEqual(compareNumbers(seen, 1_000), { missing: 0, repeated: 0, isOrdered: true })
      assert.deepEqual(await partitionsByInstance(config, group, topic), before)
      assert.equal(cluster.joins, joins)
    } finally {
      worker.kill('SIGKILL')
      await other.stop('for the test')
      await former.disconnect()
    }
  })

  it('ends the member whose instance id another process uses, and lets an operator remove an instance', async () => {
    const config = await freshKafkaTopics({ instanceId: 'a' }, 1)
    const options = { group: 'g', topics: ['process'], from: 'earliest', outputs: [], handler: collectValues([]) } as const
    const members = (): Promise<number> => membersOf(config, groupNameOf(config, 'g'))
    const first = await open(config).consume(options)
    await waitFor('the member', async () => (await members()) === 1)
    const log = open(config)
    const second = await log.consume(options)
    await assert.rejects(first.done, { code: 'EUNOMIA_KAFKA_INSTANCE' })
    await second.stop('for the test')
    assert.equal(await members(), 1)
    assert.equal(await log.removeInstance('g', 'a'), true)
    assert.equal(await members(), 0)
    assert.equal(await log.removeInstance('g', 'a'), false)
  })

  it('waits for the open transaction of a former member, and goes on after it', async () => {
    const config = await freshKafkaTopics({}, 1)
    await publishNumbers(config, 1, 10)
    const cluster = new HeldCluster(config)
    try {
      const group = groupNameOf(config, 'g')
      const { committed } = await leaveTransactionOpen(cluster, config, { group: 'g', instance: 'former', partition: 0 })
      const firsts: number[] = []
      await open(config).consume({
        group: 'g',
        topics: ['process'],
        from: 'earliest',
        handler: async (batch, signal) => {
          firsts.push(batch.firstOffset)
          return await copyToAlerts(batch, signal)
        },
      })
      const isMember = async (): Promise<boolean> => (await membersOf(config, group)) === 1
      await waitFor('the member', isMember)
      cluster.release()
      await committed
      const seen = await numbersIn(config, 'alerts', 10)
      assert.deepEqual(compareNumbers(seen, 10), { missing: 0, repeated: 0, isOrdered: true })
      assert.equal(firsts[0], 5)
    } finally {
      await cluster.disconnect()
    }
  })

  it('gives a partition with deferred commits away at what is confirmed, and its metadata to the next owner', async () => {
    const config = await freshKafkaTopics({}, 2)
    await publishNumbers(config, 1, 100)
    /** What a member took, by partition, and what it was told. */
    const member = () => {
      const taken = new Map<number, number[]>()
      const partitions = new Map<number, AssignedPartition>()
      const ended: string[] = []
      const deferred: DeferredCommits = {
        assigned: (partition) => void partitions.set(partition.partition, partition),
        // The last moment counts: all but the last record is done.
        ended: (partition, isLost) => {
          ended.push(`${String(partition.partition)} ${String(isLost)}`)
          const offsets = taken.get(partition.partition) ?? []
          partition.confirm(partition.nextOffset, offsets.at(-1))
        },
        metadata: (partition, nextOffset) => `${String(partition.partition)}@${String(nextOffset)}`,
      }
      const handler: BatchHandler = (batch) => {
        const offsets = taken.get(batch.partition) ?? []
        while (batch.next()) offsets.push(batch.offset)
        taken.set(batch.partition, offsets)
        return Promise.resolve(whole(batch))
      }
      return { taken, partitions, ended, options: { group: 'd', topics: ['process'], from: 'earliest', deferred, handler } as const }
    }
    const [first, second] = [member(), member()]
    await open(config).consume(first.options)
    const count = (): number => [...first.taken.values()].reduce((sum, offsets) => sum + offsets.length, 0)
    await waitForCount('all', count, 100)
    await open(config).consume(second.options)
    await waitFor('the partition at the second member', () => second.partitions.size === 1)
    const [[partition = -1, assigned] = []] = second.partitions
    const last = first.taken.get(partition)?.at(-1)
    assert.deepEqual(first.ended, [`${String(partition)} false`])
    assert.deepEqual([assigned?.nextOffset, assigned?.metadata], [last, `${String(partition)}@${String(last)}`])
    await waitFor('its last record again', () => second.taken.get(partition)?.[0] === last)
  })

  it('stays in the group while a handler takes longer than the session timeout', async () => {
    const config = await freshKafkaTopics({ sessionTimeoutMs: 6_000 }, 1)
    await publishNumbers(config, 1, 5)
    let calls = 0
    let isDone = false
    await open(config).consume({
      group: 'slow',
      topics: ['process'],
      from: 'earliest',
      handler: async (batch, signal) => {
        calls++
        // Like a handler that waits for another service. If the group considered it dead, another member would get its batch.
        await new Promise((resolve) => setTimeout(resolve, 8_000))
        isDone = !signal.aborted
        return whole(batch)
      },
    })
    await waitFor('the handler', () => isDone)
    await waitFor('its offset', async () => (await groupLag(config, 'slow', ['process'], SILENT_LOGGER))[0]?.lag === 0)
    assert.equal(calls, 1)
  })

  it('refuses a result that lies outside of the batch', async () => {
    const config = await freshKafkaTopics({}, 1)
    await publishNumbers(config, 1, 3)
    const errors: string[] = []
    const results = [-1, 99, 1.5]
    await open(config).consume({
      group: 'g',
      topics: ['process'],
      from: 'earliest',
      handler: (batch) => Promise.resolve({ nextOffset: results.shift() ?? batch.lastOffset + 1, outputs: [] }),
      onRetry: (error) => errors.push((error as Error).message),
    })
    await waitFor('the good result', async () => (await groupLag(config, 'g', ['process'], SILENT_LOGGER))[0]?.lag === 0)
    assert.equal(errors.length, 3)
  })

  it('reads nothing of aborted transactions, and skips their markers', async () => {
    const config = await freshKafkaTopics({}, 1)
    const topic = topicNameOf(config, 'process')
    const producer = transactionalProducer(config, `${topic}.test`)
    await producer.connect()
    for (const [value, isCommitted] of [
      ['committed 1', true],
      ['dropped', false],
      ['committed 2', true],
      ['dropped too', false],
    ] as const) {
      const transaction = await producer.transaction()
      await transaction.send({ topic, messages: [{ key: 'k', value }] })
      await (isCommitted ? transaction.commit() : transaction.abort())
    }
    await producer.disconnect()
    const values: string[] = []
    await open(config).consume({ group: 'g', topics: ['process'], from: 'earliest', handler: collectValues(values) })
    await waitForCount('both', () => values.length, 2)
    await waitFor(
      'no lag but the last aborted one and its markers',
      async () => ((await groupLag(config, 'g', ['process'], SILENT_LOGGER))[0]?.lag ?? 99) <= 2,
    )
    assert.deepEqual(values, ['committed 1', 'committed 2'])
  })

  it('reads nothing of transactions that were open at the same time and then aborted, whichever ended first', async () => {
    const config = await freshKafkaTopics({}, 1)
    const topic = topicNameOf(config, 'process')
    const names = ['first', 'second', 'third', 'good']
    const producers = names.map((name) => transactionalProducer(config, `${topic}.${name}`))
    await Promise.all(producers.map(async (producer) => await producer.connect()))
    const transactions = []
    for (const [index, producer] of producers.entries()) {
      const transaction = await producer.transaction()
      await transaction.send({ topic, messages: [{ key: 'k', value: `${names[index] ?? ''} 1` }] })
      transactions.push(transaction)
    }
    for (const [index, transaction] of transactions.entries()) {
      // A record with the key of an abort marker is not a marker.
      await transaction.send({ topic, messages: [{ key: Buffer.alloc(4), value: `${names[index] ?? ''} 2` }] })
      await transaction.send({ topic, messages: [{ key: 'k', value: `${names[index] ?? ''} 3` }] })
    }
    const [first, second, third, good] = transactions
    await third?.abort()
    await second?.abort()
    await first?.abort()
    await good?.commit()
    await Promise.all(producers.map(async (producer) => await producer.disconnect()))
    for (const maxBatchBytes of [1_000_000, 1]) {
      const values: string[] = []
      const group = `g${String(maxBatchBytes)}`
      const consumer = await open(config).consume({
        group,
        topics: ['process'],
        from: 'earliest',
        maxBatchBytes,
        handler: collectValues(values),
      })
      await waitFor('the good ones', () => values.includes('good 3'))
      await consumer.stop('read')
      assert.deepEqual(values, ['good 1', 'good 2', 'good 3'])
    }
  })

  for (const codec of ['gzip', 'snappy', 'lz4', 'zstd']) {
    it(`reads what librdkafka compressed with ${codec}`, async () => {
      const config = await freshKafkaTopics({}, 1)
      const lines = Array.from({ length: 200 }, (_, index) => `line ${String(index)} ${'x'.repeat(50)}`)
      const topic = topicNameOf(config, 'process')
      execFileSync('kcat', ['-P', '-b', String(config.brokers[0]), '-t', topic, '-z', codec], { input: lines.join('\n') + '\n' })
      const values: string[] = []
      await open(config).consume({
        group: 'g',
        topics: ['process'],
        from: 'earliest',
        handler: (batch) => {
          while (batch.next()) {
            assert.equal(batch.keyStart, -1)
            values.push(Buffer.from(batch.valueBytes.subarray(batch.valueStart, batch.valueEnd)).toString())
          }
          return Promise.resolve(whole(batch))
        },
      })
      await waitForCount('all lines', () => values.length, lines.length)
      assert.deepEqual(values, lines)
    })
  }

  it('reports how many records were removed before the group read them, and continues after them', async () => {
    const config = await freshKafkaTopics({}, 1)
    await publishNumbers(config, 1, 100)
    const topic = topicNameOf(config, 'process')
    const admin = kafkajsClient(config, SILENT_LOGGER, { retries: 3 }).admin()
    await admin.connect()
    await admin.setOffsets({ groupId: `${config.topicPrefix ?? ''}late`, topic, partitions: [{ partition: 0, offset: '10' }] })
    await admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: '50' }] })
    await admin.disconnect()
    const lines: unknown[] = []
    const missed: unknown[] = []
    const numbers: number[] = []
    const log: Logger = { ...SILENT_LOGGER, error: (facts, message) => lines.push({ ...facts, message }) }
    await open(config, log).consume({
      group: 'late',
      topics: ['process'],
      from: 'earliest',
      onMissed: (key, partition, records) => missed.push([key, partition, records]),
      handler: (batch) => {
        numbers.push(...numbersOf(batch))
        return Promise.resolve(whole(batch))
      },
    })
    await waitForCount('the rest', () => numbers.length, 50)
    assert.deepEqual([numbers[0], numbers.length], [51, 50])
    assert.deepEqual(missed, [['process', 0, 40]])
    const message = 'the offset of a group is not in the topic, it goes on at another one'
    assert.deepEqual(lines, [{ group: 'late', topic, partition: 0, from: 10, to: 50, records: 40, message }])
  })

  it('reports how far it is behind, also while a handler works or its partition rests, and nothing once all is read', async () => {
    const config = await freshKafkaTopics({}, 1)
    await publishNumbers(config, 1, 100)
    const lags: [records: number, seconds: number | null][] = []
    const last = (): number | undefined => lags.at(-1)?.[0]
    let release: () => void = () => undefined
    const gate = new Promise<void>((resolve) => (release = resolve))
    const calls: number[] = []
    await open(config).consume({
      group: 'lag',
      topics: ['process'],
      from: 'earliest',
      onLag: (_, __, records, seconds) => lags.push([records, seconds]),
      handler: async (batch) => {
        await gate
        // The first time it rests for so long that its bytes are given back.
        const isFirst = calls.push(lags.length) === 1
        return isFirst ? { nextOffset: batch.firstOffset, outputs: [], restMs: 2_500 } : whole(batch)
      },
    })
    await waitFor('the lag of 100 records', () => last() === 100 && (lags.at(-1)?.[1] ?? 0) > 0)
    await publishNumbers(config, 101, 150)
    await waitFor('the lag of 150 records', () => last() === 150)
    release()
    await waitForCount('the call after the rest', () => calls.length, 2)
    const whileResting = lags.slice(calls[0], calls[1])
    assert.ok(whileResting.length > 0 && whileResting.every(([records]) => records === 150), JSON.stringify(whileResting))
    await waitFor('no lag', () => last() === 0)
    assert.equal(lags.at(-1)?.[1], 0)
  })

  it('ends with the reason when a topic is missing', async () => {
    const config: KafkaConfig = { brokers: [(await sharedKafka()).address], topicPrefix: 'never-made.' }
    const consumer = await open(config).consume({
      group: 'g',
      topics: ['process'],
      from: 'earliest',
      handler: (batch) => Promise.resolve(whole(batch)),
    })
    await assert.rejects(consumer.done, (error: unknown) => {
      assert.ok(error instanceof KafkaTopicError)
      assert.match(error.message, /never-made\.eunomia\.process\.v1.*eunomia topics create/)
      return true
    })
  })

  it('keeps trying while no broker answers, logs it once, and can be stopped meanwhile', async () => {
    const address = `127.0.0.1:${String(await freePort())}`
    const lines: string[] = []
    let attempts = 0
    const log: Logger = {
      ...SILENT_LOGGER,
      warn: (facts, message) => lines.push(`${String(facts['brokers'])} ${message}`),
      debug: (_, message) => (attempts += message.startsWith('Kafka gives no') ? 1 : 0),
    }
    const consumer = await open({ brokers: [address] }, log).consume({
      group: 'g',
      topics: ['process'],
      from: 'earliest',
      handler: (batch) => Promise.resolve(whole(batch)),
    })
    await waitForCount('two more attempts', () => attempts, 2)
    await consumer.stop('for the test')
    await consumer.done
    assert.deepEqual(lines, [`${address} Kafka gives no records, trying again`])
  })
})
