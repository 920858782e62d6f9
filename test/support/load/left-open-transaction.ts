// What a broker leaves of a transaction whose end it forgot to write: records, and the offset of a group, that wait for an end for ever. Made by
// adding neither at the coordinator, which only a broker without `transaction.partition.verification.enable` accepts.
import Cluster from 'kafkajs/src/cluster/index.js'
import { createLogger } from 'kafkajs/src/loggers/index.js'
import createSocketFactory from 'kafkajs/src/network/socketFactory.js'
import { groupNameOf, topicNameOf, type KafkaConfig } from '../../../infra/kafka/kafka-config.js'
import { transactionalIdsOf } from '../../../infra/kafka/group/transactional-producer.js'
import type { TopicKey } from '../../../infra/topic-log/topics.js'
import { waitFor } from '../wait-for.js'

/** What it would have committed for partition 0 of its input. */
export interface LeftOpen {
  readonly group: string
  readonly input: TopicKey
  readonly nextOffset: number
  readonly output: TopicKey
  readonly outputPartition: number
  readonly records: readonly { readonly key: Buffer; readonly value: Buffer }[]
}

/** Leaves it open under a transactional id of the group. */
export async function leaveOpen(config: KafkaConfig, left: LeftOpen): Promise<void> {
  const { group, input, nextOffset, output, outputPartition, records } = left
  const [inputName, outputName, groupId] = [topicNameOf(config, input), topicNameOf(config, output), groupNameOf(config, group)]
  const transactionalId = transactionalIdsOf(groupId, 'former').together
  const cluster = new Cluster({
    logger: createLogger({ level: 0, logCreator: () => () => undefined }),
    socketFactory: createSocketFactory(),
    brokers: [...config.brokers],
    ssl: undefined,
    sasl: undefined,
    clientId: 'forgetful',
    connectionTimeout: 3_000,
    authenticationTimeout: 3_000,
    reauthenticationThreshold: 3_000,
    requestTimeout: 10_000,
    enforceRequestTimeout: true,
    metadataMaxAge: 300_000,
    allowAutoTopicCreation: false,
    maxInFlightRequests: null,
    retry: { retries: 10, initialRetryTime: 100 },
  })
  await cluster.connect()
  try {
    await cluster.addMultipleTargetTopics([inputName, outputName])
    const coordinator = await cluster.findGroupCoordinator({ groupId: transactionalId, coordinatorType: 1 })
    // Topics of transactions and offsets that were made a moment ago are loaded first.
    const soon = async <Value>(what: string, ask: () => Promise<Value>): Promise<NonNullable<Value>> =>
      await waitFor(what, async () => await ask().catch(() => null))
    const producer = await soon('the coordinator', () => coordinator.initProducerId({ transactionalId, transactionTimeout: 30_000 }))
    const transaction = { transactionalId, ...producer }
    const leader = await cluster.findBroker({ nodeId: cluster.findTopicPartitionMetadata(outputName)[outputPartition]?.leader ?? -1 })
    const messages = records.map((record) => ({ ...record, timestamp: String(Date.now()) }))
    await leader.produce({
      ...transaction,
      topicData: [{ topic: outputName, partitions: [{ partition: outputPartition, firstSequence: 0, messages }] }],
    })
    const topics = [{ topic: inputName, partitions: [{ partition: 0, offset: String(nextOffset) }] }]
    await soon('the coordinator of the group', async () => {
      const groupCoordinator = await cluster.findGroupCoordinator({ groupId })
      await groupCoordinator.txnOffsetCommit({ ...transaction, groupId, topics })
      return true
    })
  } finally {
    await cluster.disconnect()
  }
}
