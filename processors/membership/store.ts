// The port of the membership store: who is in which container, and what is known of containers, for all hosts.
// Implemented by redis-store.ts (a fleet) and memory-store.ts (one process); both pass test/conformance/membership-store.ts.
import type { MembershipKey } from './membership-key.js'
import type { KindSettings } from './membership-key.js'

/** What is compared of an entry. */
export interface Dated {
  readonly bootTimeUs: number
  readonly value: Uint8Array
}

/** True when `candidate` takes the place of `current`. The bytes decide between entries of the same time, so that order never does. */
export function takesPlace(candidate: Dated, current: Dated, keeps: KindSettings['keeps']): boolean {
  if (candidate.bootTimeUs !== current.bootTimeUs) return (keeps === 'latest') === candidate.bootTimeUs > current.bootTimeUs
  return Buffer.compare(candidate.value, current.value) < 0
}

/** One thing learned. */
export interface MembershipEntry {
  readonly key: MembershipKey
  /** When it was true: microseconds since boot. It alone decides which of two entries of a key stands (see KIND_SETTINGS). */
  readonly bootTimeUs: number
  /** Facts: the container event that told them, in wire format. Else: the container id, UTF-8. */
  readonly value: Uint8Array
}

/** Keeps entries. Writing is idempotent and commutes: any order, repetition or interleaving ends in the same state. */
export interface MembershipStore {
  /**
   * Writes entries, and renews the life of those that stand already.
   * @throws a retryable EunomiaError when the store is away; some of the entries may then be written
   */
  write(entries: readonly MembershipEntry[]): Promise<void>
  /**
   * Reads in one round trip. The answer has the order of the keys; null for what is not known.
   * @throws a retryable EunomiaError when the store is away
   */
  read(keys: readonly MembershipKey[]): Promise<readonly (Uint8Array | null)[]>
}
