// Docker as a ContainerRuntime: the calls that are needed, over its socket. (dockerode would bring gRPC and protobuf for three GETs.)
import { messageOf } from '../../../infra/errors.js'
import type { Logger } from '../../../infra/logger.js'
import type { ContainerRuntime, RuntimeContainer, RuntimeEvent, RuntimeEvents } from '../runtime.js'
import { DockerApi } from './docker-api.js'
import type { DockerApiConfig } from './docker-api.js'
import { followDockerEvents } from './docker-events.js'
import type { DockerEventsConfig } from './docker-events.js'
import { digestOf, splitImage } from './image-reference.js'
import { asObject, listAt, objectAt, textAt } from './json-fields.js'
import { imageIdOf, parseContainer } from './parse-container.js'

/** Settings of the Docker client. */
export interface DockerConfig extends DockerApiConfig, DockerEventsConfig {
  /** Calls at a time; default 8. */
  readonly connections: number
  /** Most containers that are taken from one list; default 65,536. More are counted. */
  readonly maxListed: number
}

/** Defaults of {@link DockerConfig}. */
export const DOCKER_DEFAULTS: DockerConfig = {
  socketPath: '/var/run/docker.sock',
  timeoutMs: 10_000,
  maxAnswerBytes: 16 << 20,
  minBackoffMs: 100,
  maxBackoffMs: 2000,
  maxLineBytes: 1 << 20,
  connections: 8,
  maxListed: 65_536,
}

const CONTAINER_ID = /^[0-9a-f]{64}$/
const MAX_REPO_DIGESTS = 256
const MAX_CACHED_IMAGES = 512

/** The client. */
export class DockerRuntime implements ContainerRuntime {
  readonly name = 'docker'
  readonly counters = {
    /** Containers whose labels or mounts were left out at a bound. */
    factsCut: 0,
    /** Lines of the event stream that were no JSON, or too long. */
    badEventLines: 0,
    /** Times the event stream ended or did not open. */
    disconnects: 0,
    /** Running containers that a list left out at its bound. */
    listCut: 0,
    /** Images that could not be asked for: facts without a digest. */
    imagesFailed: 0,
  }
  private readonly api: DockerApi
  private readonly repoDigests = new Map<string, readonly unknown[]>()
  private readonly config: DockerConfig
  private readonly log: Logger
  private isReported = false

  constructor(config: DockerConfig, log: Logger) {
    this.config = config
    this.log = log
    this.api = new DockerApi(config, config.connections)
  }

  mayKnow(containerId: string): boolean {
    return CONTAINER_ID.test(containerId)
  }

  async facts(containerId: string, signal: AbortSignal): Promise<RuntimeContainer | null> {
    if (!this.mayKnow(containerId)) return null
    const answer = asObject(await this.api.get(`/containers/${containerId}/json`, signal))
    if (answer === null) return null
    const imageId = imageIdOf(answer)
    const { repository } = splitImage(textAt(objectAt(answer, 'Config'), 'Image', 1024), imageId)
    const digest = digestOf(await this.digestsOf(imageId, signal), repository)
    return parseContainer(answer, containerId, digest, () => this.counters.factsCut++)
  }

  async list(signal: AbortSignal): Promise<readonly string[]> {
    const answer = await this.api.get('/containers/json', signal)
    if (Array.isArray(answer)) this.counters.listCut += Math.max(0, answer.length - this.config.maxListed)
    const ids: string[] = []
    for (const entry of listAt({ answer }, 'answer', this.config.maxListed)) {
      const id = textAt(asObject(entry) ?? {}, 'Id', 128)
      if (this.mayKnow(id)) ids.push(id)
    }
    return ids
  }

  events(listener: (event: RuntimeEvent) => void): RuntimeEvents {
    return followDockerEvents(this.api, this.config, {
      onEvent: (event) => {
        if (event.type === 'connected') this.reportReachable()
        listener(event)
      },
      onUnreachable: (error) => {
        this.reportUnreachable(error)
        listener({ type: 'disconnected' })
      },
      onBadLine: () => this.counters.badEventLines++,
    })
  }

  /** Ends kept connections; for users that opened no event stream, too. */
  close(): void {
    this.api.close()
  }

  /** `repository@digest` entries of an image. Facts are worth more than a digest: an image that can't be asked for has none. */
  private async digestsOf(imageId: string, signal: AbortSignal): Promise<readonly unknown[]> {
    if (!/^sha256:[0-9a-f]{64}$/.test(imageId)) return []
    const cached = this.repoDigests.get(imageId)
    if (cached !== undefined) return cached
    let digests: readonly unknown[]
    try {
      digests = listAt(asObject(await this.api.get(`/images/${imageId}/json`, signal)) ?? {}, 'RepoDigests', MAX_REPO_DIGESTS)
    } catch {
      // An end of ours is no failure of the image.
      if (!signal.aborted) this.counters.imagesFailed++
      return []
    }
    if (this.repoDigests.size >= MAX_CACHED_IMAGES) this.repoDigests.clear()
    this.repoDigests.set(imageId, digests)
    return digests
  }

  private reportUnreachable(error: unknown): void {
    this.counters.disconnects++
    if (this.isReported) return
    this.isReported = true
    this.log.warn(
      { runtime: this.name, reason: messageOf(error) },
      'containers have no names and images: their runtime does not answer; trying on',
    )
  }

  private reportReachable(): void {
    this.log.info({ runtime: this.name, socketPath: this.config.socketPath }, 'container runtime connected')
    this.isReported = false
  }
}
