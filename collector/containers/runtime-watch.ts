// Follows the runtimes: their events and their answers. Updates the registry of containers and publishes changes.
// Knows cgroups only as paths that a runtime reports, and passes them on for confirmation.
import { backoffStepMs } from '../../infra/waiting/backoff.js'
import { pause } from '../../infra/waiting/clock.js'
import { AskQueue, type AskQueueConfig, askRuntimes } from './ask-queue.js'
import type { ContainerPublisher } from './container-publisher.js'
import type { KnownContainer, KnownContainers, KnownContainersConfig } from './known-containers.js'
import type { ContainerRuntime, RuntimeContainer, RuntimeEvent, RuntimeEvents } from './runtime.js'
import { isOfRoot } from './runtime-user.js'

/** Settings of the watch. */
export interface RuntimeWatchConfig extends AskQueueConfig, KnownContainersConfig {
  /**
   * Most queries per second caused only by names of cgroups; default 100. Otherwise, whoever may create cgroups could flood the runtime with
   * queries. Runtimes report their containers on their own, so those above the limit are rarely missed; they are counted.
   */
  readonly maxClaimsPerSecond: number
  /** Attempts of an unanswered query, including the first; default 4. */
  readonly maxAttempts: number
}

/** Dependencies of the watch. */
export interface RuntimeWatchDeps {
  readonly runtimes: readonly ContainerRuntime[]
  readonly containers: KnownContainers
  readonly publish: ContainerPublisher
  /** A runtime reported where the container's own cgroup may be. */
  readonly confirmPaths: (container: KnownContainer, paths: readonly string[]) => void
  /** The container runs, and none of the reported paths exists: find the cgroup of its first process. */
  readonly confirmByInit: (container: KnownContainer, initPid: number) => Promise<void>
}

const FIRST_RETRY_MS = 50
const REMOVED = 'the container was removed before its facts were read'
const NO_ANSWER = 'the runtime did not answer'

/** The watch. */
export class RuntimeWatch {
  readonly counters = { asksFailed: 0, claimsRefused: 0, claimsUnknown: 0, reportedByOthers: 0, takenOver: 0 }
  readonly #config: RuntimeWatchConfig
  readonly #deps: RuntimeWatchDeps
  readonly #asks: AskQueue
  readonly #connected = new Set<ContainerRuntime>()
  readonly #away = new Set<ContainerRuntime>()
  readonly #comparedOnce = new Set<ContainerRuntime>()
  /** Containers queried because their state may predate an outage. */
  readonly #doubted = new Set<string>()
  #claimsSecond = 0
  #claimsInSecond = 0
  readonly #streams: RuntimeEvents[] = []
  readonly #stopping = new AbortController()

  constructor(config: RuntimeWatchConfig, deps: RuntimeWatchDeps) {
    this.#config = config
    this.#deps = deps
    this.#asks = new AskQueue(config, (containerId) => this.#answer(containerId))
  }

  /** Opens the event streams; resolves when every runtime was compared or could not be reached. */
  async start(): Promise<void> {
    for (const runtime of this.#deps.runtimes) this.#streams.push(runtime.events((event) => this.#onEvent(runtime, event)))
    await Promise.all(this.#deps.runtimes.map((runtime) => this.#compare(runtime)))
  }

  /** Queries a container of which only a name is known; resolves when it was answered, or at once when no query is sent. */
  async askClaimed(containerId: string): Promise<void> {
    if (!this.#deps.runtimes.some((runtime) => runtime.mayKnow(containerId))) return
    const second = Math.floor(performance.now() / 1000)
    if (second !== this.#claimsSecond) this.#claimsInSecond = 0
    this.#claimsSecond = second
    if (++this.#claimsInSecond > this.#config.maxClaimsPerSecond) this.counters.claimsRefused++
    else await this.#asks.put(containerId, 'claimed')
  }

  /** Queries refused because the queue was full. */
  get asksRefused(): number {
    return this.#asks.refused
  }

  /** There are runtimes with a socket, and the last attempt to reach each of them failed. */
  get areAllAway(): boolean {
    return this.#away.size > 0 && this.#deps.runtimes.every((runtime) => runtime.isLocal === true || this.#away.has(runtime))
  }

  /** Counters of the runtime clients, summed by name: a host may have several of a kind. */
  runtimeCounters(): Readonly<Record<string, Readonly<Record<string, number>>>> {
    const sums: Record<string, Record<string, number>> = {}
    for (const { name, counters } of this.#deps.runtimes) {
      const sum = (sums[name] ??= {})
      for (const [key, value] of Object.entries(counters ?? {})) sum[key] = (sum[key] ?? 0) + value
    }
    return sums
  }

  /** Ends the streams and the running queries. */
  async stop(): Promise<void> {
    this.#stopping.abort()
    await Promise.all(this.#streams.map((stream) => stream.stop()))
    for (const runtime of this.#deps.runtimes) runtime.close()
  }

  #onEvent(runtime: ContainerRuntime, event: RuntimeEvent): void {
    if (this.#stopping.signal.aborted) return
    if (event.type === 'connected') {
      this.#connected.add(runtime)
      this.#away.delete(runtime)
      void this.#compare(runtime)
    } else if (event.type === 'disconnected') {
      this.#connected.delete(runtime)
      this.#away.add(runtime)
    } else if (event.type === 'created' || event.type === 'started') {
      const known = this.#reported(event.containerId, runtime)
      if (known === null) return
      const container = known.state === 'removed' ? this.#deps.containers.renew(event.containerId, runtime) : known
      if (container === null) return
      if (event.type === 'started') {
        container.state = 'running'
        container.isStartPending = true
        container.isOomKilled = false
        if (container.cgroup === container.endedCgroup && container.cgroup?.isRemoved === true) container.cgroup = null
      }
      this.#deps.confirmPaths(container, event.cgroupPaths)
      void this.#asks.put(event.containerId, 'reported')
    } else {
      const container = this.#deps.containers.get(event.containerId)
      if (container === undefined || container.state === 'removed' || !this.#isOf(container, runtime)) return
      if (event.type === 'oom') container.isOomKilled = true
      else if (event.type === 'stopped') this.#stopped(container, event.exitCode)
      else this.#removed(container)
    }
  }

  /**
   * Compares the known containers with the running ones: at the start, and each time the event stream opens. After a reconnect the state of
   * all known containers is in doubt; otherwise only unknown ones are queried.
   */
  async #compare(runtime: ContainerRuntime): Promise<void> {
    const isReconnect = this.#comparedOnce.has(runtime) && this.#connected.has(runtime)
    const before = [...this.#deps.containers.all()].filter((container) => container.runtime === runtime)
    const running = await this.#listOf(runtime)
    if (running === null) return
    if (this.#connected.has(runtime)) this.#comparedOnce.add(runtime)
    const queries: Promise<void>[] = []
    for (const containerId of running) {
      const container = this.#reported(containerId, runtime)
      if (container === null || (!isReconnect && container.facts !== null)) continue
      queries.push(this.#asks.put(containerId, 'reported'))
    }
    // A container known before the stream opened that no longer runs has ended without an event, also at the first opening.
    if (this.#connected.has(runtime)) {
      const isListed = new Set(running)
      for (const { containerId, state } of before) {
        if (state === 'removed' || isListed.has(containerId)) continue
        this.#doubted.add(containerId)
        queries.push(this.#asks.put(containerId, 'reported'))
      }
    }
    await Promise.all(queries)
  }

  /** Running containers; null when the runtime does not answer. An unreachable runtime is listed when its stream reopens; others are retried. */
  async #listOf(runtime: ContainerRuntime): Promise<readonly string[] | null> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await runtime.list(this.#stopping.signal)
      } catch {
        if (this.#stopping.signal.aborted) return null
        if (!this.#connected.has(runtime)) {
          this.#away.add(runtime)
          return null
        }
        if (attempt >= this.#config.maxAttempts) {
          this.counters.asksFailed++
          return null
        }
        await this.#pause(attempt)
      }
    }
  }

  async #pause(attempt: number): Promise<void> {
    await pause(backoffStepMs(attempt + 1, FIRST_RETRY_MS, Infinity), this.#stopping.signal)
  }

  async #answer(containerId: string): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      // A runtime that is known to be unreachable is not retried: the comparison after its return queries everything.
      const { found, unanswered } = await askRuntimes(this.#candidatesFor(containerId), containerId, this.#stopping.signal)
      if (this.#stopping.signal.aborted) return
      if (found !== null) return await this.#learn(found.runtime, found.container)
      if (unanswered.length === 0) return this.#unknown(containerId)
      const shouldRetry = attempt < this.#config.maxAttempts && unanswered.some((runtime) => this.#connected.has(runtime))
      if (!shouldRetry) return this.#unanswered(containerId)
      await this.#pause(attempt)
    }
  }

  /** The runtime that reported the container, or all that may know it. With a user's runtime, those of root, too. */
  #candidatesFor(containerId: string): readonly ContainerRuntime[] {
    const known = this.#deps.containers.get(containerId)
    if (known !== undefined && isOfRoot(known.runtime)) return [known.runtime]
    const candidates = this.#deps.runtimes.filter((runtime) => runtime.mayKnow(containerId))
    return known === undefined ? candidates : candidates.filter((runtime) => runtime === known.runtime || isOfRoot(runtime))
  }

  /** The container that a runtime reports; null at the bound, or when it is another's. */
  #reported(containerId: string, runtime: ContainerRuntime): KnownContainer | null {
    const known = this.#deps.containers.ensure(containerId, runtime)
    if (known === null || known.runtime === runtime) return known
    if (isOfRoot(known.runtime) || !isOfRoot(runtime)) return this.#isOf(known, runtime) ? known : null
    this.counters.takenOver++
    return this.#deps.containers.takeOver(known, runtime)
  }

  /** A runtime's report about another's container is ignored: the socket of a user may report anything. */
  #isOf(container: KnownContainer, runtime: ContainerRuntime): boolean {
    if (container.runtime === runtime) return true
    this.counters.reportedByOthers++
    return false
  }

  async #learn(runtime: ContainerRuntime, found: RuntimeContainer): Promise<void> {
    const container = this.#reported(found.containerId, runtime)
    if (container === null) return
    container.facts ??= found.facts
    container.runtimeName = found.runtimeName ?? runtime.name
    const isDoubted = this.#doubted.delete(found.containerId)
    if (container.state === 'removed') return this.#deps.publish.factsOnce(container)
    container.initPid = found.initPid
    if (found.initPid !== null) container.state = 'running'
    else if (container.state === 'created' && found.exitCode !== null) container.state = 'stopped'
    this.#deps.confirmPaths(container, found.cgroupPaths)
    if (found.initPid !== null && container.cgroup === null) await this.#deps.confirmByInit(container, found.initPid)
    this.#startIfPending(container, found.initPid !== null)
    // The cgroup of a container that is about to start does not exist yet: its facts are published together with it.
    if (container.cgroup !== null || container.state !== 'created') this.#deps.publish.factsOnce(container)
    if (isDoubted && found.initPid === null && container.state === 'running') {
      container.isOomKilled = found.isOomKilled
      this.#stopped(container, found.exitCode)
    }
  }

  #unknown(containerId: string): void {
    const container = this.#deps.containers.get(containerId)
    if (container === undefined) {
      this.counters.claimsUnknown++
      return
    }
    this.#deps.publish.noFacts(container, REMOVED)
    this.#startIfPending(container, false)
    if (!this.#doubted.delete(containerId)) return // the event of its end follows
    if (container.state === 'running') this.#stopped(container, null)
    this.#removed(container)
  }

  #unanswered(containerId: string): void {
    this.counters.asksFailed++
    this.#doubted.delete(containerId)
    const container = this.#deps.containers.get(containerId)
    if (container === undefined) return
    this.#deps.publish.noFacts(container, NO_ANSWER)
    this.#startIfPending(container, false)
  }

  /** An answer may predate the start: then the next query, which already waits, decides. */
  #startIfPending(container: KnownContainer, isSure: boolean): void {
    if (!container.isStartPending || (!isSure && this.#asks.isWaiting(container.containerId))) return
    container.isStartPending = false
    this.#deps.publish.started(container)
  }

  #stopped(container: KnownContainer, exitCode: number | null): void {
    if (container.state === 'stopped' || container.state === 'removed') return
    this.#startIfPending(container, true)
    container.state = 'stopped'
    container.initPid = null
    container.endedCgroup = container.cgroup
    this.#deps.publish.stopped(container, exitCode)
  }

  #removed(container: KnownContainer): void {
    if (container.state === 'removed') return
    this.#deps.containers.markRemoved(container)
    this.#deps.publish.removed(container)
  }
}
