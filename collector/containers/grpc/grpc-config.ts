// Settings of a runtime's client that speaks gRPC, and their defaults.
import type { FollowConfig } from '../stream/follow-stream.js'
import type { RuntimeGrpcConfig } from './runtime-grpc.js'

/** Settings of the client. */
export interface GrpcRuntimeConfig extends Omit<RuntimeGrpcConfig, 'title'>, FollowConfig {
  /** Most containers that are taken from one list; default 65,536. More are counted. */
  readonly maxListed: number
}

/** Defaults of {@link GrpcRuntimeConfig}, but for the socket. */
export const GRPC_DEFAULTS: Omit<GrpcRuntimeConfig, 'socketPath'> = {
  timeoutMs: 10_000,
  maxAnswerBytes: 16 << 20,
  minBackoffMs: 100,
  maxBackoffMs: 2000,
  maxListed: 65_536,
}
