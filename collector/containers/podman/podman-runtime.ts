// podman as a ContainerRuntime: the calls of its own API (libpod) that are needed, over the socket of `podman system service`.
import type { Logger } from '../../../infra/process/logger.js'
import { ConnectionReport } from '../stream/connection-report.js'
import { asObject, textAt } from '../facts/json-fields.js'
import type { JsonObject } from '../facts/json-fields.js'
import { followHttpEvents } from '../http/follow-http-events.js'
import { HTTP_DEFAULTS } from '../http/http-config.js'
import type { HttpRuntimeConfig } from '../http/http-config.js'
import { listedIds } from '../http/listed-ids.js'
import { RuntimeHttp } from '../http/runtime-http.js'
import type { ContainerRuntime, RuntimeContainer, RuntimeEvent, RuntimeEvents } from '../runtime.js'
import { parsePodmanContainer } from './parse-podman-container.js'
import { parsePodmanEvent, PODMAN_EVENTS_PATH } from './podman-events.js'

/** Defaults of the podman client. */
export const PODMAN_DEFAULTS: HttpRuntimeConfig = { ...HTTP_DEFAULTS, socketPath: '/run/podman/podman.sock' }

const CONTAINER_ID = /^[0-9a-f]{64}$/
/** Status of a process that SIGKILL ended: the only one that a want of memory leaves. */
const KILLED = 137

/** The client. */
export class PodmanRuntime implements ContainerRuntime {
  readonly name = 'podman'
  readonly socketPath: string
  readonly counters = {
    /** Containers whose labels or mounts were left out at a bound. */
    factsCut: 0,
    /** Lines of the event stream that were no JSON, or too long. */
    badEventLines: 0,
    /** Times the event stream ended or did not open. */
    disconnects: 0,
    /** Running containers that a list left out at its bound. */
    listCut: 0,
    /** Killed containers of which podman could not say whether it was for want of memory. */
    oomUnknown: 0,
  }
  private readonly api: RuntimeHttp
  private readonly report: ConnectionReport
  private readonly config: HttpRuntimeConfig

  constructor(config: HttpRuntimeConfig, log: Logger) {
    this.config = config
    this.socketPath = config.socketPath
    this.api = new RuntimeHttp({ ...config, title: 'podman' }, config.connections)
    this.report = new ConnectionReport(this.name, config.socketPath, log)
  }

  mayKnow(containerId: string): boolean {
    return CONTAINER_ID.test(containerId)
  }

  async facts(containerId: string, signal: AbortSignal): Promise<RuntimeContainer | null> {
    if (!this.mayKnow(containerId)) return null
    const answer = asObject(await this.api.get(`/v4.0.0/libpod/containers/${containerId}/json`, signal))
    return answer === null ? null : parsePodmanContainer(answer, containerId, () => this.counters.factsCut++)
  }

  async list(signal: AbortSignal): Promise<readonly string[]> {
    const { ids, cut } = listedIds(await this.api.get('/v4.0.0/libpod/containers/json', signal), this.config.maxListed)
    this.counters.listCut += cut
    return ids
  }

  async version(signal: AbortSignal): Promise<string> {
    return textAt(asObject(await this.api.get('/v4.0.0/libpod/version', signal)) ?? {}, 'Version', 64)
  }

  events(listener: (event: RuntimeEvent) => void): RuntimeEvents {
    return followHttpEvents(this.api, this.config, {
      path: PODMAN_EVENTS_PATH,
      parse: (line, signal) => this.eventsOf(line, signal),
      report: this.report,
      counters: this.counters,
      listener,
    })
  }

  close(): void {
    this.api.close()
  }

  /** podman has no event for a want of memory: of a container that was killed it is asked. */
  private async eventsOf(line: JsonObject, signal: AbortSignal): Promise<readonly RuntimeEvent[]> {
    const event = parsePodmanEvent(line)
    if (event === null) return []
    if (event.type !== 'stopped' || event.exitCode !== KILLED) return [event]
    const { containerId } = event
    try {
      const isOomKilled = (await this.facts(containerId, signal))?.isOomKilled
      if (isOomKilled === true) return [{ type: 'oom', containerId }, event]
      if (isOomKilled === undefined) this.counters.oomUnknown++
    } catch {
      this.counters.oomUnknown++
    }
    return [event]
  }
}
