// Names of addresses from DNS answers: stored separately per container, since any process may forge an answer for its own.
import type { DnsMessage } from '../../schemas/generated/types.js'

/** A and AAAA. */
const ADDRESS_TYPES: ReadonlySet<number> = new Set([1, 28])
/** A program may use an address longer than the TTL of its answer; after a day the address has likely changed its owner. */
const MIN_CACHED_S = 300
const MAX_CACHED_S = 86_400
const US_PER_SECOND = 1_000_000

interface SeenName {
  readonly name: string
  readonly untilUs: number
}

/** Least recently learned first. */
export class SeenNames {
  readonly #names = new Map<string, SeenName>()
  readonly #max: number
  /** Names evicted at the bound before their time. */
  evicted = 0

  /** @param max most names of all containers together */
  constructor(max = 16_384) {
    this.#max = max
  }

  get size(): number {
    return this.#names.size
  }

  /** Stores the addresses of an answer under the name of the question. @param container its id, or "" on the host */
  learn(container: string, { isResponse, questionName, answers }: DnsMessage, bootUs: number): void {
    if (!isResponse || questionName === '') return
    for (const { type, value, ttlSeconds } of answers) {
      if (value === null || !ADDRESS_TYPES.has(type)) continue
      const key = keyOf(container, value)
      const cachedS = Math.min(Math.max(ttlSeconds, MIN_CACHED_S), MAX_CACHED_S)
      this.#names.delete(key)
      this.#names.set(key, { name: questionName, untilUs: bootUs + cachedS * US_PER_SECOND })
      if (this.#names.size > this.#max) this.#evictOldest(bootUs)
    }
  }

  /** Name of an address; null when none is known. */
  nameOf(container: string, address: string, bootUs: number): string | null {
    const seen = this.#names.get(keyOf(container, address))
    return seen === undefined || seen.untilUs < bootUs ? null : seen.name
  }

  #evictOldest(bootUs: number): void {
    for (const [key, { untilUs }] of this.#names) {
      this.#names.delete(key)
      if (untilUs >= bootUs) this.evicted++
      return
    }
  }
}

const keyOf = (container: string, address: string): string => `${container} ${address}`
