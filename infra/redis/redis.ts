// The one owner of the Redis client. Batches of commands go out as one pipelined round trip; nothing is queued while Redis is away: a call
// fails at once with a retryable error, and the caller goes on from its cache. Knows no key and no record of ours.
import { createHash } from 'node:crypto'
import { Redis } from 'ioredis'
import { EunomiaError, messageOf } from '../process/errors.js'
import type { Logger } from '../process/logger.js'
import { OutageLog } from '../process/outage-log.js'
import { backoffStepMs } from '../waiting/backoff.js'

/** Redis does not answer: away, still loading, or slower than the time limit. The same call may succeed later. */
export class RedisUnreachableError extends EunomiaError {
  static override readonly code = 'EUNOMIA_REDIS_UNREACHABLE'
  static override readonly isRetryable = true
}

/** Redis answered with an error: a command or script of ours is wrong, or this user may not run it. */
export class RedisRefusedError extends EunomiaError {
  static override readonly code = 'EUNOMIA_REDIS_REFUSED'
}

/** How Redis is reached. */
export interface RedisConfig {
  /** `redis://[user:password@]host:port[/db]`, or `rediss://` for TLS. */
  readonly url: string
  /** Longest wait for a connection; default 5,000. */
  readonly connectTimeoutMs?: number
  /** Longest wait for an answer; default 2,000. A longer one holds a batch for longer when Redis hangs. */
  readonly commandTimeoutMs?: number
  /** Longest pause between two attempts to connect; default 5,000. Pauses grow from 50 ms. */
  readonly longestRetryMs?: number
}

/** What stands in a command: text, bytes or a number. */
export type RedisArgument = string | Buffer | number

/** A command and its arguments. */
export type RedisCommand = readonly [name: string, ...args: RedisArgument[]]

/** What Redis answers; strings come as bytes. */
export type RedisReply = Buffer | number | null | readonly RedisReply[]

/** Keys and other arguments of one call of a script. */
export interface ScriptCall {
  readonly keys: readonly (string | Buffer)[]
  readonly args: readonly RedisArgument[]
}

/** A Lua script that runs in Redis as one step. */
export interface RedisScript {
  /** Runs all calls in one round trip, in this order. @throws RedisUnreachableError, RedisRefusedError */
  run(calls: readonly ScriptCall[]): Promise<RedisReply[]>
}

/** A connection to Redis. */
export interface RedisClient {
  /** True while commands can be sent. */
  readonly isReady: boolean
  /** Resolves true as soon as commands can be sent, false after `timeoutMs`. */
  waitUntilReady(timeoutMs: number): Promise<boolean>
  /** Sends commands in one round trip; answers in the same order. @throws RedisUnreachableError, RedisRefusedError */
  batch(commands: readonly RedisCommand[]): Promise<RedisReply[]>
  /** Values of string keys in one round trip; null for one that is not there. @throws RedisUnreachableError, RedisRefusedError */
  getMany(keys: readonly (string | Buffer)[]): Promise<(Buffer | null)[]>
  /** Makes a script known; it is loaded when it is first run, and again when Redis forgot it. */
  script(lua: string): RedisScript
  /** Milliseconds that an empty round trip takes. @throws RedisUnreachableError */
  ping(): Promise<number>
  close(): Promise<void>
}

const FIRST_RETRY_MS = 50
// Error replies that tell of the server's state and not of our command.
const PASSING_REPLIES = ['LOADING', 'BUSY', 'TRYAGAIN', 'CLUSTERDOWN', 'MASTERDOWN', 'READONLY', 'NOREPLICAS', 'OOM', 'MISCONF']

/**
 * Connects in the background and goes on trying, with growing pauses, until `close`. Says once that Redis is away, and once that it is back.
 */
export function connectRedis(config: RedisConfig, log: Logger): RedisClient {
  const address = withoutCredentials(config.url)
  const redis = new Redis(config.url, {
    connectTimeout: config.connectTimeoutMs ?? 5_000,
    commandTimeout: config.commandTimeoutMs ?? 2_000,
    retryStrategy: (times) => backoffStepMs(times, FIRST_RETRY_MS, config.longestRetryMs ?? 5_000),
    // A command fails when Redis is away, instead of waiting in a queue without a bound or being sent twice.
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    autoResendUnfulfilledCommands: false,
    protocol: 2,
  })
  const outage = new OutageLog(log, { redis: address }, 'Redis is away, trying again', 'Redis is back')
  const client = new PipeliningClient(redis, address)
  redis.on('error', (error: unknown) => outage.failed(error))
  // A connection that ends in good order, as when the server is restarted, is no error to the client library.
  redis.on('close', () => {
    if (!client.isClosing) outage.failed('the connection was closed')
  })
  redis.on('ready', () => outage.succeeded())
  return client
}

class PipeliningClient implements RedisClient {
  readonly #redis: Redis
  readonly #address: string
  #closing: Promise<void> | undefined

  constructor(redis: Redis, address: string) {
    this.#redis = redis
    this.#address = address
  }

  get isClosing(): boolean {
    return this.#closing !== undefined
  }

  get isReady(): boolean {
    return this.#redis.status === 'ready'
  }

  async waitUntilReady(timeoutMs: number): Promise<boolean> {
    if (this.isReady) return true
    return await new Promise((resolve) => {
      const settle = (): void => {
        clearTimeout(timer)
        this.#redis.off('ready', settle).off('end', settle)
        resolve(this.isReady)
      }
      const timer = setTimeout(settle, timeoutMs)
      this.#redis.once('ready', settle).once('end', settle)
    })
  }

  async batch(commands: readonly RedisCommand[]): Promise<RedisReply[]> {
    return (await this.#exec(commands)).map((reply) => this.#valueOf(reply))
  }

  async getMany(keys: readonly (string | Buffer)[]): Promise<(Buffer | null)[]> {
    const replies = await this.batch(keys.map((key) => ['GET', key] as const))
    return replies.map((reply) => (Buffer.isBuffer(reply) ? reply : null))
  }

  script(lua: string): RedisScript {
    const sha = createHash('sha1').update(lua).digest('hex')
    const commandOf = (call: ScriptCall): RedisCommand => ['EVALSHA', sha, call.keys.length, ...call.keys, ...call.args]
    return {
      run: async (calls) => {
        const replies = await this.#exec(calls.map(commandOf))
        // A restarted Redis forgot the script: load it, and run what it refused for that reason.
        const refused = calls.filter((_, index) => isNoScript(replies[index]?.[0]))
        if (refused.length === 0) return replies.map((reply) => this.#valueOf(reply))
        const [, ...again] = await this.#exec([['SCRIPT', 'LOAD', lua], ...refused.map(commandOf)])
        let next = 0
        return replies.map((reply) => this.#valueOf(isNoScript(reply[0]) ? (again[next++] ?? reply) : reply))
      },
    }
  }

  async ping(): Promise<number> {
    const start = performance.now()
    await this.batch([['PING']])
    return performance.now() - start
  }

  async close(): Promise<void> {
    this.#closing ??= this.isReady
      ? this.#redis.quit().then(
          () => undefined,
          () => this.#redis.disconnect(),
        )
      : Promise.resolve(this.#redis.disconnect())
    await this.#closing
  }

  async #exec(commands: readonly RedisCommand[]): Promise<(readonly [Error | null, unknown])[]> {
    if (commands.length === 0) return []
    if (!this.isReady) throw this.#unreachable('not connected')
    const pipeline = this.#redis.pipeline()
    for (const [name, ...args] of commands) pipeline.callBuffer(name, args)
    const replies = await pipeline.exec().catch((cause: unknown) => {
      throw this.#unreachable(messageOf(cause), cause)
    })
    if (replies === null || replies.length !== commands.length) throw this.#unreachable('the answer is incomplete')
    return replies
  }

  #valueOf([error, value]: readonly [Error | null, unknown]): RedisReply {
    if (error === null) return parseReply(value)
    // Only an answer of the server is a ReplyError; all else is the connection.
    if (error.name !== 'ReplyError') throw this.#unreachable(error.message, error)
    const kind = error.message.split(' ', 1)[0] ?? ''
    if (PASSING_REPLIES.includes(kind)) throw this.#unreachable(error.message, error)
    throw new RedisRefusedError(`Redis at ${this.#address} refused a command: ${error.message}`, { cause: error })
  }

  #unreachable(reason: string, cause?: unknown): RedisUnreachableError {
    return new RedisUnreachableError(`Redis at ${this.#address} can't be used: ${reason}`, { cause, details: { redis: this.#address } })
  }
}

function isNoScript(error: Error | null | undefined): boolean {
  return error?.message.startsWith('NOSCRIPT') ?? false
}

function parseReply(value: unknown): RedisReply {
  if (value === null || typeof value === 'number' || Buffer.isBuffer(value)) return value
  if (typeof value === 'string') return Buffer.from(value)
  if (Array.isArray(value)) return value.map(parseReply)
  throw new RedisRefusedError(`Redis gave a reply of a kind that is not known: ${typeof value}`)
}

function withoutCredentials(url: string): string {
  try {
    const { hostname, port } = new URL(url)
    return `${hostname}:${port === '' ? '6379' : port}`
  } catch {
    return 'an address that is no URL'
  }
}
