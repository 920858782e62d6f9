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
  /** Poll interval of the lists until an event arrives; default 2,000, the delay of ends for a runtime that sends no events. */
  readonly pollMs: number
  /** Poll interval once events arrive; default 60,000. */
  readonly pollWithEventsMs: number
}

/** Defaults of {@link CriConfig}. */
export const CRI_DEFAULTS: CriConfig = {
  ...GRPC_DEFAULTS,
  name: 'crio',
  socketPath: '/run/crio/crio.sock',
  pollMs: 2000,
  pollWithEventsMs: 60_000,
}

/** The client. */
export class CriRuntime implements ContainerRuntime {
  readonly name: ContainerEvent['runtime']
  readonly socketPath: string
  readonly counters = {
    /** Containers whose labels or mounts were left out at a bound. */
    factsCut: 0,
    /** Events that can't be used. */
    badEvents: 0,
    /** Times the runtime disconnected or did not answer. */
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
    const receivers = { report: this.#report, counters: this.counters, listener }
    return followReported(this.#config, receivers, (opened, signal) => this.#follow(opened, listener, signal))
  }

  close(): void {
    this.#api.close()
  }

  /** One connection: events and polls until either fails. */
  async #follow(opened: () => void, listener: (event: RuntimeEvent) => void, signal: AbortSignal): Promise<void> {
    const { states } = await this.#api.list(this.#config.maxListed, signal)
    const connection = new AbortController()
    const end = (): void => connection.abort()
    signal.addEventListener('abort', end)
    const changes = new CriChanges(states, this.#config.maxListed, listener, (id) => this.#endOf(id, connection.signal))
    const state = { hasEvents: false }
    try {
      const events = this.#followEvents(changes, state, connection.signal)
      events.catch(() => undefined) // handled by the race below
      await this.#api.version(connection.signal) // answered after the stream was opened, so the stream is served
      opened()
      const lists = this.#followLists(changes, state, connection.signal)
      lists.catch(() => undefined)
      await Promise.race([events, lists])
    } finally {
      signal.removeEventListener('abort', end)
      connection.abort()
    }
  }

  /** Resolves when the stream ends; never for a runtime without events. */
  async #followEvents(changes: CriChanges, state: { hasEvents: boolean }, signal: AbortSignal): Promise<void> {
    try {
      for await (const event of this.#api.events(signal)) {
        state.hasEvents = true
        if (!(await changes.onEvent(event))) this.counters.badEvents++
      }
    } catch (error) {
      if (!isUnimplemented(error)) throw error
      await aborted(signal)
    }
  }

  async #followLists(changes: CriChanges, state: { readonly hasEvents: boolean }, signal: AbortSignal): Promise<void> {
    let quietMs = 0
    for (;;) {
      await pause(this.#config.pollMs, signal)
      if (signal.aborted) return
      quietMs += this.#config.pollMs
      if (state.hasEvents && quietMs < this.#config.pollWithEventsMs) continue
      quietMs = 0
      changes.pollBegins()
      await changes.onPoll(await this.#api.list(this.#config.maxListed, signal))
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
