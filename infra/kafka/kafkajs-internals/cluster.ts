// A cluster over the connections of kafkajs, which does metadata, TLS, SASL and time limits; our own frames are sent unchanged.
// The only access of the publisher and the transactions to kafkajs.
import kafkajs, { type Logger as KafkajsLogger, type Producer } from 'kafkajs'
import Cluster from 'kafkajs/src/cluster/index.js'
import { createLogger } from 'kafkajs/src/loggers/index.js'
import createSocketFactory from 'kafkajs/src/network/socketFactory.js'
import createProducer from 'kafkajs/src/producer/index.js'
import { createErrorFromCode } from 'kafkajs/src/protocol/error.js'
import type { Logger } from '../../process/logger.js'
import { within } from '../../waiting/clock.js'
import { KAFKAJS_LOG_LEVEL, kafkajsLogCreator, saslOptionsOf, shuffled } from '../client-options.js'
import { OFFSET_FETCH, parseStableOffset, type StableOffset, stableOffsetRequest } from '../flexible-requests.js'
import type { KafkaConfig } from '../kafka-config.js'
import { hasKafkaLabel } from '../kafka-errors.js'
import type { FrameApi, ProducerIdentity, ProduceTransport } from '../transport.js'
import { fixKafkajs } from './fixes.js'

/** How often and how fast kafkajs retries. */
export type RetryOptions = Cluster.Options['retry']

type BrokerConnection = Cluster.Connection

const PRODUCER_CONNECTION = 0
const DISCONNECT_MS = 2_000
/** See protocol/coordinatorTypes.js of kafkajs. */
const TRANSACTION_COORDINATOR = 1
/** Answers to a commit without a member id, if the group has members. */
const HAS_MEMBERS = ['UNKNOWN_MEMBER_ID', 'ILLEGAL_GENERATION', 'REBALANCE_IN_PROGRESS']
const TOPIC_FAULTS = ['UNKNOWN_TOPIC_OR_PARTITION', 'TOPIC_AUTHORIZATION_FAILED', 'INVALID_TOPIC_EXCEPTION']

/** A cluster and its connections. */
export class KafkaCluster implements ProduceTransport {
  readonly #cluster: Cluster
  readonly #clientId: string
  readonly #logger: KafkajsLogger
  /** Connections that carried our frames; at most one per broker. */
  readonly #used = new Set<BrokerConnection>()
  readonly #dropped = new WeakSet<BrokerConnection>()
  readonly #authenticating = new WeakMap<BrokerConnection, Promise<void>>()

  /** @param retry by default, kafkajs tries each broker of the list once */
  constructor(config: KafkaConfig, log: Logger, retry: RetryOptions = { retries: config.brokers.length - 1, initialRetryTime: 10 }) {
    fixKafkajs()
    this.#clientId = config.clientId ?? 'eunomia'
    this.#logger = createLogger({ level: KAFKAJS_LOG_LEVEL, logCreator: kafkajsLogCreator(log) })
    this.#cluster = new Cluster({
      logger: this.#logger,
      socketFactory: createSocketFactory(),
      brokers: shuffled(config.brokers),
      ssl: config.tls === false ? undefined : config.tls,
      sasl: saslOptionsOf(config),
      clientId: this.#clientId,
      connectionTimeout: 3_000,
      authenticationTimeout: 10_000,
      reauthenticationThreshold: 10_000,
      requestTimeout: config.requestTimeoutMs ?? 30_000,
      enforceRequestTimeout: true,
      metadataMaxAge: 300_000,
      allowAutoTopicCreation: false,
      maxInFlightRequests: null,
      retry,
    })
  }

  /** Connects and fetches the partitions of these topics. Throws the errors of kafkajs, as do the other methods. */
  async connect(topics: readonly string[]): Promise<void> {
    await this.#cluster.connect()
    await this.#cluster.addMultipleTargetTopics([...topics])
  }

  async refresh(): Promise<void> {
    await this.#cluster.connect()
    try {
      await this.#cluster.refreshMetadata()
    } catch (error) {
      if (!hasKafkaLabel(error, ...TOPIC_FAULTS) || !(await this.#refreshAvailable())) throw error
    }
  }

  // kafkajs fetches the leaders of all topics or of none: a deleted or denied topic would block the others.
  async #refreshAvailable(): Promise<boolean> {
    const cluster = this.#cluster
    const all = cluster.targetTopics
    const answers = await Promise.all([...all].map((topic) => cluster.brokerPool.withBroker(({ broker }) => broker.metadata([topic]))))
    const found = [...all].filter((_, index) => answers[index] !== null)
    if (found.length === 0 || found.length === all.size) return false
    await cluster.brokerPool.refreshMetadata(found)
    return true
  }

  partitionCount(topic: string): number {
    return this.#cluster.findTopicPartitionMetadata(topic).length
  }

  leaderOf(topic: string, partition: number): number {
    return this.#cluster.findTopicPartitionMetadata(topic).find((metadata) => metadata.partitionId === partition)?.leader ?? -1
  }

  async leaderConnection(topic: string, partition: number): Promise<BrokerConnection> {
    const leader = this.leaderOf(topic, partition)
    if (leader < 0) throw new Error(`${topic}/${String(partition)} has no leader`)
    const broker = await this.#cluster.findBroker({ nodeId: leader })
    const connection = await broker.connectionPool.getConnection(PRODUCER_CONNECTION)
    this.#used.add(connection)
    return connection
  }

  async sendFrame(connection: BrokerConnection, api: FrameApi, frame: Buffer): Promise<Buffer> {
    if (connection.sasl && !connection.isAuthenticated()) await this.#authenticate(connection)
    const { socket } = connection
    if (!connection.isConnected() || socket === undefined) throw new Error('not connected')
    const reply = await new Promise<{ payload: Buffer }>((resolve, reject) => {
      const correlationId = connection.nextCorrelationId()
      frame.writeInt32BE(correlationId, 8)
      connection.requestQueue.push({
        entry: { ...api, correlationId, resolve, reject },
        expectResponse: true,
        requestTimeout: null,
        sendRequest: () => socket.write(frame),
      })
    })
    return reply.payload
  }

  throttle(connection: BrokerConnection, pauseMs: number): void {
    connection.requestQueue.maybeThrottle(pauseMs)
  }

  /**
   * Ends a connection that failed. It is never used again: kafkajs keeps the bytes of a partial answer across a reconnect, and only half-closes
   * a socket that timed out.
   */
  drop(connection: BrokerConnection): void {
    if (this.#dropped.has(connection)) return
    this.#dropped.add(connection)
    this.#used.delete(connection)
    connection.socket?.destroy()
    connection.requestQueue.rejectAll(new Error('the connection was dropped'))
    connection.disconnect().catch(() => undefined)
    try {
      this.#cluster.removeBroker({ host: connection.host, port: connection.port })
    } catch {
      // kafkajs reads the seed broker, which an earlier removal may have emptied: then nothing is left to remove.
    }
  }

  async initProducer(): Promise<ProducerIdentity> {
    const broker = await this.#cluster.findControllerBroker()
    const { producerId, producerEpoch } = await broker.initProducerId({ transactionalId: undefined, transactionTimeout: 60_000 })
    return { id: BigInt(producerId), epoch: producerEpoch }
  }

  /** Next offset of a group in a partition. */
  async stableOffset(group: string, topic: string, partition: number): Promise<StableOffset> {
    const coordinator = await this.#cluster.findGroupCoordinator({ groupId: group })
    const connection = await coordinator.connectionPool.getConnection(PRODUCER_CONNECTION)
    this.#used.add(connection)
    const request = stableOffsetRequest(this.#clientId, group, topic, partition)
    const { errorCode, offset } = parseStableOffset(await this.sendFrame(connection, OFFSET_FETCH, request))
    if (errorCode !== 0) throw createErrorFromCode(errorCode)
    return offset
  }

  /**
   * Commits the end of each partition in which a group has no offset yet. Otherwise kafkajs would start at the current end at each join until
   * the first commit, and skip the records in between. Changes nothing for a group with members.
   */
  async beginAtEnd(group: string, topics: readonly string[]): Promise<void> {
    await this.connect(topics)
    const coordinator = await this.#cluster.findGroupCoordinator({ groupId: group })
    const all = topics.map((topic) => ({ topic, partitions: this.#partitionsOf(topic).map((partition) => ({ partition })) }))
    const { responses } = await coordinator.offsetFetch({ groupId: group, topics: all })
    const uncommitted = responses
      .map(({ topic, partitions }) => ({ topic, partitions: partitions.filter(({ offset }) => Number(offset) < 0), fromBeginning: false }))
      .filter(({ partitions }) => partitions.length > 0)
    if (uncommitted.length === 0) return
    const ends = await this.#cluster.fetchTopicsOffset(uncommitted)
    try {
      await coordinator.offsetCommit({ groupId: group, groupGenerationId: -1, memberId: '', topics: ends })
    } catch (error) {
      if (!hasKafkaLabel(error, ...HAS_MEMBERS)) throw error
    }
  }

  #partitionsOf(topic: string): number[] {
    return this.#cluster.findTopicPartitionMetadata(topic).map(({ partitionId }) => partitionId)
  }

  /**
   * Aborts a hanging transaction, one whose end marker was never written, in all partitions of `topics` and in the offsets of the group.
   * Takes over the transactional id.
   */
  async abortHanging(transactionalId: string, transactionTimeout: number, group: string, topics: readonly string[]): Promise<void> {
    await this.connect(topics)
    // Older metadata could lack a partition or its leader, which would then get no marker again.
    await this.#cluster.refreshMetadata()
    const coordinator = await this.#cluster.findGroupCoordinator({ groupId: transactionalId, coordinatorType: TRANSACTION_COORDINATOR })
    const producer = await coordinator.initProducerId({ transactionalId, transactionTimeout })
    const transaction = { transactionalId, ...producer }
    const partitions = topics.map((topic) => ({ topic, partitions: this.#partitionsOf(topic) }))
    await coordinator.addPartitionsToTxn({ ...transaction, topics: partitions })
    await coordinator.addOffsetsToTxn({ ...transaction, groupId: group })
    await coordinator.endTxn({ ...transaction, transactionResult: false })
  }

  /** Removes a member from its group, so that the others need not wait for its session timeout. */
  async removeMember(group: string, memberId: string): Promise<void> {
    await this.#cluster.connect()
    const coordinator = await this.#cluster.findGroupCoordinator({ groupId: group })
    await coordinator.leaveGroup({ groupId: group, memberId })
  }

  /** A transactional producer of kafkajs over these connections; not idempotent outside of transactions, which saves a producer id. */
  transactionalProducer(transactionalId: string, transactionTimeoutMs: number, retry: RetryOptions): Producer {
    this.#cluster.retry = retry
    return createProducer({
      cluster: this.#cluster,
      logger: this.#logger,
      createPartitioner: kafkajs.Partitioners.DefaultPartitioner,
      idempotent: false,
      transactionalId,
      transactionTimeout: transactionTimeoutMs,
      retry,
    })
  }

  async disconnect(): Promise<void> {
    for (const connection of this.#used) this.drop(connection)
    // kafkajs waits for the answers to its own requests; a broker that hangs never sends them.
    await within(DISCONNECT_MS, this.#cluster.disconnect())
  }

  // While kafkajs reauthenticates, it takes the next answer on the connection as its own, so no other request may be in flight.
  async #authenticate(connection: BrokerConnection): Promise<void> {
    let running = this.#authenticating.get(connection)
    if (running === undefined) {
      running = connection.requestQueue
        .waitForPendingRequests()
        .then(() => connection.authenticate())
        .finally(() => this.#authenticating.delete(connection))
      this.#authenticating.set(connection, running)
    }
    await running
  }
}

const REBALANCE_IN_PROGRESS = 27

/** Makes kafkajs rejoin the group if eachBatch throws it. */
export function rejoinError(): Error {
  return createErrorFromCode(REBALANCE_IN_PROGRESS)
}
