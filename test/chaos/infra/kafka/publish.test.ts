// Publishing while the broker dies and connections break: nothing lost, nothing twice.
import assert from 'node:assert/strict'
import { KafkaTopicLog } from '../../../../infra/kafka/kafka-topic-log.js'
import { kafkajsClient } from '../../../../infra/kafka/client-options.js'
import { topicNameOf, type KafkaConfig } from '../../../../infra/kafka/kafka-config.js'
import type { KafkaPublisher } from '../../../../infra/kafka/publisher/publisher.js'
import { PRODUCE } from '../../../../infra/kafka/publisher/produce-request.js'
import { SILENT_LOGGER } from '../../../../infra/process/logger.js'
import { dose } from '../../../support/runner/dose.js'
import { startKafkaCluster } from '../../../support/services/kafka-cluster.js'
import { compareNumbers, NumberedLoad, numbersIn } from '../../../support/load/numbered-load.js'
import { startOwnKafka, startProxiedKafka } from '../../../support/services/own-kafka.js'
import { waitFor, waitForCount } from '../../../support/wait-for.js'

interface Progress {
  mark: number
  records: number
  lost: number
}

/** Publishes numbered records during `disturb`, then compares the acknowledgements with the topic. */
async function publishUnder(config: KafkaConfig, disturb: (progress: Readonly<Progress>) => Promise<void>): Promise<KafkaPublisher> {
  const progress: Progress = { mark: 0, records: 0, lost: 0 }
  const log = new KafkaTopicLog(config, SILENT_LOGGER)
  const publisher = await log.appender(
    (_, mark, records) => Object.assign(progress, { mark, records: progress.records + records }),
    (_, __, records) => (progress.lost += records),
  )
  const load = new NumberedLoad(publisher, 'process', 4_000)
  try {
    await disturb(progress)
    load.stop()
    await publisher.flush()
  } finally {
    load.stop()
    await log.close()
  }
  assert.deepEqual(progress, { mark: load.appended, records: load.appended, lost: 0 })
  assert.equal(publisher.counters.producerResets, 0)
  const result = compareNumbers(await numbersIn(config, 'process', load.appended), load.appended)
  assert.deepEqual(result, { missing: 0, repeated: 0, isOrdered: true })
  return publisher
}

async function areAllInSync(config: KafkaConfig): Promise<boolean> {
  const admin = kafkajsClient(config, SILENT_LOGGER, { retries: 3 }).admin()
  try {
    await admin.connect()
    const { topics } = await admin.fetchTopicMetadata({ topics: [topicNameOf(config, 'process')] })
    return topics.every(({ partitions }) => partitions.every(({ isr, leader }) => isr.length === 3 && leader > 0))
  } finally {
    await admin.disconnect()
  }
}

const KILLS = dose(2, 10)
/** Nodes of a cluster of three that are killed one after the other. */
const KILLED_NODES = dose(1, 3)
/** An answer is 63 bytes long here: it is cut in its size, its header, its names and its numbers. */
const ANSWER_BYTES = 63
const CUT_STEP_BYTES = dose(9, 1)

describe('infra/kafka publishing under faults', () => {
  it('loses nothing and repeats nothing over kills of the broker under load', async () => {
    const kafka = await startOwnKafka(3)
    const publisher = await publishUnder(kafka.config, async (progress) => {
      for (let kill = 0; kill < KILLS; kill++) {
        const before = progress.mark
        await waitForCount('acknowledgements before the kill', () => progress.mark, before + 2_001)
        await kafka.service.kill9()
        await kafka.restart()
      }
      const last = progress.mark
      await waitForCount('acknowledgements after the last kill', () => progress.mark, last + 2_001)
    })
    assert.ok(publisher.counters.retries >= KILLS)
    await kafka.service.stop()
  })

  it('loses nothing and repeats nothing when leaders in a cluster of three are killed one after the other', async () => {
    const cluster = await startKafkaCluster(3)
    await publishUnder(cluster.config, async (progress) => {
      for (let node = 0; node < KILLED_NODES; node++) {
        const before = progress.mark
        await waitForCount('acknowledgements before the kill', () => progress.mark, before + 2_001)
        await cluster.kill9(node)
        const without = progress.mark
        await waitForCount('acknowledgements without the node', () => progress.mark, without + 2_001)
        await cluster.restart(node)
        await waitFor('the node in sync again', async () => await areAllInSync(cluster.config), { everyMs: 100 })
      }
    })
    await cluster.stop()
  })

  it('loses nothing and repeats nothing when answers are cut at any byte', async () => {
    const kafka = await startProxiedKafka()
    const publisher = await publishUnder(await kafka.freshTopics(2), async (progress) => {
      for (let bytes = 0; bytes < ANSWER_BYTES; bytes += CUT_STEP_BYTES) {
        const { cuts } = kafka.proxy
        const before = progress.mark
        kafka.proxy.cutNextAnswer(PRODUCE.apiKey, bytes)
        await waitForCount('the cut', () => kafka.proxy.cuts, cuts + 1)
        await waitForCount('acknowledgements after the cut', () => progress.mark, before + 41)
      }
    })
    assert.ok(publisher.counters.retries >= ANSWER_BYTES / CUT_STEP_BYTES)
    await kafka.proxy.close()
  })
})
