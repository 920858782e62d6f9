// podman as a ContainerRuntime: the needed calls of its own API (libpod), over the socket of `podman system service`.
import type { Logger } from '../../../infra/process/logger.js'
import { ConnectionReport } from '../transport/event-stream.js'
import { asObject, textAt, type JsonObject, FACTS_BOUNDS, objectAt } from '../facts/json-fields.js'
import { followHttpEvents, HTTP_DEFAULTS, type HttpRuntimeConfig, listedIds, RuntimeHttp } from '../transport/runtime-http.js'
import type { ContainerRuntime, RuntimeContainer, RuntimeEvent, RuntimeEvents } from '../runtime.js'
import { apiState, inspectedFacts, type InspectedImage } from '../facts/inspected-facts.js'
import { parseCgroupPath } from '../../../infra/text/cgroup-path.js'
import { exitCodeOf } from './docker-api.js'

/** Defaults of the podman client. */
export const PODMAN_DEFAULTS: HttpRuntimeConfig = { ...HTTP_DEFAULTS, socketPath: '/run/podman/podman.sock' }

const CONTAINER_ID = /^[0-9a-f]{64}$/
/** Exit code of a process that SIGKILL ended: the only one that the OOM killer leaves. */
const KILLED = 137

/** The client. */
export class PodmanRuntime implements ContainerRuntime {
  readonly name = 'podman'
  readonly socketPath: string
  readonly counters = {
    /** Containers whose labels or mounts were left out at a bound. */
    factsCut: 0,
    /** Lines of the event stream that were invalid JSON or too long. */
    badEventLines: 0,
    /** Times the event stream ended or did not open. */
    disconnects: 0,
    /** Running containers that a list left out at its bound. */
    listCut: 0,
    /** Killed containers for which podman did not report whether the OOM killer ended them. */
    oomUnknown: 0,
  }
  readonly #api: RuntimeHttp
  readonly #report: ConnectionReport
  readonly #config: HttpRuntimeConfig

  constructor(config: HttpRuntimeConfig, log: Logger) {
    this.#config = config
    this.socketPath = config.socketPath
    this.#api = new RuntimeHttp({ ...config, title: 'podman' }, config.connections)
    this.#report = new ConnectionReport(this.name, config.socketPath, log)
  }

  mayKnow(containerId: string): boolean {
    return CONTAINER_ID.test(containerId)
  }

  async facts(containerId: string, signal: AbortSignal): Promise<RuntimeContainer | null> {
    if (!this.mayKnow(containerId)) return null
    const answer = asObject(await this.#api.get(`/v4.0.0/libpod/containers/${containerId}/json`, signal))
    return answer === null ? null : parsePodmanContainer(answer, containerId, () => this.counters.factsCut++)
  }

  async list(signal: AbortSignal): Promise<readonly string[]> {
    const { ids, cut } = listedIds(await this.#api.get('/v4.0.0/libpod/containers/json', signal), this.#config.maxListed)
    this.counters.listCut += cut
    return ids
  }

  async version(signal: AbortSignal): Promise<string> {
    return textAt(asObject(await this.#api.get('/v4.0.0/libpod/version', signal)) ?? {}, 'Version', 64)
  }

  events(listener: (event: RuntimeEvent) => void): RuntimeEvents {
    return followHttpEvents(this.#api, this.#config, {
      path: PODMAN_EVENTS_PATH,
      parse: (line, signal) => this.#eventsOf(line, signal),
      report: this.#report,
      counters: this.counters,
      listener,
    })
  }

  close(): void {
    this.#api.close()
  }

  /** podman has no event for an OOM kill: it is queried for a container that was killed. */
  async #eventsOf(line: JsonObject, signal: AbortSignal): Promise<readonly RuntimeEvent[]> {
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

/**
 * Reads the answer.
 * @param onCut called when labels or mounts were left out at a bound
 * @returns null when the answer is not for the requested container (podman also accepts names and shortened ids)
 */
function parsePodmanContainer(answer: JsonObject, containerId: string, onCut: () => void): RuntimeContainer | null {
  if (answer['Id'] !== containerId) return null
  const reported = reportedCgroupPath(textAt(objectAt(answer, 'State'), 'CgroupPath', FACTS_BOUNDS.pathLength), containerId)
  const cgroupPaths = reported === null ? defaultCgroupPaths(containerId) : [reported]
  return { containerId, facts: inspectedFacts(answer, imageOf(answer), onCut), cgroupPaths, ...apiState(answer) }
}

function imageOf(answer: JsonObject): InspectedImage {
  const hex = textAt(answer, 'Image', FACTS_BOUNDS.imageLength)
  const digest = textAt(answer, 'ImageDigest', FACTS_BOUNDS.imageLength)
  return {
    name: textAt(answer, 'ImageName', FACTS_BOUNDS.imageLength),
    id: /^[0-9a-f]{64}$/.test(hex) ? `sha256:${hex}` : hex,
    digest: digest === '' ? null : digest,
  }
}

const FILTERS = encodeURIComponent(JSON.stringify({ type: ['container'], event: ['create', 'start', 'died', 'remove'] }))

/** Path of the events that {@link parsePodmanEvent} parses. */
const PODMAN_EVENTS_PATH = `/v4.0.0/libpod/events?stream=true&filters=${FILTERS}`

/** Parses one podman event; null for one that is not needed. */
export function parsePodmanEvent(event: JsonObject): RuntimeEvent | null {
  const actor = objectAt(event, 'Actor')
  const containerId = textAt(actor, 'ID', 128)
  if (event['Type'] !== 'container' || !/^[0-9a-f]{64}$/.test(containerId)) return null
  switch (event['Action']) {
    case 'create':
      return { type: 'created', containerId, cgroupPaths: defaultCgroupPaths(containerId) }
    case 'start':
      return { type: 'started', containerId, cgroupPaths: defaultCgroupPaths(containerId) }
    case 'died':
      return { type: 'stopped', containerId, exitCode: exitCodeOf(objectAt(actor, 'Attributes'), 'containerExitCode') }
    case 'remove':
      return { type: 'removed', containerId }
    default:
      return null
  }
}

/** Default cgroup paths of root's podman, for both of its cgroup managers. Only root may create cgroups there. */
function defaultCgroupPaths(containerId: string): readonly string[] {
  return [`/libpod_parent/libpod-${containerId}`, `/machine.slice/libpod-${containerId}.scope`]
}

/**
 * The container's own cgroup from the path that podman reports, which may be below it (`.../container`). A path that does not name this
 * container, or that is inside another one, is ignored: a user's podman may report anything.
 */
export function reportedCgroupPath(path: string, containerId: string): string | null {
  const claim = parseCgroupPath(path)
  if (claim?.containerId !== containerId || claim.runtime !== 'podman') return null
  const outside = claim.cgroupPath.slice(0, claim.cgroupPath.lastIndexOf('/'))
  return path.split('/').includes('..') || (outside !== '' && parseCgroupPath(outside) !== null) ? null : claim.cgroupPath
}
