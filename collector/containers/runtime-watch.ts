// Follows the runtimes: their events and their answers. Keeps the registry of containers correct and has changes published.
// Knows cgroups only as paths that a runtime reports, which it passes on for confirmation.
import { backoffStepMs } from '../../infra/waiting/backoff.js'
import { pause } from '../../infra/waiting/clock.js'
import { AskQueue, type AskQueueConfig, askRuntimes } from './ask-queue.js'
import type { ContainerPublisher } from './container-publisher.js'
import type { KnownContainer, KnownContainers, KnownContainersConfig } from './known-containers.js'
import type { ContainerRuntime, RuntimeContainer, RuntimeEvent, RuntimeEvents } from './runtime.js'

/** Settings of the watch. */
export interface RuntimeWatchConfig extends AskQueueConfig, KnownContainersConfig {
  /**
   * Most questions a second that only the names of cgroups give rise to; default 100. Whoever may make cgroups could else have the runtime
   * asked without end. Runtimes tell of their containers by themselves, so that those over it are seldom missed; they are counted.
   */
  readonly maxClaimsPerSecond: number
  /** How often an unanswered question is asked, the first included; default 4. */
  readonly maxAttempts: number
}

/** What the watch stands on. */
export interface RuntimeWatchDeps {
  readonly runtimes: readonly ContainerRuntime[]
  readonly containers: KnownContainers
  readonly publish: ContainerPublisher
  /** A runtime said where the container's own cgroup may be. */
  readonly confirmPaths: (container: KnownContainer, paths: readonly string[]) => void
  /** The container runs, and none of the told paths is there: look where its first process is. */
  readonly confirmByInit: (container: KnownContainer, initPid: number) => Promise<void>
}

const FIRST_RETRY_MS = 50
const REMOVED = 'the container was removed before its facts were read'
const NO_ANSWER = 'the runtime did not answer'

/** The watch. */
export class RuntimeWatch {
  readonly counters = { asksFailed: 0, claimsRefused: 0, claimsUnknown: 0, toldByOthers: 0 }
  readonly #config: RuntimeWatchConfig
  readonly #deps: RuntimeWatchDeps
  readonly #asks: AskQueue
  readonly #connected = new Set<ContainerRuntime>()
  readonly #away = new Set<ContainerRuntime>()
  readonly #comparedOnce = new Set<ContainerRuntime>()
  /** Containers asked for because what we know of them may be of before an outage. */
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

  /** Opens the event streams; resolves when every runtime was compared with, or could not be reached. */
  async start(): Promise<void> {
    for (const runtime of this.#deps.runtimes) this.#streams.push(runtime.events((event) => this.#told(runtime, event)))
    await Promise.all(this.#deps.runtimes.map((runtime) => this.#compare(runtime)))
  }

  /** Asks for a container that nothing is known of but a name; resolves when it was answered, or at once when it is not asked for. */
  async askClaimed(containerId: string): Promise<void> {
    if (!this.#deps.runtimes.some((runtime) => runtime.mayKnow(containerId))) return
    const second = Math.floor(performance.now() / 1000)
    if (second !== this.#claimsSecond) this.#claimsInSecond = 0
    this.#claimsSecond = second
    if (++this.#claimsInSecond > this.#config.maxClaimsPerSecond) this.counters.claimsRefused++
    else await this.#asks.put(containerId, 'claimed')
  }

  /** Questions that found no room. */
  get asksRefused(): number {
    return this.#asks.refused
  }

  /** There are runtimes with a socket, and each could not be reached when it was last tried. */
  get areAllAway(): boolean {
    return this.#away.size > 0 && this.#deps.runtimes.every((runtime) => runtime.isLocal === true || this.#away.has(runtime))
  }

  /** Counters of the runtimes' clients by name, added up: a host may have several of a kind. */
  runtimeCounters(): Readonly<Record<string, Readonly<Record<string, number>>>> {
    const sums: Record<string, Record<string, number>> = {}
    for (const { name, counters } of this.#deps.runtimes) {
      const sum = (sums[name] ??= {})
      for (const [key, value] of Object.entries(counters ?? {})) sum[key] = (sum[key] ?? 0) + value
    }
    return sums
  }

  /** Ends the streams and the questions under way. */
  async stop(): Promise<void> {
    this.#stopping.abort()
    await Promise.all(this.#streams.map((stream) => stream.stop()))
    for (const runtime of this.#deps.runtimes) runtime.close()
  }

  #told(runtime: ContainerRuntime, event: RuntimeEvent): void {
    if (this.#stopping.signal.aborted) return
    if (event.type === 'connected') {
      this.#connected.add(runtime)
      this.#away.delete(runtime)
      void this.#compare(runtime)
    } else if (event.type === 'disconnected') {
      this.#connected.delete(runtime)
      this.#away.add(runtime)
    } else if (event.type === 'created' || event.type === 'started') {
      const known = this.#deps.containers.ensure(event.containerId, runtime)
      if (known === null || !this.#isOf(known, runtime)) return
      const container = known.state === 'removed' ? this.#deps.containers.renew(event.containerId, runtime) : known
      if (container === null) return
      if (event.type === 'started') {
        container.state = 'running'
        container.isStartPending = true
        container.isOomKilled = false
        if (container.cgroup === container.endedCgroup && container.cgroup?.isRemoved === true) container.cgroup = null
      }
      this.#deps.confirmPaths(container, event.cgroupPaths)
      void this.#asks.put(event.containerId, 'told')
    } else {
      const container = this.#deps.containers.get(event.containerId)
      if (container === undefined || container.state === 'removed' || !this.#isOf(container, runtime)) return
      if (event.type === 'oom') container.isOomKilled = true
      else if (event.type === 'stopped') this.#stopped(container, event.exitCode)
      else this.#removed(container)
    }
  }

  /**
   * Compares what we know with what runs: at the start, and after each opening of the event stream. Behind a reconnect all that we know is
   * in doubt; else only what we don't know yet is asked for.
   */
  async #compare(runtime: ContainerRuntime): Promise<void> {
    const isReconnect = this.#comparedOnce.has(runtime) && this.#connected.has(runtime)
    const before = [...this.#deps.containers.all()].filter((container) => container.runtime === runtime)
    const running = await this.#listOf(runtime)
    if (running === null) return
    if (this.#connected.has(runtime)) this.#comparedOnce.add(runtime)
    const asked: Promise<void>[] = []
    for (const containerId of running) {
      const container = this.#deps.containers.ensure(containerId, runtime)
      if (container === null || container.runtime !== runtime || (!isReconnect && container.facts !== null)) continue
      asked.push(this.#asks.put(containerId, 'told'))
    }
    // What was known before the stream opened and runs no more has ended unheard, at the first opening too.
    if (this.#connected.has(runtime)) {
      const isListed = new Set(running)
      for (const { containerId, state } of before) {
        if (state === 'removed' || isListed.has(containerId)) continue
        this.#doubted.add(containerId)
        asked.push(this.#asks.put(containerId, 'told'))
      }
    }
    await Promise.all(asked)
  }

  /** What runs; null when the runtime does not tell. One that is away comes back here by its event stream; else it is asked again. */
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
      // A runtime that is known to be away is not asked again: the comparison behind its return asks for everything.
      const { found, unanswered } = await askRuntimes(this.#asked(containerId), containerId, this.#stopping.signal)
      if (this.#stopping.signal.aborted) return
      if (found !== null) return await this.#learn(found.runtime, found.container)
      if (unanswered.length === 0) return this.#unknown(containerId)
      const isWorthAgain = attempt < this.#config.maxAttempts && unanswered.some((runtime) => this.#connected.has(runtime))
      if (!isWorthAgain) return this.#unanswered(containerId)
      await this.#pause(attempt)
    }
  }

  /** Who told of it, or everybody who may know it. */
  #asked(containerId: string): readonly ContainerRuntime[] {
    const known = this.#deps.containers.get(containerId)
    return known === undefined ? this.#deps.runtimes.filter((runtime) => runtime.mayKnow(containerId)) : [known.runtime]
  }

  /** What one runtime says of another's container is not taken: a socket of a user may say what it likes. */
  #isOf(container: KnownContainer, runtime: ContainerRuntime): boolean {
    if (container.runtime === runtime) return true
    this.counters.toldByOthers++
    return false
  }

  async #learn(runtime: ContainerRuntime, found: RuntimeContainer): Promise<void> {
    const container = this.#deps.containers.ensure(found.containerId, runtime)
    if (container === null || !this.#isOf(container, runtime)) return
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
    // The cgroup of a container that is about to start is not there yet: its facts are published together with it.
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
    if (!this.#doubted.delete(containerId)) return // its end is about to be told
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

  /** An answer may be of before the start: then the next one, which waits already, is the one to go by. */
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
