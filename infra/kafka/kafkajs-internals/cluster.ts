// A cluster through kafkajs' own connections: metadata, TLS, SASL and time limits stay kafkajs'; frames that are ours go out as they are.
// The only way from the publisher and the transactions into kafkajs.
import { Partitioners, type Logger as KafkajsLogger, type Producer } from 'kafkajs'
import Cluster from 'kafkajs/src/cluster/index.js'
import { createLogger } from 'kafkajs/src/loggers/index.js'
import createSocketFactory from 'kafkajs/src/network/socketFactory.js'
import createProducer from 'kafkajs/src/producer/index.js'
import type { Logger } from '../../logger.js'
import { saslOptionsOf } from '../client-options.js'
import type { KafkaConfig } from '../kafka-config.js'
import { KAFKAJS_LOG_LEVEL, kafkajsLogCreator } from '../kafkajs-logger.js'
import { mendIdleTimer } from './idle-timer.js'

/** What names a producer to the brokers. */
export interface ProducerIdentity {
  readonly id: bigint
  readonly epoch: number
}

/** A connection to one broker. */
export type BrokerConnection = Cluster.Connection

/** Which API a frame of ours belongs to. */
export interface FrameApi {
  readonly apiKey: number
  readonly apiName: string
  readonly apiVersion: number
}

const PRODUCER_CONNECTION = 0

/** A cluster and its connections. */
export class KafkaCluster {
  readonly #cluster: Cluster
  readonly #logger: KafkajsLogger
  readonly #dropped = new WeakSet<BrokerConnection>()
  readonly #authenticating = new WeakMap<BrokerConnection, Promise<void>>()

  constructor(config: KafkaConfig, log: Logger, retry: Cluster.Options['retry'] = { retries: 0 }) {
    mendIdleTimer()
    this.#logger = createLogger({ level: KAFKAJS_LOG_LEVEL, logCreator: kafkajsLogCreator(log) })
    this.#cluster = new Cluster({
      logger: this.#logger,
      socketFactory: createSocketFactory(),
      brokers: [...config.brokers],
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
  }

  /** Connects and learns the partitions of these topics. Throws what kafkajs throws. */
  async connect(topics: readonly string[]): Promise<void> {
    await this.#cluster.connect()
    await this.#cluster.addMultipleTargetTopics([...topics])
  }

  /** Learns the leaders anew, also from another broker than before. */
  async refresh(): Promise<void> {
    await this.#cluster.connect()
    await this.#cluster.refreshMetadata()
  }

  partitionCount(topic: string): number {
    return this.#cluster.findTopicPartitionMetadata(topic).length
  }

  /** The connection to the leader of a partition, connected and authenticated. */
  async leaderConnection(topic: string, partition: number): Promise<BrokerConnection> {
    const leader = this.#cluster.findTopicPartitionMetadata(topic).find((metadata) => metadata.partitionId === partition)?.leader ?? -1
    if (leader < 0) throw new Error(`${topic}/${String(partition)} has no leader`)
    const broker = await this.#cluster.findBroker({ nodeId: leader })
    return await broker.connectionPool.getConnection(PRODUCER_CONNECTION)
  }

  /**
   * Sends a whole frame (size, header, body) and gives the body of the answer. Bytes 8-11, the correlation id, are stamped; the frame is not
   * copied, so it must not change before the answer.
   */
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

  /**
   * Ends a connection that failed. kafkajs keeps half-read bytes of an answer over a reconnect of the same object, and only half-closes a
   * socket that timed out; so neither is used again.
   */
  drop(connection: BrokerConnection): void {
    if (this.#dropped.has(connection)) return
    this.#dropped.add(connection)
    connection.socket?.destroy()
    connection.requestQueue.rejectAll(new Error('the connection was dropped'))
    connection.disconnect().catch(() => undefined)
    try {
      this.#cluster.removeBroker({ host: connection.host, port: connection.port })
    } catch {
      // kafkajs reads the seed broker, which a removal before this one may have emptied: nothing is left to remove then.
    }
  }

  /** A new identity for idempotent producing. */
  async initProducer(): Promise<ProducerIdentity> {
    const broker = await this.#cluster.findControllerBroker()
    const { producerId, producerEpoch } = await broker.initProducerId({ transactionalId: undefined, transactionTimeout: 60_000 })
    return { id: BigInt(producerId), epoch: producerEpoch }
  }

  /** A transactional producer of kafkajs over these connections. */
  transactionalProducer(transactionalId: string, retry: Cluster.Options['retry']): Producer {
    return createProducer({
      cluster: this.#cluster,
      logger: this.#logger,
      createPartitioner: Partitioners.DefaultPartitioner,
      idempotent: true,
      transactionalId,
      transactionTimeout: 60_000,
      retry,
    })
  }

  async disconnect(): Promise<void> {
    await this.#cluster.disconnect()
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
