// Questions to the runtimes, one per container at a time, bounded in number and concurrency. Containers that a runtime reported come before those
// that only a cgroup name claims, so that creating cgroups delays nobody's facts. Knows ids, not the question.
import { deferred, type Deferred } from '../../infra/waiting/waiters.js'
import type { ContainerRuntime, RuntimeContainer } from './runtime.js'

/** Bounds of the queue. */
export interface AskQueueConfig {
  /** Questions under way at a time; default 8. */
  readonly concurrency: number
  /** Questions that wait; default 4,096. Those that only a cgroup's name gives rise to get a quarter of it. More are refused and counted. */
  readonly maxWaiting: number
}

/** Why a container is asked for: a runtime told of it, or only the name of a cgroup, which anybody may have made. */
type AskReason = 'told' | 'claimed'

const CLAIMED_SHARE = 4

/** The queue. */
export class AskQueue {
  /** Questions that found no room. */
  refused = 0
  readonly #config: AskQueueConfig
  readonly #ask: (containerId: string) => Promise<void>
  readonly #told = new Map<string, Deferred<void>>()
  readonly #claimed = new Map<string, Deferred<void>>()
  readonly #running = new Set<string>()

  /** @param ask answers one question; must not reject */
  constructor(config: AskQueueConfig, ask: (containerId: string) => Promise<void>) {
    this.#config = config
    this.#ask = ask
  }

  /**
   * Puts a question. One that waits already is not put twice; one that is under way is put again behind it, since what it gets may be
   * of before. Resolves when it was answered, or at once when refused.
   */
  put(containerId: string, reason: AskReason): Promise<void> {
    const same = this.#told.get(containerId) ?? this.#claimed.get(containerId)
    if (same !== undefined) {
      if (reason === 'told' && this.#claimed.delete(containerId)) this.#told.set(containerId, same)
      return same.promise
    }
    const bound = reason === 'told' ? this.#config.maxWaiting : this.#config.maxWaiting / CLAIMED_SHARE
    if (this.#told.size + this.#claimed.size >= bound) {
      this.refused++
      return Promise.resolve()
    }
    const question = deferred()
    const questions = reason === 'told' ? this.#told : this.#claimed
    questions.set(containerId, question)
    this.#next()
    return question.promise
  }

  /** The question will be put (again). */
  isWaiting(containerId: string): boolean {
    return this.#told.has(containerId) || this.#claimed.has(containerId)
  }

  /** Questions that wait or are under way. */
  get size(): number {
    return this.#told.size + this.#claimed.size + this.#running.size
  }

  #next(): void {
    this.#askFrom(this.#told)
    this.#askFrom(this.#claimed)
  }

  #askFrom(waiting: Map<string, Deferred<void>>): void {
    for (const [containerId, question] of waiting) {
      if (this.#running.size >= this.#config.concurrency) return
      if (this.#running.has(containerId)) continue
      waiting.delete(containerId)
      this.#running.add(containerId)
      void this.#ask(containerId).finally(() => {
        this.#running.delete(containerId)
        question.resolve()
        this.#next()
      })
    }
  }
}

/** What came of it. */
interface RuntimesAnswer {
  /** The container, and who knows it; null when nobody said so. */
  readonly found: { readonly runtime: ContainerRuntime; readonly container: RuntimeContainer } | null
  /** Runtimes that did not answer; empty when the container was found before. */
  readonly unanswered: readonly ContainerRuntime[]
}

/** Asks all of them; resolves with the first that knows the container, or when the last has answered or failed. Never rejects. */
export function askRuntimes(runtimes: readonly ContainerRuntime[], containerId: string, signal: AbortSignal): Promise<RuntimesAnswer> {
  const unanswered: ContainerRuntime[] = []
  return new Promise((resolve) => {
    const all = runtimes.map(async (runtime) => {
      try {
        const container = await runtime.facts(containerId, signal)
        if (container !== null) resolve({ found: { runtime, container }, unanswered: [] })
      } catch {
        unanswered.push(runtime)
      }
    })
    void Promise.all(all).then(() => resolve({ found: null, unanswered }))
  })
}
