// The interface of the membership store: who is in which container, and what is known about containers, for all hosts.
// Implemented by redis-store.ts (a fleet) and memory-store.ts (one process); both pass test/conformance/membership-store.ts.
import type { MembershipKey, KindSettings } from './membership-key.js'

/** The compared parts of an entry. */
export interface Dated {
  readonly bootTimeUs: number
  readonly value: Uint8Array
}

/** True when `candidate` replaces `current`. The bytes decide between entries of the same time, so that order never does. */
export function takesPlace(candidate: Dated, current: Dated, keeps: KindSettings['keeps']): boolean {
  if (candidate.bootTimeUs !== current.bootTimeUs) return (keeps === 'latest') === candidate.bootTimeUs > current.bootTimeUs
  return Buffer.compare(candidate.value, current.value) < 0
}

/** One learned fact. */
export interface MembershipEntry {
  readonly key: MembershipKey
  /** When it was true: microseconds since boot. It alone decides which of two entries of a key takes precedence (see KIND_SETTINGS). */
  readonly bootTimeUs: number
  /** Facts: the container event that reported them, in wire format. Otherwise: the container id, UTF-8. */
  readonly value: Uint8Array
}

/** Stores entries. Writing is idempotent and commutes: any order, repetition or interleaving ends in the same state. */
export interface MembershipStore {
  /**
   * Writes entries, and renews the lifetime of those that exist.
   * @throws a retryable EunomiaError when the store is unavailable; some of the entries may then be written
   */
  write(entries: readonly MembershipEntry[]): Promise<void>
  /**
   * Reads in one round trip. The answer has the order of the keys; null for an unknown one.
   * @throws a retryable EunomiaError when the store is unavailable
   */
  read(keys: readonly MembershipKey[]): Promise<readonly (Uint8Array | null)[]>
}
