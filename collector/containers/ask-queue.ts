// Queries to the runtimes, one per container at a time, bounded in number and concurrency. Containers that a runtime reported come before those
// that only a cgroup name claims, so that creating cgroups does not delay facts. Knows ids, not the query itself.
import { deferred, type Deferred } from '../../infra/waiting/waiters.js'
import { type ContainerRuntime, isAbsence, type RuntimeContainer } from './runtime.js'
import { isOfRoot } from './runtime-user.js'

/** Bounds of the queue. */
export interface AskQueueConfig {
  /** Queries running at a time; default 8. */
  readonly concurrency: number
  /** Waiting queries; default 4,096. Those caused only by the name of a cgroup get a quarter of it. More are refused and counted. */
  readonly maxWaiting: number
}

/** Why a container is queried: a runtime reported it, or only the name of a cgroup claims it, which any user may have created. */
type AskReason = 'reported' | 'claimed'

const CLAIMED_SHARE = 4

/** The queue. */
export class AskQueue {
  /** Queries refused because the queue was full. */
  refused = 0
  readonly #config: AskQueueConfig
  readonly #ask: (containerId: string) => Promise<void>
  readonly #reported = new Map<string, Deferred<void>>()
  readonly #claimed = new Map<string, Deferred<void>>()
  readonly #running = new Set<string>()

  /** @param ask answers one query; must not reject */
  constructor(config: AskQueueConfig, ask: (containerId: string) => Promise<void>) {
    this.#config = config
    this.#ask = ask
  }

  /**
   * Adds a query. A waiting one is not added twice. A running one is repeated afterwards, because its answer may already be outdated.
   * Resolves when it was answered, or at once when refused.
   */
  put(containerId: string, reason: AskReason): Promise<void> {
    const same = this.#reported.get(containerId) ?? this.#claimed.get(containerId)
    if (same !== undefined) {
      if (reason === 'reported' && this.#claimed.delete(containerId)) this.#reported.set(containerId, same)
      return same.promise
    }
    const bound = reason === 'reported' ? this.#config.maxWaiting : this.#config.maxWaiting / CLAIMED_SHARE
    if (this.#reported.size + this.#claimed.size >= bound) {
      this.refused++
      return Promise.resolve()
    }
    const query = deferred()
    const queries = reason === 'reported' ? this.#reported : this.#claimed
    queries.set(containerId, query)
    this.#next()
    return query.promise
  }

  /** The query waits to be sent (again). */
  isWaiting(containerId: string): boolean {
    return this.#reported.has(containerId) || this.#claimed.has(containerId)
  }

  /** Waiting and running queries. */
  get size(): number {
    return this.#reported.size + this.#claimed.size + this.#running.size
  }

  #next(): void {
    this.#askFrom(this.#reported)
    this.#askFrom(this.#claimed)
  }

  #askFrom(waiting: Map<string, Deferred<void>>): void {
    for (const [containerId, query] of waiting) {
      if (this.#running.size >= this.#config.concurrency) return
      if (this.#running.has(containerId)) continue
      waiting.delete(containerId)
      this.#running.add(containerId)
      void this.#ask(containerId).finally(() => {
        this.#running.delete(containerId)
        query.resolve()
        this.#next()
      })
    }
  }
}

/** Result of a query to all runtimes. */
interface RuntimesAnswer {
  /** The container and the runtime that knows it; null when none reported it. */
  readonly found: { readonly runtime: ContainerRuntime; readonly container: RuntimeContainer } | null
  /** Runtimes that did not answer; empty when the container was found. */
  readonly unanswered: readonly ContainerRuntime[]
}

/**
 * Queries all runtimes; resolves with the first of root that knows the container, or when the last has answered or failed. What the runtime of
 * a user says counts only when no runtime of root knows the container, and each of them that exists has answered. Never rejects.
 */
export function askRuntimes(runtimes: readonly ContainerRuntime[], containerId: string, signal: AbortSignal): Promise<RuntimesAnswer> {
  const unanswered: ContainerRuntime[] = []
  let ofUser: RuntimesAnswer['found'] = null
  let isRootSilent = false
  return new Promise((resolve) => {
    const all = runtimes.map(async (runtime) => {
      try {
        const container = await runtime.facts(containerId, signal)
        if (container === null) return
        if (isOfRoot(runtime)) resolve({ found: { runtime, container }, unanswered: [] })
        else ofUser ??= { runtime, container }
      } catch (error) {
        unanswered.push(runtime)
        if (isOfRoot(runtime) && !isAbsence(error)) isRootSilent = true
      }
    })
    void Promise.all(all).then(() => {
      if (ofUser !== null && !isRootSilent) resolve({ found: ofUser, unanswered: [] })
      else resolve({ found: null, unanswered })
    })
  })
}
