// A runtime of the Kubernetes CRI (containerd, CRI-O) as a ContainerRuntime: containers, their pods and sandboxes, without an API server.
import type { Logger } from '../../../infra/process/logger.js'
import { pause } from '../../../infra/waiting/clock.js'
import { aborted } from '../../../infra/waiting/signals.js'
import type { ContainerEvent, Pod } from '../../../schemas/generated/types.js'
import { objectAt } from '../facts/json-fields.js'
import { GRPC_DEFAULTS, type GrpcRuntimeConfig, isUnimplemented } from '../transport/runtime-grpc.js'
import type { ContainerRuntime, RuntimeContainer, RuntimeEvent, RuntimeEvents } from '../runtime.js'
import { ConnectionReport, followReported } from '../transport/event-stream.js'
import { CriApi, isCriId } from './cri-api.js'
import { CriChanges, type CriEnd } from './cri-changes.js'
import { exitOf, parseContainerStatus, parseSandboxStatus, sandboxPod } from './cri-status.js'

/** Settings of the CRI client. */
export interface CriConfig extends GrpcRuntimeConfig {
  readonly name: ContainerEvent['runtime']
  /** How often the lists are looked at while no event came; default 2,000: ends are told that late by a runtime that sends none. */
  readonly lookMs: number
  /** How often once events come; default 60,000. */
  readonly lookBesideEventsMs: number
}

/** Defaults of {@link CriConfig}. */
export const CRI_DEFAULTS: CriConfig = {
  ...GRPC_DEFAULTS,
  name: 'crio',
  socketPath: '/run/crio/crio.sock',
  lookMs: 2000,
  lookBesideEventsMs: 60_000,
}

/** The client. */
export class CriRuntime implements ContainerRuntime {
  readonly name: ContainerEvent['runtime']
  readonly socketPath: string
  readonly counters = {
    /** Containers whose labels or mounts were left out at a bound. */
    factsCut: 0,
    /** Events that say nothing that can be used. */
    badEvents: 0,
    /** Times the runtime went away or did not answer. */
    disconnects: 0,
    /** Containers that a list left out at its bound. */
    listCut: 0,
  }
  readonly #api: CriApi
  readonly #report: ConnectionReport
  readonly #config: CriConfig

  constructor(config: CriConfig, log: Logger) {
    this.#config = config
    this.name = config.name
    this.socketPath = config.socketPath
    this.#api = new CriApi({ ...config, title: `the CRI of ${config.name}` })
    this.#report = new ConnectionReport(this.name, config.socketPath, log)
  }

  mayKnow(containerId: string): boolean {
    return isCriId(containerId)
  }

  async facts(containerId: string, signal: AbortSignal): Promise<RuntimeContainer | null> {
    if (!this.mayKnow(containerId)) return null
    const onCut = (): void => void this.counters.factsCut++
    const answer = await this.#api.containerStatus(containerId, signal)
    const found = answer === undefined ? null : parseContainerStatus(answer, containerId, onCut)
    if (found === null) {
      const sandbox = await this.#api.sandboxStatus(containerId, signal)
      return sandbox === undefined ? null : parseSandboxStatus(sandbox, containerId, onCut)
    }
    const { sandboxId, ...container } = found
    if (container.facts.pod !== null || !isCriId(sandboxId)) return container
    return { ...container, facts: { ...container.facts, pod: await this.#podOf(sandboxId, container.facts.name, signal) } }
  }

  async list(signal: AbortSignal): Promise<readonly string[]> {
    const { states, cut } = await this.#api.list(this.#config.maxListed, signal)
    this.counters.listCut += cut
    return [...states].filter(([, isRunning]) => isRunning).map(([containerId]) => containerId)
  }

  async version(signal: AbortSignal): Promise<string> {
    return await this.#api.version(signal)
  }

  events(listener: (event: RuntimeEvent) => void): RuntimeEvents {
    const told = { report: this.#report, counters: this.counters, listener }
    return followReported(this.#config, told, (opened, signal) => this.#follow(opened, listener, signal))
  }

  close(): void {
    this.#api.close()
  }

  /** One life of the connection: events and looks until either breaks. */
  async #follow(opened: () => void, listener: (event: RuntimeEvent) => void, signal: AbortSignal): Promise<void> {
    const { states } = await this.#api.list(this.#config.maxListed, signal)
    const life = new AbortController()
    const end = (): void => life.abort()
    signal.addEventListener('abort', end)
    const changes = new CriChanges(states, this.#config.maxListed, listener, (id) => this.#endOf(id, life.signal))
    const course = { hasEvents: false }
    try {
      const events = this.#followEvents(changes, course, life.signal)
      events.catch(() => undefined) // told by the race below
      await this.#api.version(life.signal) // behind the opening of the stream, so that it is served
      opened()
      const lists = this.#followLists(changes, course, life.signal)
      lists.catch(() => undefined)
      await Promise.race([events, lists])
    } finally {
      signal.removeEventListener('abort', end)
      life.abort()
    }
  }

  /** Resolves when the stream ends; never for a runtime that has none. */
  async #followEvents(changes: CriChanges, course: { hasEvents: boolean }, signal: AbortSignal): Promise<void> {
    try {
      for await (const event of this.#api.events(signal)) {
        course.hasEvents = true
        if (!(await changes.told(event))) this.counters.badEvents++
      }
    } catch (error) {
      if (!isUnimplemented(error)) throw error
      await aborted(signal)
    }
  }

  async #followLists(changes: CriChanges, course: { readonly hasEvents: boolean }, signal: AbortSignal): Promise<void> {
    let quietMs = 0
    for (;;) {
      await pause(this.#config.lookMs, signal)
      if (signal.aborted) return
      quietMs += this.#config.lookMs
      if (course.hasEvents && quietMs < this.#config.lookBesideEventsMs) continue
      quietMs = 0
      changes.lookBegins()
      await changes.looked(await this.#api.list(this.#config.maxListed, signal))
    }
  }

  async #endOf(containerId: string, signal: AbortSignal): Promise<CriEnd | null> {
    const answer = await this.#api.containerStatus(containerId, signal)
    return answer === undefined ? null : exitOf(objectAt(answer, 'status'))
  }

  async #podOf(sandboxId: string, containerName: string, signal: AbortSignal): Promise<Pod | null> {
    const answer = await this.#api.sandboxStatus(sandboxId, signal)
    const pod = answer === undefined ? null : sandboxPod(answer)
    return pod === null ? null : { ...pod, containerName }
  }
}
