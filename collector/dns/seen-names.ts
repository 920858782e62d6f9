// Names of addresses, as DNS answers gave them: kept for each container by itself, since any process may make up an answer for its own.
import type { DnsMessage } from '../../schemas/generated/types.js'

/** A and AAAA. */
const ADDRESS_TYPES: ReadonlySet<number> = new Set([1, 28])
/** A program keeps an address longer than its answer lives; one that it keeps for a day has likely changed hands. */
const MIN_KEPT_S = 300
const MAX_KEPT_S = 86_400
const US_PER_SECOND = 1_000_000

interface SeenName {
  readonly name: string
  readonly untilUs: number
}

/** Least recently learned first. */
export class SeenNames {
  readonly #names = new Map<string, SeenName>()
  readonly #max: number
  /** Names that were let go at the bound, before their time. */
  evicted = 0

  /** @param max names kept, of all containers together */
  constructor(max = 16_384) {
    this.#max = max
  }

  get size(): number {
    return this.#names.size
  }

  /** Learns the addresses of an answer, under the name that was asked for. @param container its id, or "" on the host */
  learn(container: string, { isResponse, questionName, answers }: DnsMessage, bootUs: number): void {
    if (!isResponse || questionName === '') return
    for (const { type, value, ttlSeconds } of answers) {
      if (value === null || !ADDRESS_TYPES.has(type)) continue
      const key = keyOf(container, value)
      const keptS = Math.min(Math.max(ttlSeconds, MIN_KEPT_S), MAX_KEPT_S)
      this.#names.delete(key)
      this.#names.set(key, { name: questionName, untilUs: bootUs + keptS * US_PER_SECOND })
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
