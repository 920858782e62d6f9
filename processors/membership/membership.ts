// Who is in which container, for functions: the store, read through the near-cache. Functions use it through a ContainerLookup, once per
// batch. When the store is unavailable, it reports that, and the function continues from the cache.
import { EunomiaError } from '../../infra/process/errors.js'
import type { Logger } from '../../infra/process/logger.js'
import type { Counter, Metrics } from '../../infra/process/metrics.js'
import { backoffStepMs } from '../../infra/waiting/backoff.js'
import type { Codec } from '../../schemas/codec.js'
import type { ContainerFacts } from '../../schemas/generated/types.js'
import { RecordUnreadableError } from '../../schemas/record-errors.js'
import { KIND_SETTINGS, type MembershipKey } from './membership-key.js'
import { NearCache, type NearCacheOptions } from './near-cache.js'
import type { MembershipEntry, MembershipStore } from './store.js'

/** What an entry holds: facts, or a text (the id of a container, or the path of its cgroup). */
export type MembershipValue = ContainerFacts | string

/** Reads the value of an entry. @throws RecordUnreadableError, SchemaUnknownError */
export type ValueReader = (key: MembershipKey, bytes: Uint8Array) => MembershipValue

/** True for facts. */
export function isFacts(value: MembershipValue | undefined): value is ContainerFacts {
  return typeof value === 'object'
}

/** The reader of what the function `membership` writes. */
export function valueReader(codec: Codec): ValueReader {
  const readFacts = codec.projection('container', ['facts'])
  return (key, bytes) => {
    if (key.kind !== 'facts') return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString()
    const { facts } = readFacts(bytes, 0, bytes.length)
    if (facts === null) throw new RecordUnreadableError('it has no facts', { topic: 'container', offset: 0, field: 'facts' })
    return facts
  }
}

/** Settings of a Membership. */
export interface MembershipOptions extends NearCacheOptions {
  /**
   * Pause of reads after a failed one, milliseconds, default 250; doubles with each further failure, up to
   * 5,000. Meanwhile batches do not wait for a store that hangs.
   */
  readonly pauseMs?: number
}

const MAX_PAUSE_MS = 5_000

/** The memberships of all hosts. */
export class Membership {
  readonly #store: MembershipStore
  readonly #cache: NearCache<MembershipValue>
  readonly #readValue: ValueReader
  readonly #log: Logger
  readonly #pauseMs: number
  readonly #nowMs: () => number
  readonly #failed: Counter
  readonly #unreadable: Counter
  readonly #refusedOrigins: Counter
  readonly #cutClaims: Counter
  #pausedUntilMs = -Infinity
  #failuresInRow = 0
  #answeringSinceMs = Infinity

  constructor(store: MembershipStore, readValue: ValueReader, metrics: Metrics, log: Logger, options: MembershipOptions = {}) {
    this.#store = store
    this.#cache = new NearCache(metrics, options)
    this.#readValue = readValue
    this.#log = log
    this.#pauseMs = options.pauseMs ?? 250
    this.#nowMs = options.nowMs ?? (() => performance.now())
    this.#failed = metrics.counter('eunomia_membership_reads_failed_total', 'Reads of the membership store that failed').with()
    this.#unreadable = metrics.counter('eunomia_membership_unreadable_total', 'Unreadable entries of the membership store').with()
    this.#refusedOrigins = metrics
      .counter(
        'eunomia_membership_origins_refused_total',
        'Events whose host or boot id is not a UUID, so that their container stays unknown',
      )
      .with()
    this.#cutClaims = metrics
      .counter('eunomia_membership_claims_cut_total', 'Events whose cgroup is named after more containers than are looked up')
      .with()
  }

  /** Writes through to the store. @throws a retryable EunomiaError when the store is unavailable */
  async write(entries: readonly MembershipEntry[]): Promise<void> {
    if (entries.length > 0) await this.#store.write(entries)
  }

  /**
   * How long the store has answered without a failure, milliseconds; 0 when it never did. Shortly after an outage it lacks what happened
   * meanwhile, until its writers catch up.
   */
  get answeringForMs(): number {
    return Math.max(0, this.#nowMs() - this.#answeringSinceMs)
  }

  /** Counts an event whose origin can't name entries. */
  refuseOrigin(): void {
    this.#refusedOrigins.add()
  }

  /** Counts an event whose cgroup is named after too many containers. */
  cutClaims(): void {
    this.#cutClaims.add()
  }

  /** From the cache: the value, null for "not yet known", undefined when the store must be asked. */
  cached(key: MembershipKey): MembershipValue | null | undefined {
    return this.#cache.get(key.text)
  }

  /**
   * Reads from the store in one round trip; the answers are cached.
   * @returns false when the store is unavailable: only what was read before is known, which is not the same as "not yet known"
   */
  async fetch(keys: readonly MembershipKey[], onValue: (key: MembershipKey, value: MembershipValue) => void): Promise<boolean> {
    if (keys.length === 0) return true
    const answers = this.#nowMs() < this.#pausedUntilMs ? undefined : await this.#read(keys)
    if (answers === undefined) {
      for (const key of keys) this.#answerStale(key, onValue)
      return false
    }
    keys.forEach((key, index) => {
      const bytes = answers[index] ?? null
      const value = bytes === null ? undefined : this.#valueOf(key, bytes)
      if (bytes === null || value === undefined) return this.#cache.setUnknown(key.text)
      this.#cache.setKnown(key.text, value, bytes.length, KIND_SETTINGS[key.kind].freshMs)
      onValue(key, value)
    })
    return true
  }

  async #read(keys: readonly MembershipKey[]): Promise<readonly (Uint8Array | null)[] | undefined> {
    try {
      const answers = await this.#store.read(keys)
      this.#failuresInRow = 0
      this.#answeringSinceMs = Math.min(this.#answeringSinceMs, this.#nowMs())
      return answers
    } catch (error) {
      if (!(error instanceof EunomiaError)) throw error
      this.#failed.add()
      this.#answeringSinceMs = Infinity
      this.#pausedUntilMs = this.#nowMs() + backoffStepMs(++this.#failuresInRow, this.#pauseMs, MAX_PAUSE_MS)
      this.#log.debug({ code: error.code, error: error.message }, 'membership store is unavailable, continuing from the cache')
      return undefined
    }
  }

  #answerStale(key: MembershipKey, onValue: (key: MembershipKey, value: MembershipValue) => void): void {
    const value = this.#cache.stale(key.text)
    if (value !== undefined) onValue(key, value)
  }

  #valueOf(key: MembershipKey, bytes: Uint8Array): MembershipValue | undefined {
    try {
      return this.#readValue(key, bytes)
    } catch (error) {
      if (!(error instanceof EunomiaError)) throw error
      this.#unreadable.add()
      this.#log.warn({ key: key.text, code: error.code, error: error.message }, 'entry of the membership store is unreadable')
      return undefined
    }
  }
}
