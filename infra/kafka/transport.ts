// The port between our own frames and a cluster: connections to leaders, frames out, answers back. Implemented by kafkajs-internals/cluster.ts;
// tests of rare answers script it.

/** What names a producer to the brokers. */
export interface ProducerIdentity {
  readonly id: bigint
  readonly epoch: number
}

/** A connection to one broker. */
export interface TransportConnection {
  isConnected(): boolean
}

/** A connected cluster. Its methods throw whatever the client library throws. */
export interface ProduceTransport {
  partitionCount(topic: string): number
  /** The connection to the leader of a partition, connected and authenticated. */
  leaderConnection(topic: string, partition: number): Promise<TransportConnection>
  /**
   * Sends a whole frame (size, header, body) and returns the body of the answer. Bytes 8-11, the correlation id, are stamped; the frame is not
   * copied, so it must not change before the answer.
   */
  sendFrame(connection: TransportConnection, api: FrameApi, frame: Buffer): Promise<Buffer>
  /** The broker requests a pause, milliseconds. */
  throttle(connection: TransportConnection, pauseMs: number): void
  /** Ends a connection that failed. */
  drop(connection: TransportConnection): void
  /** Reads the leaders again. */
  refresh(): Promise<void>
  /** A new identity for idempotent producing. */
  initProducer(): Promise<ProducerIdentity>
  /** Ends all connections; requests under way fail. */
  disconnect(): Promise<void>
}

/** The API of a frame. */
export interface FrameApi {
  readonly apiKey: number
  readonly apiName: string
  readonly apiVersion: number
}
