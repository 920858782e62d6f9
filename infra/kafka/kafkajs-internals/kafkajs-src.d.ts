// The parts of kafkajs 2.2.4 that we use beyond its public interface, declared by hand. internals.test.ts fails if another version is installed
// or one of these is missing: then read the changes of kafkajs and correct this file.

declare module 'kafkajs/src/cluster/index.js' {
  import type { Logger, SASLOptions, ISocketFactory, PartitionMetadata } from 'kafkajs'
  import type { ConnectionOptions } from 'node:tls'

  namespace Cluster {
    interface Options {
      logger: Logger
      socketFactory: ISocketFactory
      brokers: string[]
      ssl: ConnectionOptions | boolean | undefined
      sasl: SASLOptions | undefined
      clientId: string
      connectionTimeout: number
      authenticationTimeout: number
      reauthenticationThreshold: number
      requestTimeout: number
      enforceRequestTimeout: boolean
      metadataMaxAge: number
      allowAutoTopicCreation: boolean
      maxInFlightRequests: number | null
      isolationLevel?: number
      retry: { retries: number; initialRetryTime?: number; maxRetryTime?: number }
    }

    /** One TCP or TLS connection. Never reconnect it: it keeps the bytes of a partial answer. */
    interface Connection {
      readonly host: string
      readonly port: number
      readonly sasl: SASLOptions | null
      socketFactory: ISocketFactory
      readonly socket: import('node:net').Socket | undefined
      readonly requestQueue: RequestQueue
      isConnected(): boolean
      isAuthenticated(): boolean
      authenticate(): Promise<void>
      nextCorrelationId(): number
      disconnect(): Promise<boolean>
    }

    interface RequestQueue {
      push(request: {
        entry: {
          apiKey: number
          apiName: string
          apiVersion: number
          correlationId: number
          resolve(reply: { payload: Buffer }): void
          reject(error: Error): void
        }
        expectResponse: boolean
        requestTimeout: number | null
        sendRequest(): void
      }): void
      maybeThrottle(throttleMs: number): void
      rejectAll(error: Error): void
      waitForPendingRequests(): Promise<void>
    }

    interface ConnectionPool {
      readonly host: string
      readonly port: number
      readonly rack: string | null
      readonly pool: readonly Connection[]
      getConnection(index: number): Promise<Connection>
      /** Every request of kafkajs itself. */
      send(message: Message): Promise<unknown>
    }

    /** A request, and how its answer is read. */
    interface Message {
      readonly request: { readonly apiKey: number }
      readonly response: { readonly decode: (raw: Buffer) => Promise<unknown> }
    }

    interface ConnectionPoolBuilder {
      /** Without an address, one of the list. */
      build(address?: { host: string; port: number; rack: string | null }): Promise<ConnectionPool>
    }

    interface BrokerPool {
      readonly versions: unknown
      createBroker(options: { connectionPool: ConnectionPool; logger: Logger; versions: unknown; nodeId: number }): Broker
      /** Throws for all topics if one does not exist. */
      refreshMetadata(topics: string[]): Promise<void>
      /** The result for the first broker for which the callback does not throw; null if it throws for all. */
      withBroker<T>(callback: (on: { broker: Broker }) => Promise<T>): Promise<T | null>
    }

    interface Broker {
      metadata(topics: string[]): Promise<unknown>
      readonly nodeId: number
      readonly connectionPool: ConnectionPool
      /** Connects, fetches the versions of the APIs if they are unknown, and authenticates. */
      connect(): Promise<void>
      initProducerId(request: {
        transactionalId: string | undefined
        transactionTimeout: number
      }): Promise<{ producerId: string; producerEpoch: number }>
      /** This and the next one: in tests only. */
      produce(request: OpenTransaction & { topicData: ProducedTopic[] }): Promise<unknown>
      txnOffsetCommit(request: OpenTransaction & { groupId: string; topics: PlacedTopic[] }): Promise<unknown>
    }

    /** Offsets in a topic. */
    interface PlacedTopic {
      topic: string
      partitions: { partition: number; offset: string }[]
    }

    interface ProducedTopic {
      topic: string
      partitions: { partition: number; firstSequence: number; messages: { key: Buffer; value: Buffer; timestamp: string }[] }[]
    }

    interface OpenTransaction {
      transactionalId: string
      producerId: string
      producerEpoch: number
    }
  }

  class Cluster {
    readonly targetTopics: ReadonlySet<string>
    readonly brokerPool: Cluster.BrokerPool
    readonly connectionPoolBuilder: Cluster.ConnectionPoolBuilder
    getNodeIds(): string[]
    constructor(options: Cluster.Options)
    connect(): Promise<void>
    disconnect(): Promise<void>
    refreshMetadata(): Promise<void>
    addMultipleTargetTopics(topics: string[]): Promise<void>
    findControllerBroker(): Promise<Cluster.Broker>
    findGroupCoordinator(options: { groupId: string; coordinatorType?: 0 | 1 }): Promise<Cluster.Broker>
    findBroker(options: { nodeId: number }): Promise<Cluster.Broker>
    findTopicPartitionMetadata(topic: string): PartitionMetadata[]
    removeBroker(address: { host: string; port: number }): void
  }
  export = Cluster
}

declare module 'kafkajs/src/loggers/index.js' {
  import type { Logger, logCreator } from 'kafkajs'
  export function createLogger(options: { level: number; logCreator: logCreator }): Logger
}

declare module 'kafkajs/src/network/socketFactory.js' {
  import type { ISocketFactory } from 'kafkajs'
  function createSocketFactory(): ISocketFactory
  export = createSocketFactory
}

declare module 'kafkajs/src/network/connection.js' {
  class Connection {
    chunks: Buffer[]
    bytesBuffered: number
    bytesNeeded: number
    isConnected(): boolean
    connect(): Promise<boolean>
    processData(data: Buffer): void
  }
  export = Connection
}

declare module 'kafkajs/src/network/requestQueue/index.js' {
  class RequestQueue {
    readonly pending: readonly unknown[]
    scheduleCheckPendingRequests(): void
  }
  export = RequestQueue
}

declare module 'kafkajs/src/protocol/error.js' {
  export function createErrorFromCode(code: number): Error & { readonly type: string }
}
