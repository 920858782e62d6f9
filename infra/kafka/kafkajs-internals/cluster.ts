// A cluster through kafkajs' own connections: metadata, TLS, SASL and time limits stay kafkajs'; frames that are ours go out as they are.
// The only way from the publisher and the transactions into kafkajs.
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

/** How often and how fast kafkajs itself retries. */
export type RetryOptions = Cluster.Options['retry']

type BrokerConnection = Cluster.Connection

const PRODUCER_CONNECTION = 0
const DISCONNECT_MS = 2_000
/** kafkajs' protocol/coordinatorTypes.js. */
const TRANSACTION_COORDINATOR = 1
/** Answers to an offset that is committed by nobody in particular, when the group has members. */
const HAS_MEMBERS = ['UNKNOWN_MEMBER_ID', 'ILLEGAL_GENERATION', 'REBALANCE_IN_PROGRESS']
const TOPIC_FAULTS = ['UNKNOWN_TOPIC_OR_PARTITION', 'TOPIC_AUTHORIZATION_FAILED', 'INVALID_TOPIC_EXCEPTION']

/** A cluster and its connections. */
export class KafkaCluster implements ProduceTransport {
  readonly #cluster: Cluster
  readonly #clientId: string
  readonly #logger: KafkajsLogger
  /** Connections that frames of ours went over; as many as brokers lead our partitions. */
  readonly #used = new Set<BrokerConnection>()
  readonly #dropped = new WeakSet<BrokerConnection>()
  readonly #authenticating = new WeakMap<BrokerConnection, Promise<void>>()

  /** @param retry how often kafkajs itself retries; by default it tries each broker of the list once */
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

  /** Connects and learns the partitions of these topics. Throws what kafkajs throws. */
  async connect(topics: readonly string[]): Promise<void> {
    await this.#cluster.connect()
    await this.#cluster.addMultipleTargetTopics([...topics])
  }

  async refresh(): Promise<void> {
    await this.#cluster.connect()
    try {
      await this.#cluster.refreshMetadata()
    } catch (error) {
      if (!hasKafkaLabel(error, ...TOPIC_FAULTS) || !(await this.#refreshWhatIsThere())) throw error
    }
  }

  // kafkajs learns the leaders of all topics or of none: one that was deleted or is denied would keep the others from being found again.
  async #refreshWhatIsThere(): Promise<boolean> {
    const cluster = this.#cluster
    const all = cluster.targetTopics
    const isThere = await Promise.all([...all].map((topic) => cluster.brokerPool.withBroker(({ broker }) => broker.metadata([topic]))))
    const found = [...all].filter((_, index) => isThere[index] !== null)
    if (found.length === 0 || found.length === all.size) return false
    await cluster.brokerPool.refreshMetadata(found)
    return true
  }

  partitionCount(topic: string): number {
    return this.#cluster.findTopicPartitionMetadata(topic).length
  }

  async leaderConnection(topic: string, partition: number): Promise<BrokerConnection> {
    const leader = this.#cluster.findTopicPartitionMetadata(topic).find((metadata) => metadata.partitionId === partition)?.leader ?? -1
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
   * Ends a connection that failed. kafkajs keeps half-read bytes of an answer over a reconnect of the same object, and only half-closes a
   * socket that timed out; so neither is used again.
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
      // kafkajs reads the seed broker, which a removal before this one may have emptied: nothing is left to remove then.
    }
  }

  async initProducer(): Promise<ProducerIdentity> {
    const broker = await this.#cluster.findControllerBroker()
    const { producerId, producerEpoch } = await broker.initProducerId({ transactionalId: undefined, transactionTimeout: 60_000 })
    return { id: BigInt(producerId), epoch: producerEpoch }
  }

  /** Next offset of a group in a partition. Throws what kafkajs throws. */
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
   * Commits the end of each partition in which a group has no offset yet. kafkajs would read the end at each join until
   * the first commit, and skip the records in between. A group with members has started. Throws what kafkajs throws.
   */
  async beginAtEnd(group: string, topics: readonly string[]): Promise<void> {
    await this.connect(topics)
    const coordinator = await this.#cluster.findGroupCoordinator({ groupId: group })
    const asked = topics.map((topic) => ({ topic, partitions: this.#partitionsOf(topic).map((partition) => ({ partition })) }))
    const { responses } = await coordinator.offsetFetch({ groupId: group, topics: asked })
    const without = responses
      .map(({ topic, partitions }) => ({ topic, partitions: partitions.filter(({ offset }) => Number(offset) < 0), fromBeginning: false }))
      .filter(({ partitions }) => partitions.length > 0)
    if (without.length === 0) return
    const ends = await this.#cluster.fetchTopicsOffset(without)
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
   * Ends in all partitions of `topics`, and in the offsets of the group, what a transaction left there whose end was never written. What it
   * wrote is not seen then. Takes the transactional id over. Throws what kafkajs throws.
   */
  async endLeftOpen(transactionalId: string, transactionTimeout: number, group: string, topics: readonly string[]): Promise<void> {
    await this.connect(topics)
    // Metadata of before could lack a partition, or its leader: there the end would be written nowhere again.
    await this.#cluster.refreshMetadata()
    const coordinator = await this.#cluster.findGroupCoordinator({ groupId: transactionalId, coordinatorType: TRANSACTION_COORDINATOR })
    const producer = await coordinator.initProducerId({ transactionalId, transactionTimeout })
    const transaction = { transactionalId, ...producer }
    const partitions = topics.map((topic) => ({ topic, partitions: this.#partitionsOf(topic) }))
    await coordinator.addPartitionsToTxn({ ...transaction, topics: partitions })
    await coordinator.addOffsetsToTxn({ ...transaction, groupId: group })
    await coordinator.endTxn({ ...transaction, transactionResult: false })
  }

  /** Takes a member out of its group, so that the others need not wait for its session to end. Throws what kafkajs throws. */
  async removeMember(group: string, memberId: string): Promise<void> {
    await this.#cluster.connect()
    const coordinator = await this.#cluster.findGroupCoordinator({ groupId: group })
    await coordinator.leaveGroup({ groupId: group, memberId })
  }

  /** A transactional producer of kafkajs over these connections; not idempotent outside of transactions, which saves it a producer id. */
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

  // While kafkajs authenticates again, it takes the next answer on the connection for its own, so nothing else may be under way.
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

/** Makes kafkajs join again when its eachBatch throws it. */
export function rejoinError(): Error {
  return createErrorFromCode(REBALANCE_IN_PROGRESS)
}
