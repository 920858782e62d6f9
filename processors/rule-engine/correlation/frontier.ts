// How far the events have come: the time before which no event is expected any more. By the times of the events themselves, so that a backlog, a
// replay and a live host are judged alike; where nothing comes, time goes on by the clock.
import type { TopicKey } from '../../../infra/topic-log/topics.js'

/** How a Frontier goes. */
export interface FrontierOptions {
  /** How much later than a newer event of its host an event may come, milliseconds. */
  readonly latenessMs: number
  /** A topic that gave nothing for so long does not hold the others back, milliseconds. */
  readonly quietMs: number
  /** Most events whose time is held; default 10,000. */
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

/** An event is no farther ahead of this clock than that, microseconds: one of a host whose clock is wrong must not make all others late. */
export const MAX_AHEAD_US = 60_000_000

/** Time of events. */
export class Frontier {
  readonly #options: FrontierOptions
  readonly #topics = new Map<TopicKey, Reached>()
  /** Events that came and are not judged yet: they wait for facts. */
  readonly #holds = new Map<string, Hold>()

  constructor(options: FrontierOptions) {
    this.#options = options
  }

  /** An event of a topic has come. Both times are Unix microseconds. */
  reached(topic: TopicKey, timeUs: number, nowUs: number): void {
    const soonestUs = Math.min(timeUs, nowUs + MAX_AHEAD_US)
    const known = this.#topics.get(topic)
    if (known === undefined) this.#topics.set(topic, { timeUs: soonestUs, heardAtUs: nowUs })
    else Object.assign(known, { timeUs: Math.max(known.timeUs, soonestUs), heardAtUs: nowUs })
  }

  /** Forgets how far the topics have come: the clock was set back. */
  reset(): void {
    this.#topics.clear()
  }

  /**
   * Time stands still at an event that waits, for its verdict may come yet; until `untilUs` at the latest.
   * @returns false at the bound: the event may then come too late
   */
  hold(id: string, timeUs: number, untilUs: number): boolean {
    if (!this.#holds.has(id) && this.#holds.size >= (this.#options.maxHolds ?? 10_000)) return false
    this.#holds.set(id, { timeUs, untilUs })
    return true
  }

  release(id: string): void {
    this.#holds.delete(id)
  }

  /** Everything before this time has come; null when nothing has. Unix microseconds. */
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
