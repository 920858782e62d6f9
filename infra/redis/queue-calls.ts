// Calls of a queue over Redis: bounded in time, with failures of the connection logged once and retryable. The library of the queue waits for ever otherwise.
import { EunomiaError, messageOf } from '../process/errors.js'
import type { Logger } from '../process/logger.js'
import { OutageLog } from '../process/outage-log.js'
import { pause } from '../waiting/clock.js'
import { RedisUnreachableError } from './redis.js'

/** Longest wait for an answer of the queue, milliseconds. */
const CALL_MS = 15_000

/** Calls of one queue. */
export class QueueCalls {
  readonly #queue: string
  readonly #outage: OutageLog

  /** @param queue what it is, in messages: `the queue of the sink`. @param prefix of its keys */
  constructor(queue: string, prefix: string, log: Logger) {
    this.#queue = queue
    this.#outage = new OutageLog(log, { queue: prefix }, `${queue} does not answer`, `${queue} answers again`)
  }

  /** The connection failed, outside of a call. */
  readonly failed = (error: unknown): void => {
    this.#outage.failed(error)
  }

  /** The connection is there. */
  readonly succeeded = (): void => {
    this.#outage.succeeded()
  }

  /** @throws RedisUnreachableError for a failure of the connection, and for an answer that is late */
  async of<Value>(work: Promise<Value>): Promise<Value> {
    const late = new AbortController()
    try {
      const value = await Promise.race([work, lateAnswer(late.signal)])
      this.#outage.succeeded()
      return value
    } catch (error) {
      this.#outage.failed(error)
      if (error instanceof EunomiaError) throw error
      throw new RedisUnreachableError(`${this.#queue} can't be used: ${messageOf(error)}`, { cause: error })
    } finally {
      late.abort()
    }
  }
}

/** Rejects when an answer is late: nobody waits for a connection that is silent. */
async function lateAnswer(signal: AbortSignal): Promise<never> {
  if (await pause(CALL_MS, signal)) throw new Error(`no answer within ${String(CALL_MS)} ms`)
  return await new Promise<never>(() => undefined)
}
