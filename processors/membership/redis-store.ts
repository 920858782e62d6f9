// The membership store of a fleet, in Redis. One Lua script decides by boot time which entry takes precedence (write-entry.lua), so that writers need
// no order among themselves. Knows keys and bytes, not what is in them.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { EunomiaError } from '../../infra/process/errors.js'
import { packageRoot } from '../../infra/process/package-root.js'
import { RedisRefusedError, type RedisClient, type RedisScript } from '../../infra/redis/redis.js'
import { KIND_SETTINGS, type KindSettings, type MembershipKey, type MembershipKind } from './membership-key.js'
import type { MembershipEntry, MembershipStore } from './store.js'

/** Redis refuses what the store needs (permissions, memory policy, another kind of server): after a fix there, the same call succeeds. */
export class MembershipRefusedError extends EunomiaError {
  static override readonly code = 'EUNOMIA_REDIS_REFUSED'
  // Dead letters would not help: every event after this one would be refused too.
  static override readonly isRetryable = true
}

/** Prefix of every key of the store. */
export const MEMBERSHIP_PREFIX = 'eunomia:membership:'

/** How a RedisStore stores entries. */
export interface RedisStoreOptions {
  /** Prefix of every key; default `eunomia:membership:`. */
  readonly prefix?: string
  /** Settings of each kind; default KIND_SETTINGS. */
  readonly kinds?: Readonly<Record<MembershipKind, KindSettings>>
}

const SPACE = 0x20

/** Stores entries in Redis. */
export class RedisStore implements MembershipStore {
  readonly #redis: RedisClient
  readonly #writeEntry: RedisScript
  readonly #prefix: string
  readonly #kinds: Readonly<Record<MembershipKind, KindSettings>>

  constructor(redis: RedisClient, options: RedisStoreOptions = {}) {
    this.#redis = redis
    this.#writeEntry = redis.script(readFileSync(join(packageRoot(), 'processors/membership/write-entry.lua'), 'utf8'))
    this.#prefix = options.prefix ?? MEMBERSHIP_PREFIX
    this.#kinds = options.kinds ?? KIND_SETTINGS
  }

  async write(entries: readonly MembershipEntry[]): Promise<void> {
    const calls = entries.map(({ key, bootTimeUs, value }) => {
      const { ttlMs, keeps } = this.#kinds[key.kind]
      return { keys: [this.#prefix + key.text], args: [bootTimeUs, Buffer.from(value), ttlMs, keeps] }
    })
    await this.#asRetryable(this.#writeEntry.run(calls))
  }

  async read(keys: readonly MembershipKey[]): Promise<readonly (Uint8Array | null)[]> {
    const stored = await this.#asRetryable(this.#redis.getMany(keys.map((key) => this.#prefix + key.text)))
    return stored.map((bytes) => (bytes === null ? null : valueOf(bytes)))
  }

  async #asRetryable<Reply>(reply: Promise<Reply>): Promise<Reply> {
    try {
      return await reply
    } catch (error) {
      if (!(error instanceof RedisRefusedError)) throw error
      throw new MembershipRefusedError(`${error.message}: the membership store needs GET, SET, PEXPIRE, EVAL and EVALSHA there`, {
        cause: error,
      })
    }
  }
}

/** The text after the boot time; null for text that the script did not write. */
function valueOf(bytes: Buffer): Uint8Array | null {
  const space = bytes.indexOf(SPACE)
  return space < 0 ? null : bytes.subarray(space + 1)
}
