// The time before which no more events are expected. It follows the times of the events, so that a backlog, a replay and a live host give the same result.
// If no events come, it follows the clock.
import type { TopicKey } from '../../../infra/topic-log/topics.js'

/** Options of a Frontier. */
export interface FrontierOptions {
  /** How long after a newer event of its host an event can arrive, milliseconds. */
  readonly latenessMs: number
  /** A topic without events for this time does not hold back the others, milliseconds. */
  readonly quietMs: number
  /** Most waiting events that hold the time; default 10,000. */
  readonly maxHolds?: number
}

interface Reached {
  timeUs: number
  heardAtUs: number
}

interface Hold {
  readonly timeUs: number
  readonly untilUs: number
}

/** Farthest that an event counts as ahead of this clock, microseconds: a host with a wrong clock must not make all others late. */
export const MAX_AHEAD_US = 60_000_000

/** Tracks the time of events. */
export class Frontier {
  readonly #options: FrontierOptions
  readonly #topics = new Map<TopicKey, Reached>()
  /** Events that wait for facts. */
  readonly #holds = new Map<string, Hold>()

  constructor(options: FrontierOptions) {
    this.#options = options
  }

  /** Notes an event of a topic. Both times are Unix microseconds. */
  reached(topic: TopicKey, timeUs: number, nowUs: number): void {
    const soonestUs = Math.min(timeUs, nowUs + MAX_AHEAD_US)
    const known = this.#topics.get(topic)
    if (known === undefined) this.#topics.set(topic, { timeUs: soonestUs, heardAtUs: nowUs })
    else Object.assign(known, { timeUs: Math.max(known.timeUs, soonestUs), heardAtUs: nowUs })
  }

  /** Forgets the times of the topics: the clock was set back. */
  reset(): void {
    this.#topics.clear()
  }

  /**
   * Stops the time at a waiting event, until `untilUs` at the latest.
   * @returns false at the bound: then the event may be too late
   */
  hold(id: string, timeUs: number, untilUs: number): boolean {
    if (!this.#holds.has(id) && this.#holds.size >= (this.#options.maxHolds ?? 10_000)) return false
    this.#holds.set(id, { timeUs, untilUs })
    return true
  }

  release(id: string): void {
    this.#holds.delete(id)
  }

  /** Everything before this time has arrived; null if nothing has. Unix microseconds. */
  beforeUs(nowUs: number): number | null {
    const topics = [...this.#topics.values()]
    if (topics.length === 0) return null
    const active = topics.filter(({ heardAtUs }) => nowUs - heardAtUs < this.#options.quietMs * 1000)
    const reachedUs = active.length > 0 ? Math.min(...active.map(({ timeUs }) => timeUs)) : this.#afterQuiet(topics, nowUs)
    return Math.min(reachedUs - this.#options.latenessMs * 1000, this.#heldUs(nowUs))
  }

  #afterQuiet(topics: readonly Reached[], nowUs: number): number {
    const newestUs = Math.max(...topics.map(({ timeUs }) => timeUs))
    return newestUs + Math.max(0, nowUs - Math.max(...topics.map(({ heardAtUs }) => heardAtUs)))
  }

  #heldUs(nowUs: number): number {
    let heldUs = Infinity
    for (const [id, { timeUs, untilUs }] of this.#holds) {
      if (untilUs <= nowUs) this.#holds.delete(id)
      else heldUs = Math.min(heldUs, timeUs)
    }
    return heldUs
  }
}
