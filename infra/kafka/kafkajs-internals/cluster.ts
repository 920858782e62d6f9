// A cluster over the connections of kafkajs, which does metadata, TLS, SASL and time limits; our own frames are sent unchanged.
// The only access of the publisher, the fetcher and the groups to kafkajs.
import type { Logger as KafkajsLogger } from 'kafkajs'
import Cluster from 'kafkajs/src/cluster/index.js'
import { createLogger } from 'kafkajs/src/loggers/index.js'
import createSocketFactory from 'kafkajs/src/network/socketFactory.js'
import { createErrorFromCode } from 'kafkajs/src/protocol/error.js'
import type { Logger } from '../../process/logger.js'
import { within } from '../../waiting/clock.js'
import { KAFKAJS_LOG_LEVEL, kafkajsLogCreator, saslOptionsOf, shuffled } from '../client-options.js'
import { DEFAULT_FETCH_BYTES, type KafkaConfig } from '../kafka-config.js'
import { hasKafkaLabel } from '../kafka-errors.js'
import type { CoordinatorKind, FrameApi, KafkaTransport, ProducerIdentity } from '../transport.js'
import { answerSockets } from './answer-socket.js'
import { fixKafkajs, tolerateLeaderless } from './fixes.js'
import { FramePool } from './frame-pool.js'

/** How often and how fast kafkajs retries. */
export type RetryOptions = Cluster.Options['retry']

type BrokerConnection = Cluster.Connection

/** kafkajs has two connections to a broker, and uses this one for all requests but its own fetches. */
const FIRST_CONNECTION = 0
const DISCONNECT_MS = 2_000
/** This part of the memory for fetched records is kept for the next answers, besides. */
const FREE_SHARE = 4
/** See protocol/coordinatorTypes.js of kafkajs. */
const GROUP_COORDINATOR = 0
const TRANSACTION_COORDINATOR = 1
const TOPIC_FAULTS = ['UNKNOWN_TOPIC_OR_PARTITION', 'TOPIC_AUTHORIZATION_FAILED', 'INVALID_TOPIC_EXCEPTION']

/** A cluster and its connections. */
export class KafkaCluster implements KafkaTransport {
  readonly #cluster: Cluster
  readonly #logger: KafkajsLogger
  /** Connections that carried our frames. */
  readonly #used = new Set<BrokerConnection>()
  readonly #dropped = new WeakSet<BrokerConnection>()
  readonly #authenticating = new WeakMap<BrokerConnection, Promise<void>>()
  /** Brokers with connections besides those of kafkajs' pool, by purpose and node. */
  readonly #besides = new Map<string, Cluster.Broker>()
  readonly #isBesides = new WeakSet<BrokerConnection>()
  /** Of the answers to fetches. */
  readonly #frames: FramePool
  /** Nodes of the coordinators, by type and id. */
  readonly #coordinators = new Map<string, number>()
  #isClosed = false

  /** @param retry by default, kafkajs tries each broker of the list once */
  constructor(config: KafkaConfig, log: Logger, retry: RetryOptions = { retries: config.brokers.length - 1, initialRetryTime: 10 }) {
    fixKafkajs()
    this.#frames = new FramePool((config.fetchBytes ?? DEFAULT_FETCH_BYTES) / FREE_SHARE)
    this.#logger = createLogger({ level: KAFKAJS_LOG_LEVEL, logCreator: kafkajsLogCreator(log) })
    this.#cluster = new Cluster({
      logger: this.#logger,
      socketFactory: createSocketFactory(),
      brokers: shuffled(config.brokers),
      ssl: config.tls === false ? undefined : config.tls,
      sasl: saslOptionsOf(config),
      clientId: config.clientId ?? 'eunomia',
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
    tolerateLeaderless(this.#cluster.connectionPoolBuilder)
  }

  /** Connects and fetches the partitions of these topics. Throws the errors of kafkajs, as do the other methods. */
  async connect(topics: readonly string[]): Promise<void> {
    await this.#whileOpen(async () => {
      await this.#cluster.connect()
      await this.#cluster.addMultipleTargetTopics([...topics])
      // kafkajs shares a refresh that is under way, which may be without the new topics.
      if (topics.some((topic) => this.partitionCount(topic) === 0)) await this.#cluster.refreshMetadata()
    })
  }

  async refresh(): Promise<void> {
    await this.#whileOpen(async () => {
      await this.#cluster.connect()
      try {
        await this.#cluster.refreshMetadata()
      } catch (error) {
        if (!hasKafkaLabel(error, ...TOPIC_FAULTS) || !(await this.#refreshAvailable())) throw error
      }
    })
  }

  // kafkajs connects whenever it is asked, also after the end.
  async #whileOpen<T>(act: () => Promise<T>): Promise<T> {
    if (this.#isClosed) throw new Error('the cluster is disconnected')
    try {
      return await act()
    } finally {
      if (this.#isClosed) await this.disconnect()
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

  async leaderConnection(topic: string, partition: number, isApart = false): Promise<BrokerConnection> {
    const leader = this.leaderOf(topic, partition)
    if (leader < 0) throw new Error(`${topic}/${String(partition)} has no leader`)
    return await this.#whileOpen(async () => {
      if (isApart) return await this.#connectionFor('apart', leader)
      const broker = await this.#cluster.findBroker({ nodeId: leader })
      const connection = await broker.connectionPool.getConnection(FIRST_CONNECTION)
      this.#used.add(connection)
      return connection
    })
  }

  nodeIds(): readonly number[] {
    return this.#cluster.getNodeIds().map(Number)
  }

  async fetchConnection(nodeId: number): Promise<BrokerConnection> {
    return await this.#whileOpen(() => this.#connectionFor('fetch', nodeId))
  }

  async coordinatorConnection(kind: CoordinatorKind, id: string): Promise<BrokerConnection> {
    const coordinatorType = kind === 'transaction' ? TRANSACTION_COORDINATOR : GROUP_COORDINATOR
    const key = coordinatorKey(kind, id)
    return await this.#whileOpen(async () => {
      let nodeId = this.#coordinators.get(key)
      if (nodeId === undefined) {
        await this.#cluster.connect()
        nodeId = (await this.#cluster.findGroupCoordinator({ groupId: id, coordinatorType })).nodeId
        this.#coordinators.set(key, nodeId)
      }
      return await this.#connectionFor(kind === 'member' ? 'member' : 'coordinator', nodeId)
    })
  }

  forgetCoordinator(kind: CoordinatorKind, id: string): void {
    this.#coordinators.delete(coordinatorKey(kind, id))
  }

  // Brokers besides those of kafkajs' pool, which loses all connections to a broker when one of them is dropped.
  async #connectionFor(purpose: string, nodeId: number): Promise<BrokerConnection> {
    const { brokerPool, connectionPoolBuilder } = this.#cluster
    // Throws for a node that is unknown, after which the next refresh may know it.
    const { host, port, rack } = (await this.#cluster.findBroker({ nodeId })).connectionPool
    const key = `${purpose}/${String(nodeId)}`
    const isThere = ({ connectionPool }: Cluster.Broker): boolean => connectionPool.host === host && connectionPool.port === port
    let broker = this.#besides.get(key)
    if (broker === undefined || !isThere(broker)) {
      const connectionPool = await connectionPoolBuilder.build({ host, port, rack })
      if (purpose === 'fetch') for (const connection of connectionPool.pool) connection.socketFactory = answerSockets(this.#frames)
      const other = this.#besides.get(key)
      // The broker has moved.
      if (other !== undefined && !isThere(other)) {
        for (const connection of other.connectionPool.pool) if (this.#isBesides.has(connection)) this.drop(connection)
      }
      // Another call may have been faster.
      broker =
        other !== undefined && isThere(other)
          ? other
          : brokerPool.createBroker({ connectionPool, logger: this.#logger, versions: brokerPool.versions, nodeId })
      this.#besides.set(key, broker)
    }
    await broker.connect()
    const connection = await broker.connectionPool.getConnection(FIRST_CONNECTION)
    this.#isBesides.add(connection)
    this.#used.add(connection)
    return connection
  }

  async sendFrame(connection: BrokerConnection, api: FrameApi, frame: Buffer, timeoutMs?: number, silenceMs?: number): Promise<Buffer> {
    if (connection.sasl && !connection.isAuthenticated()) await this.#authenticate(connection)
    const { socket } = connection
    if (!connection.isConnected() || socket === undefined) throw new Error('not connected')
    const answered = new Promise<{ payload: Buffer }>((resolve, reject) => {
      const correlationId = connection.nextCorrelationId()
      frame.writeInt32BE(correlationId, 8)
      connection.requestQueue.push({
        entry: { ...api, correlationId, resolve, reject },
        expectResponse: true,
        requestTimeout: timeoutMs ?? null,
        sendRequest: () => {
          // kafkajs listens to the socket, and rejects what waits on it. A pause that the broker requested is over.
          if (silenceMs !== undefined) socket.setTimeout(silenceMs)
          socket.write(frame)
        },
      })
    })
    try {
      return (await answered).payload
    } finally {
      if (silenceMs !== undefined) socket.setTimeout(0)
    }
  }

  recycle(answer: Uint8Array): void {
    this.#frames.give(answer)
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
    if (this.#isBesides.has(connection)) {
      for (const [key, { connectionPool }] of this.#besides) if (connectionPool.pool.includes(connection)) this.#besides.delete(key)
      return
    }
    try {
      this.#cluster.removeBroker({ host: connection.host, port: connection.port })
    } catch {
      // kafkajs reads the seed broker, which an earlier removal may have emptied: then nothing is left to remove.
    }
  }

  async initProducer(): Promise<ProducerIdentity> {
    return await this.#whileOpen(async () => {
      const broker = await this.#cluster.findControllerBroker()
      const { producerId, producerEpoch } = await broker.initProducerId({ transactionalId: undefined, transactionTimeout: 60_000 })
      return { id: BigInt(producerId), epoch: producerEpoch }
    })
  }

  async disconnect(): Promise<void> {
    this.#isClosed = true
    for (const connection of this.#used) this.drop(connection)
    for (const { connectionPool } of this.#besides.values()) for (const connection of connectionPool.pool) this.drop(connection)
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

/** The offsets and the members of a group have the same coordinator. */
function coordinatorKey(kind: CoordinatorKind, id: string): string {
  return `${kind === 'transaction' ? 'transaction' : 'group'}/${id}`
}

/** The error of a number, with Kafka's name for it. */
export { createErrorFromCode }
