// Docker as a ContainerRuntime: the few calls that are needed, over its socket, and its containers -> RuntimeContainer.
// (dockerode would be a large dependency for three GETs.)
import type { Logger } from '../../../infra/process/logger.js'
import { ConnectionReport } from '../transport/event-stream.js'
import { digestOf, splitImage } from '../facts/container-facts.js'
import { asObject, listAt, textAt, FACTS_BOUNDS, objectAt, type JsonObject } from '../facts/json-fields.js'
import { followHttpEvents, HTTP_DEFAULTS, type HttpRuntimeConfig, listedIds, RuntimeHttp } from '../transport/runtime-http.js'
import type { ContainerRuntime, RuntimeContainer, RuntimeEvent, RuntimeEvents } from '../runtime.js'
import { DOCKER_EVENTS_PATH, parseDockerEvent, ownCgroupPaths } from './docker-api.js'
import { apiState, inspectedFacts } from '../facts/inspected-facts.js'

/** Settings of the Docker client. */
type DockerConfig = HttpRuntimeConfig

/** Defaults of {@link DockerConfig}. */
export const DOCKER_DEFAULTS: DockerConfig = { ...HTTP_DEFAULTS, socketPath: '/var/run/docker.sock' }

const CONTAINER_ID = /^[0-9a-f]{64}$/
const MAX_REPO_DIGESTS = 256
const MAX_CACHED_IMAGES = 512

/** The client. */
export class DockerRuntime implements ContainerRuntime {
  readonly name = 'docker'
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
    /** Images that could not be queried: their facts have no digest. */
    imagesFailed: 0,
  }
  readonly #api: RuntimeHttp
  readonly #report: ConnectionReport
  readonly #repoDigests = new Map<string, readonly unknown[]>()
  readonly #config: DockerConfig

  constructor(config: DockerConfig, log: Logger) {
    this.#config = config
    this.socketPath = config.socketPath
    this.#api = new RuntimeHttp({ ...config, title: 'Docker' }, config.connections)
    this.#report = new ConnectionReport(this.name, config.socketPath, log)
  }

  mayKnow(containerId: string): boolean {
    return CONTAINER_ID.test(containerId)
  }

  async facts(containerId: string, signal: AbortSignal): Promise<RuntimeContainer | null> {
    if (!this.mayKnow(containerId)) return null
    const answer = asObject(await this.#api.get(`/containers/${containerId}/json`, signal))
    if (answer === null) return null
    const imageId = imageIdOf(answer)
    const { repository } = splitImage(imageNameOf(answer), imageId)
    const digest = digestOf(await this.#digestsOf(imageId, signal), repository)
    return parseContainer(answer, containerId, digest, () => this.counters.factsCut++)
  }

  async list(signal: AbortSignal): Promise<readonly string[]> {
    const { ids, cut } = listedIds(await this.#api.get('/containers/json', signal), this.#config.maxListed)
    this.counters.listCut += cut
    return ids
  }

  async version(signal: AbortSignal): Promise<string> {
    return textAt(asObject(await this.#api.get('/version', signal)) ?? {}, 'Version', 64)
  }

  events(listener: (event: RuntimeEvent) => void): RuntimeEvents {
    return followHttpEvents(this.#api, this.#config, {
      path: DOCKER_EVENTS_PATH,
      parse: (event) => {
        const parsed = parseDockerEvent(event)
        return parsed === null ? [] : [parsed]
      },
      report: this.#report,
      counters: this.counters,
      listener,
    })
  }

  /** Closes the connections, also when no event stream was opened. */
  close(): void {
    this.#api.close()
  }

  /** `repository@digest` entries of an image; none if the query fails, since facts matter more than a digest. */
  async #digestsOf(imageId: string, signal: AbortSignal): Promise<readonly unknown[]> {
    if (!/^sha256:[0-9a-f]{64}$/.test(imageId)) return []
    const cached = this.#repoDigests.get(imageId)
    if (cached !== undefined) return cached
    let digests: readonly unknown[]
    try {
      digests = listAt(asObject(await this.#api.get(`/images/${imageId}/json`, signal)) ?? {}, 'RepoDigests', MAX_REPO_DIGESTS)
    } catch {
      // Our own abort is not a failure of the query.
      if (!signal.aborted) this.counters.imagesFailed++
      return []
    }
    if (this.#repoDigests.size >= MAX_CACHED_IMAGES) this.#repoDigests.clear()
    this.#repoDigests.set(imageId, digests)
    return digests
  }
}

/**
 * Reads the answer.
 * @param imageDigest digest of the image in its registry, if the name does not contain it
 * @param onCut called when labels or mounts were left out at a bound
 * @returns null when the answer is not for the requested container (Docker also accepts names and shortened ids)
 */
export function parseContainer(
  answer: JsonObject,
  containerId: string,
  imageDigest: string | null,
  onCut: () => void,
): RuntimeContainer | null {
  if (answer['Id'] !== containerId) return null
  const cgroupParent = textAt(objectAt(answer, 'HostConfig'), 'CgroupParent', FACTS_BOUNDS.pathLength)
  const image = { name: imageNameOf(answer), id: imageIdOf(answer), digest: imageDigest }
  return {
    containerId,
    facts: inspectedFacts(answer, image, onCut),
    cgroupPaths: ownCgroupPaths(containerId, cgroupParent),
    ...apiState(answer),
  }
}

/** Id of a container's image; empty when the answer does not contain it. */
function imageIdOf(answer: JsonObject): string {
  return textAt(answer, 'Image', FACTS_BOUNDS.imageLength)
}

/** Image name with which the container was started. */
function imageNameOf(answer: JsonObject): string {
  return textAt(objectAt(answer, 'Config'), 'Image', FACTS_BOUNDS.imageLength)
}
