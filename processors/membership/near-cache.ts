// What a function instance caches of the membership store, so that most batches need no read. Bounded by entries and bytes; the least
// recently used entry is evicted first. Facts do not change and stay; the rest expires, "not yet known" after a very short time.
import type { Metrics } from '../../infra/process/metrics.js'

/** Bounds of a NearCache. */
export interface NearCacheOptions {
  /** Most entries; default 50,000. */
  readonly maxEntries?: number
  /** Most bytes of what is known, as the store holds it; default 64 MiB. */
  readonly maxBytes?: number
  /** How long "not yet known" is believed, milliseconds; default 50. A longer time reads the store less often and finds late facts later. */
  readonly unknownMs?: number
  /** Milliseconds, never going back; default performance.now. */
  readonly nowMs?: () => number
}

interface Slot<Value> {
  readonly value: Value | null
  readonly bytes: number
  /** Infinity for what does not change. */
  readonly expiresAtMs: number
}

/** Remembers values by the text of their membership key. */
export class NearCache<Value> {
  // A Map keeps the order of insertion; a hit is inserted again, so its first key is the least recently used.
  readonly #slots = new Map<string, Slot<Value>>()
  readonly #maxEntries: number
  readonly #maxBytes: number
  readonly #unknownMs: number
  readonly #nowMs: () => number
  readonly #hits
  readonly #misses
  readonly #evicted
  #bytes = 0

  constructor(metrics: Metrics, options: NearCacheOptions = {}) {
    this.#maxEntries = options.maxEntries ?? 50_000
    this.#maxBytes = options.maxBytes ?? 64 * 1024 * 1024
    this.#unknownMs = options.unknownMs ?? 50
    this.#nowMs = options.nowMs ?? (() => performance.now())
    const reads = metrics.counter('eunomia_membership_cache_reads_total', 'Reads of the near-cache of memberships', 'outcome')
    this.#hits = reads.with('hit')
    this.#misses = reads.with('miss')
    this.#evicted = metrics.counter('eunomia_membership_cache_evicted_total', 'Entries evicted from the near-cache at its bound').with()
  }

  /** Number of cached entries. */
  get size(): number {
    return this.#slots.size
  }

  /** Bytes of the cached entries, as the store holds them. */
  get bytes(): number {
    return this.#bytes
  }

  /** The value; null when it was not yet known a moment ago; undefined when the store must be asked. */
  get(key: string): Value | null | undefined {
    const slot = this.#slots.get(key)
    if (slot === undefined || slot.expiresAtMs <= this.#nowMs()) {
      this.#misses.add()
      return undefined
    }
    this.#hits.add()
    this.#slots.delete(key)
    this.#slots.set(key, slot)
    return slot.value
  }

  /** The value even if expired, for while the store can't be read; undefined when none is cached. */
  stale(key: string): Value | undefined {
    return this.#slots.get(key)?.value ?? undefined
  }

  /** @param bytes length of the value in the store @param freshMs how long it may be used, milliseconds */
  setKnown(key: string, value: Value, bytes: number, freshMs: number): void {
    this.#set(key, { value, bytes, expiresAtMs: this.#nowMs() + freshMs })
  }

  /** Remembers for a short time that the store knows nothing. */
  setUnknown(key: string): void {
    this.#set(key, { value: null, bytes: 0, expiresAtMs: this.#nowMs() + this.#unknownMs })
  }

  #set(key: string, slot: Slot<Value>): void {
    this.#delete(key)
    this.#slots.set(key, slot)
    this.#bytes += slot.bytes
    while (this.#slots.size > this.#maxEntries || (this.#bytes > this.#maxBytes && this.#slots.size > 1)) {
      const oldest = this.#slots.keys().next()
      if (oldest.done === true) return
      this.#delete(oldest.value)
      this.#evicted.add()
    }
  }

  #delete(key: string): void {
    this.#bytes -= this.#slots.get(key)?.bytes ?? 0
    this.#slots.delete(key)
  }
}
