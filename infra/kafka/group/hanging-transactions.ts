// Repairs what a broker has left of a transaction. Brokers (seen with Kafka 4.3.1) take a partition that has no leader for a deleted one: when
// they come back after a crash, a transaction that was about to be committed is reported as committed, while neither its records nor its
// offset ever get their end. The next commit of the same producer would show those records next to the ones that are written again for the
// offset that stands: so they are ended as not committed.
import { messageOf } from '../../process/errors.js'
import type { Logger } from '../../process/logger.js'
import { pause } from '../../waiting/clock.js'
import { DESCRIBE_PRODUCERS, describeProducersRequest, parseProducers } from '../publisher/describe-producers.js'
import type { KafkaTransport } from '../transport.js'
import { CONCURRENT_TRANSACTIONS, Coordinator } from './coordinator.js'
import { TRANSACTION_TIMEOUT_MS, transactionalPrefix } from './transactional-producer.js'
import {
  ADD_OFFSETS_TO_TXN,
  ADD_PARTITIONS_TO_TXN,
  addOffsetsRequest,
  addPartitionsRequest,
  END_TXN,
  endRequest,
  INIT_PRODUCER_ID,
  initProducerRequest,
  LIST_TRANSACTIONS,
  type ListedTransaction,
  listTransactionsRequest,
  parseAddPartitions,
  parseInitProducer,
  parseListTransactions,
  parseTransactionError,
} from './transaction-requests.js'

const MOST_CONCURRENT = 100

/** Whose transactions, and where they write. */
export interface HangingDeps {
  readonly transport: KafkaTransport
  readonly clientId: string
  /** Name in Kafka. */
  readonly group: string
  /** Names of the topics with outputs; empty for a group without transactions. */
  readonly outputTopics: readonly string[]
  readonly log: Logger
}

/**
 * Ends the transactions of a group that no coordinator will end, if there is none that one will: then an offset of the group is pending only
 * because of such a transaction. Takes over the transactional ids that have one in an output partition; all of them if none has, or the broker
 * does not say: then only the offset hangs. A member that still uses one takes it back.
 */
export async function abortHanging(deps: HangingDeps): Promise<void> {
  const { group, log, outputTopics } = deps
  const own = (await listTransactions(deps)).filter(({ transactionalId }) => transactionalId.startsWith(transactionalPrefix(group)))
  const isUnderWay = own.some(({ state }) => state === 'Ongoing' || state.startsWith('Prepare'))
  if (isUnderWay || outputTopics.length === 0) return
  const open = await openProducers(deps).catch(() => new Set<bigint>())
  const hanging = own.filter(({ producerId }) => open.has(producerId))
  for (const { transactionalId } of hanging.length > 0 ? hanging : own) {
    try {
      await abortOne(deps, transactionalId)
    } catch (error) {
      log.warn({ group, transactionalId, error: messageOf(error) }, 'a transaction without its end could not be ended, it is tried again')
    }
  }
}

/** The same for one id, which has no transaction that its coordinator will end. */
export async function abortOne(deps: HangingDeps, transactionalId: string): Promise<void> {
  const { group, log } = deps
  await abortAll(deps, transactionalId)
  log.warn({ group, transactionalId }, 'the broker left a transaction without its end, it was ended as not committed')
}

/** The transactional ids of all coordinators. */
async function listTransactions({ clientId, transport }: HangingDeps): Promise<readonly ListedTransaction[]> {
  const answers = transport.nodeIds().map(async (nodeId) => {
    const connection = await transport.fetchConnection(nodeId)
    return parseListTransactions(await transport.sendFrame(connection, LIST_TRANSACTIONS, listTransactionsRequest(clientId)))
  })
  return (await Promise.all(answers)).flatMap(({ transactions }) => transactions)
}

/** The producers with an open transaction in an output partition. @throws Error if a leader does not say */
async function openProducers({ clientId, outputTopics, transport }: HangingDeps): Promise<ReadonlySet<bigint>> {
  await transport.connect(outputTopics)
  await transport.refresh()
  const open = new Set<bigint>()
  for (const topic of outputTopics) {
    const byLeader = new Map<number, number[]>()
    for (const partition of Array(transport.partitionCount(topic)).keys()) {
      const leader = transport.leaderOf(topic, partition)
      byLeader.set(leader, [...(byLeader.get(leader) ?? []), partition])
    }
    for (const [leader, partitions] of byLeader) {
      const request = describeProducersRequest(clientId, topic, partitions)
      const payload = await transport.sendFrame(await transport.fetchConnection(leader), DESCRIBE_PRODUCERS, request)
      for (const { id, isOpen } of parseProducers(payload)) if (isOpen) open.add(id)
    }
  }
  return open
}

/** Aborts whatever the id has open in all output partitions and in the offsets of the group. */
async function abortAll({ clientId, group, outputTopics, transport }: HangingDeps, transactionalId: string): Promise<void> {
  // Older metadata could lack a partition or its leader, which would then get no marker again.
  await transport.connect(outputTopics)
  await transport.refresh()
  const coordinator = new Coordinator(transport, 'transaction', transactionalId)
  const init = initProducerRequest(clientId, transactionalId, TRANSACTION_TIMEOUT_MS)
  let producer = parseInitProducer(await coordinator.send(INIT_PRODUCER_ID, init))
  for (let attempt = 1; producer.errorCode === CONCURRENT_TRANSACTIONS && attempt < MOST_CONCURRENT; attempt++) {
    await pause(20)
    producer = parseInitProducer(await coordinator.send(INIT_PRODUCER_ID, init))
  }
  coordinator.check(producer.errorCode, `the transactional id ${transactionalId} is not available`)
  const transaction = { transactionalId, id: producer.id, epoch: producer.epoch }
  const partitions = new Map(outputTopics.map((topic) => [topic, [...Array(transport.partitionCount(topic)).keys()]]))
  const added = await coordinator.send(ADD_PARTITIONS_TO_TXN, addPartitionsRequest(clientId, transaction, partitions))
  coordinator.check(parseAddPartitions(added), 'a transaction was not begun')
  const offsets = await coordinator.send(ADD_OFFSETS_TO_TXN, addOffsetsRequest(clientId, transaction, group))
  coordinator.check(parseTransactionError(ADD_OFFSETS_TO_TXN, offsets), 'a transaction was not begun')
  const ended = await coordinator.send(END_TXN, endRequest(clientId, transaction, false))
  coordinator.check(parseTransactionError(END_TXN, ended), 'a transaction was not ended')
}
