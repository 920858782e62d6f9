// The only owner of the Redis client. Batches of commands are sent as one pipelined round trip (in a cluster one for each hash tag); nothing is
// queued while Redis is unavailable: a call fails immediately with a retryable error. Knows no key and no record of ours.
import { createHash } from 'node:crypto'
import { Cluster, Redis, type RedisOptions } from 'ioredis'
import { EunomiaError, messageOf } from '../process/errors.js'
import type { Logger } from '../process/logger.js'
import { OutageLog } from '../process/outage-log.js'
import { backoffStepMs } from '../waiting/backoff.js'
import { parseRedisUrl, type RedisPlace } from './redis-url.js'

/** Redis does not answer: unavailable, still loading, or slower than the time limit. The same call may succeed later. */
export class RedisUnreachableError extends EunomiaError {
  static override readonly code = 'EUNOMIA_REDIS_UNREACHABLE'
  static override readonly isRetryable = true
}

/** Redis answered with an error: our command or script is wrong, or the user has no permission to run it. */
export class RedisRefusedError extends EunomiaError {
  static override readonly code = 'EUNOMIA_REDIS_REFUSED'
}

/** How to reach Redis. */
export interface RedisConfig {
  /** A server, a cluster or sentinels: see {@link parseRedisUrl}. */
  readonly url: string
  /** Longest wait for a connection; default 5,000. */
  readonly connectTimeoutMs?: number
  /** Longest wait for an answer; default 2,000. A longer one blocks a batch for longer when Redis hangs. */
  readonly commandTimeoutMs?: number
  /** Longest pause between two attempts to connect; default 5,000. Pauses grow from 50 ms. */
  readonly longestRetryMs?: number
}

/** An argument of a command: text, bytes or a number. */
export type RedisArgument = string | Buffer | number

/** A command and its arguments. */
export type RedisCommand = readonly [name: string, ...args: RedisArgument[]]

/** A reply of Redis; strings are bytes. */
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
  /** Values of string keys in one round trip; null for one that does not exist or is not a string. @throws RedisUnreachableError, RedisRefusedError */
  getMany(keys: readonly (string | Buffer)[]): Promise<(Buffer | null)[]>
  /** A script; its text is sent when Redis does not know it. In a cluster the keys of one call have the same hash tag. */
  script(lua: string): RedisScript
  /** Milliseconds that an empty round trip takes. @throws RedisUnreachableError */
  ping(): Promise<number>
  close(): Promise<void>
}

const FIRST_RETRY_MS = 50
// Error replies about the server's state and not about our command.
const PASSING_REPLIES = [
  'LOADING',
  'BUSY',
  'TRYAGAIN',
  'CLUSTERDOWN',
  'MASTERDOWN',
  'READONLY',
  'NOREPLICAS',
  'OOM',
  'MISCONF',
  'MOVED',
  'ASK',
]
// After a failover the old master answers READONLY: only a new connection reaches the new one. The connect waits for one that still loads.
const RECONNECTING_REPLIES = ['READONLY', 'LOADING']

/**
 * Connects in the background and keeps trying, with growing pauses, until `close`. Logs once that Redis is unavailable, and once that it is back.
 * @throws RedisRefusedError for an invalid URL
 */
export function connectRedis(config: RedisConfig, log: Logger): RedisClient {
  const place = placeOf(config)
  const redis = place.kind === 'cluster' ? clusterOf(place, config) : new Redis(serverOptionsOf(place, config))
  const outage = new OutageLog(log, { redis: place.address }, 'Redis is unavailable, reconnecting', 'Redis is back')
  const client = new PipeliningClient(redis, place, log)
  redis.on('error', (error: unknown) => outage.failed(error))
  // A clean end of the connection, as when the server restarts, is not an error to the client library.
  redis.on('close', () => {
    if (!client.isClosing) outage.failed('the connection was closed')
  })
  redis.on('ready', () => outage.succeeded())
  return client
}

/** Two connections for a queue over Redis, which sends commands of its own. */
export interface QueueConnections {
  /** Fails at once while Redis is unavailable. */
  readonly commands: Redis | Cluster
  /** Waits: for jobs, and for Redis. */
  readonly blocking: Redis | Cluster
  close(): void
}

/** Connects as `connectRedis` does. @throws RedisRefusedError for an invalid URL */
export function connectQueueRedis(config: RedisConfig): QueueConnections {
  const place = placeOf(config)
  const connect = (more: ConnectionOptions): Redis | Cluster => {
    const redis = place.kind === 'cluster' ? clusterOf(place, config, more) : new Redis({ ...serverOptionsOf(place, config), ...more })
    // Logged by the other connection; without a listener it would be thrown.
    return redis.on('error', () => undefined)
  }
  const { commandTimeout: _, ...waiting } = connectionOptionsOf(place, config)
  const commands = connect({})
  // What is under way when the connection ends is sent again: with no bound of retries it would otherwise be forgotten, and its caller wait for ever.
  const unbounded = { commandTimeout: undefined, maxRetriesPerRequest: null, enableOfflineQueue: true, autoResendUnfulfilledCommands: true }
  const blocking = connect({ ...waiting, ...unbounded })
  return {
    commands,
    blocking,
    close() {
      commands.disconnect()
      blocking.disconnect()
    },
  }
}

type ConnectionOptions = Partial<Omit<RedisOptions, 'replyMapping' | 'commandTimeout'>> & { commandTimeout?: number | undefined }

function placeOf({ url }: RedisConfig): RedisPlace {
  const place = parseRedisUrl(url)
  if (place !== null) return place
  throw new RedisRefusedError('the URL of Redis is invalid: it must start with redis://, redis-cluster:// or redis-sentinel://')
}

function connectionOptionsOf({ isTls, username, password }: RedisPlace, config: RedisConfig): ConnectionOptions {
  return {
    ...(isTls ? { tls: {} } : {}),
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
    connectTimeout: config.connectTimeoutMs ?? 5_000,
    commandTimeout: config.commandTimeoutMs ?? 2_000,
    // Reconnects; the failed command is not sent again.
    reconnectOnError: ({ message }) => RECONNECTING_REPLIES.some((kind) => message.startsWith(kind)),
    // A command fails when Redis is unavailable, instead of waiting in a queue without a bound or being sent twice.
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    autoResendUnfulfilledCommands: false,
    protocol: 2,
  }
}

function retryOf({ longestRetryMs = 5_000 }: RedisConfig): (times: number) => number {
  return (times) => backoffStepMs(times, FIRST_RETRY_MS, longestRetryMs)
}

function serverOptionsOf(place: RedisPlace, config: RedisConfig): ConnectionOptions {
  const options = { ...connectionOptionsOf(place, config), db: place.db, retryStrategy: retryOf(config) }
  if (place.kind === 'server') return { ...options, ...place.nodes[0] }
  const sentinels = place.nodes.map((node) => ({ ...node }))
  return { ...options, sentinels, name: place.masterName, sentinelRetryStrategy: retryOf(config), enableTLSForSentinelMode: place.isTls }
}

function clusterOf(place: RedisPlace, config: RedisConfig, more: ConnectionOptions = {}): Cluster {
  return new Cluster([...place.nodes], {
    redisOptions: { ...connectionOptionsOf(place, config), ...more },
    clusterRetryStrategy: retryOf(config),
    enableOfflineQueue: more.enableOfflineQueue ?? false,
    slotsRefreshTimeout: config.commandTimeoutMs ?? 2_000,
    // A failover longer than this is reported to the caller, who continues from the cache.
    maxRedirections: 4,
  })
}

/** Pause between two lines about keys of a wrong type, milliseconds. */
const WRONG_TYPE_EVERY_MS = 60_000

class PipeliningClient implements RedisClient {
  readonly #redis: Redis | Cluster
  readonly #isCluster: boolean
  readonly #address: string
  readonly #log: Logger
  #wrongTypeLoggedMs = -Infinity
  #closing: Promise<void> | undefined

  constructor(redis: Redis | Cluster, { kind, address }: RedisPlace, log: Logger) {
    this.#redis = redis
    this.#isCluster = kind === 'cluster'
    this.#address = address
    this.#log = log
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
    const replies = await this.#exec(keys.map((key) => ['GET', key] as const))
    return replies.map((reply, index) => {
      if (isReply(reply[0], 'WRONGTYPE')) {
        this.#logWrongType(keys[index])
        return null
      }
      const value = this.#valueOf(reply)
      return Buffer.isBuffer(value) ? value : null
    })
  }

  script(lua: string): RedisScript {
    const sha = createHash('sha1').update(lua).digest('hex')
    const commandOf = (call: ScriptCall): RedisCommand => ['EVALSHA', sha, call.keys.length, ...call.keys, ...call.args]
    return {
      run: async (calls) => {
        const replies = await this.#exec(calls.map(commandOf))
        // A restarted Redis, or a cluster node that has not run the script, does not know it: repeat the refused calls with its text.
        const refused = calls.filter((_, index) => isReply(replies[index]?.[0], 'NOSCRIPT'))
        if (refused.length === 0) return replies.map((reply) => this.#valueOf(reply))
        const again = await this.#exec(refused.map(({ keys, args }) => ['EVAL', lua, keys.length, ...keys, ...args]))
        let next = 0
        return replies.map((reply) => this.#valueOf(isReply(reply[0], 'NOSCRIPT') ? (again[next++] ?? reply) : reply))
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
    if (!this.#isCluster) return await this.#pipeline(commands)
    // A pipeline goes to one node of the cluster: one for each hash tag, all in parallel.
    const parts = new Map<string, { readonly indexes: number[]; readonly commands: RedisCommand[] }>()
    commands.forEach((command, index) => {
      const tag = hashTagOf(command)
      const part = parts.get(tag) ?? { indexes: [], commands: [] }
      parts.set(tag, part)
      part.indexes.push(index)
      part.commands.push(command)
    })
    const replies: (readonly [Error | null, unknown])[] = []
    await Promise.all(
      [...parts.values()].map(async ({ indexes, commands: ofTag }) => {
        const answers = await this.#pipeline(ofTag)
        answers.forEach((answer, at) => (replies[indexes[at] ?? 0] = answer))
      }),
    )
    return replies
  }

  async #pipeline(commands: readonly RedisCommand[]): Promise<(readonly [Error | null, unknown])[]> {
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
    // Only an answer of the server is a ReplyError; everything else is the connection.
    if (error.name !== 'ReplyError') throw this.#unreachable(error.message, error)
    const kind = error.message.split(' ', 1)[0] ?? ''
    if (PASSING_REPLIES.includes(kind)) throw this.#unreachable(error.message, error)
    throw new RedisRefusedError(`Redis at ${this.#address} refused a command: ${error.message}`, { cause: error })
  }

  #logWrongType(key: string | Buffer | undefined): void {
    const nowMs = performance.now()
    if (nowMs - this.#wrongTypeLoggedMs < WRONG_TYPE_EVERY_MS) return
    this.#wrongTypeLoggedMs = nowMs
    this.#log.warn(
      { redis: this.#address, key: String(key) },
      'a key in Redis is not a string, so another program wrote it; it counts as absent',
    )
  }

  #unreachable(reason: string, cause?: unknown): RedisUnreachableError {
    return new RedisUnreachableError(`Redis at ${this.#address} can't be used: ${reason}`, { cause, details: { redis: this.#address } })
  }
}

function isReply(error: Error | null | undefined, kind: string): boolean {
  return error?.message.startsWith(kind) ?? false
}

/** The part of a command's first key that decides its slot, by the rule of Redis; empty for a command without keys. */
export function hashTagOf(command: RedisCommand): string {
  const [name, ...args] = command
  const key = String(args[/^EVAL(SHA)?$/i.test(name) ? 2 : 0] ?? '')
  // Between the first { and the first } after it, unless nothing is there: then the whole key counts.
  return /^[^{]*\{([^}]+)\}/.exec(key)?.[1] ?? key
}

function parseReply(value: unknown): RedisReply {
  if (value === null || typeof value === 'number' || Buffer.isBuffer(value)) return value
  if (typeof value === 'string') return Buffer.from(value)
  if (Array.isArray(value)) return value.map(parseReply)
  throw new RedisRefusedError(`Redis sent a reply of an unknown kind: ${typeof value}`)
}
