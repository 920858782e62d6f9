// The membership store of one process: `eunomia run`, tests and replays. Bounded; the entry written longest ago is evicted first.
import type { Counter } from '../../infra/process/metrics.js'
import { KIND_SETTINGS, MEMBERSHIP_KINDS, type KindSettings, type MembershipKey, type MembershipKind } from './membership-key.js'
import { takesPlace, type MembershipEntry, type MembershipStore } from './store.js'

/** Bounds of a MemoryStore. */
export interface MemoryStoreOptions {
  /** Most entries of each kind; default 100,000 (a fleet of one host rarely has 1,000 containers). */
  readonly maxEntries?: number
  /** Settings of each kind; default KIND_SETTINGS. */
  readonly kinds?: Readonly<Record<MembershipKind, KindSettings>>
  /** Milliseconds, never going back; default performance.now. */
  readonly nowMs?: () => number
  /** Counts entries evicted at the bound. */
  readonly evicted?: Counter
}

interface StoredEntry {
  readonly bootTimeUs: number
  readonly value: Uint8Array
  readonly expiresAtMs: number
}

/** Stores entries in memory. */
export class MemoryStore implements MembershipStore {
  // A Map keeps the order of writing: its first key was written or renewed longest ago.
  readonly #entries = new Map(MEMBERSHIP_KINDS.map((kind) => [kind, new Map<string, StoredEntry>()]))
  readonly #maxEntries: number
  readonly #kinds: Readonly<Record<MembershipKind, KindSettings>>
  readonly #nowMs: () => number
  readonly #evicted: Counter | undefined

  constructor(options: MemoryStoreOptions = {}) {
    this.#maxEntries = options.maxEntries ?? 100_000
    this.#kinds = options.kinds ?? KIND_SETTINGS
    this.#nowMs = options.nowMs ?? (() => performance.now())
    this.#evicted = options.evicted
  }

  /** Number of stored entries of a kind. */
  sizeOf(kind: MembershipKind): number {
    return this.#ofKind(kind).size
  }

  write(entries: readonly MembershipEntry[]): Promise<void> {
    const nowMs = this.#nowMs()
    for (const entry of entries) this.#writeOne(entry, nowMs)
    return Promise.resolve()
  }

  read(keys: readonly MembershipKey[]): Promise<readonly (Uint8Array | null)[]> {
    const nowMs = this.#nowMs()
    return Promise.resolve(keys.map((key) => this.#current(key, nowMs)?.value ?? null))
  }

  #writeOne(entry: MembershipEntry, nowMs: number): void {
    const { keeps, ttlMs } = this.#kinds[entry.key.kind]
    const ofKind = this.#ofKind(entry.key.kind)
    const current = this.#current(entry.key, nowMs)
    const winner = current === undefined || takesPlace(entry, current, keeps) ? { ...entry, value: Uint8Array.from(entry.value) } : current
    ofKind.delete(entry.key.text)
    ofKind.set(entry.key.text, { bootTimeUs: winner.bootTimeUs, value: winner.value, expiresAtMs: nowMs + ttlMs })
    if (ofKind.size <= this.#maxEntries) return
    for (const oldest of ofKind.keys()) {
      ofKind.delete(oldest)
      this.#evicted?.add()
      return
    }
  }

  #current(key: MembershipKey, nowMs: number): StoredEntry | undefined {
    const ofKind = this.#ofKind(key.kind)
    const entry = ofKind.get(key.text)
    if (entry === undefined || entry.expiresAtMs > nowMs) return entry
    ofKind.delete(key.text)
    return undefined
  }

  #ofKind(kind: MembershipKind): Map<string, StoredEntry> {
    const ofKind = this.#entries.get(kind)
    if (ofKind === undefined) throw new TypeError(`unknown kind of membership ${kind}`)
    return ofKind
  }
}
