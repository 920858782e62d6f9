// The port between our frames (publisher, fetch, group) and a cluster: connections to leaders and coordinators, requests, answers.
// Implemented by kafkajs-internals/cluster.ts; tests of rare answers script it.

/** Identity of a producer at the brokers. */
export interface ProducerIdentity {
  readonly id: bigint
  readonly epoch: number
}

/** A connection to one broker. */
export interface TransportConnection {
  isConnected(): boolean
}

/** A connected cluster. Its methods throw the errors of the client library. */
export interface ProduceTransport {
  partitionCount(topic: string): number
  /** Id of the broker that leads a partition, by what is known now; -1 while none does. */
  leaderOf(topic: string, partition: number): number
  /**
   * The connection to the leader of a partition, connected and authenticated.
   * @param isApart another one, for requests that may wait: a broker answers a connection in order
   */
  leaderConnection(topic: string, partition: number, isApart?: boolean): Promise<TransportConnection>
  /**
   * Sends a frame (size, header, body) and returns the body of the answer. Writes the correlation id into bytes 8-11. The frame is not copied,
   * so it must not change before the answer.
   * @param timeoutMs for requests whose answer may take longer than the time limit of the connection
   * @param silenceMs longest time without a byte from the broker until it answers; then all requests of the connection fail
   */
  sendFrame(connection: TransportConnection, api: FrameApi, frame: Buffer, timeoutMs?: number, silenceMs?: number): Promise<Buffer>
  /** The broker requests a pause, milliseconds. */
  throttle(connection: TransportConnection, pauseMs: number): void
  /** Ends a connection that failed. */
  drop(connection: TransportConnection): void
  /** Reads the leaders of the partitions again. */
  refresh(): Promise<void>
  /** Requests a new identity for an idempotent producer. */
  initProducer(): Promise<ProducerIdentity>
  /** Ends all connections; requests in flight fail. */
  disconnect(): Promise<void>
}

/**
 * Who coordinates: `group` its offsets, `member` its membership, `transaction` a transactional id. A broker answers a connection in order, and
 * a join waits for the other members, so members have a connection of their own.
 */
export type CoordinatorKind = 'group' | 'member' | 'transaction'

/** What a group member needs of a cluster. */
export interface KafkaTransport extends ProduceTransport {
  /** Adds topics to those whose leaders are known. Connects if necessary. */
  connect(topics: readonly string[]): Promise<void>
  /** Ids of all brokers that are known now. */
  nodeIds(): readonly number[]
  /** A connection to a broker for requests that wait there. */
  fetchConnection(nodeId: number): Promise<TransportConnection>
  /** Nobody reads an answer of such a connection any more: its memory is used for another one. */
  recycle(answer: Uint8Array): void
  /** A connection to the coordinator of a group or of a transactional id. */
  coordinatorConnection(kind: CoordinatorKind, id: string): Promise<TransportConnection>
  /** The coordinator moved, or does not answer: the next connection looks for it. */
  forgetCoordinator(kind: CoordinatorKind, id: string): void
}

/** The API of a frame. */
export interface FrameApi {
  readonly apiKey: number
  readonly apiName: string
  readonly apiVersion: number
}
