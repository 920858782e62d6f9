// Settings of a runtime's client that speaks HTTP, and their defaults.
import type { FollowConfig } from '../stream/follow-stream.js'
import type { RuntimeHttpConfig } from './runtime-http.js'

/** Settings of the client. */
export interface HttpRuntimeConfig extends Omit<RuntimeHttpConfig, 'title'>, FollowConfig {
  /** Longest line of the event stream, bytes; default 1 MiB. A longer one is skipped and counted. */
  readonly maxLineBytes: number
  /** Calls at a time; default 8. */
  readonly connections: number
  /** Most containers that are taken from one list; default 65,536. More are counted. */
  readonly maxListed: number
}

/** Defaults of {@link HttpRuntimeConfig}, but for the socket. */
export const HTTP_DEFAULTS: Omit<HttpRuntimeConfig, 'socketPath'> = {
  timeoutMs: 10_000,
  maxAnswerBytes: 16 << 20,
  minBackoffMs: 100,
  maxBackoffMs: 2000,
  maxLineBytes: 1 << 20,
  connections: 8,
  maxListed: 65_536,
}
