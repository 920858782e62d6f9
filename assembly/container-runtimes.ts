// The container runtimes of this host from the settings, and those of a capture. Shared by `run`, `collect`, `containers` and `doctor`.
import { existsSync, readFileSync, realpathSync } from 'node:fs'
import { CONTAINERD_DEFAULTS, ContainerdRuntime } from '../collector/containers/runtimes/containerd-runtime.js'
import { CRI_DEFAULTS, CriRuntime } from '../collector/containers/runtimes/cri-runtime.js'
import { DOCKER_DEFAULTS, DockerRuntime } from '../collector/containers/runtimes/docker-runtime.js'
import { LxcRuntime } from '../collector/containers/runtimes/lxc-runtime.js'
import { PODMAN_DEFAULTS, PodmanRuntime } from '../collector/containers/runtimes/podman-runtime.js'
import type { ContainerRuntime, RuntimeContainer, RuntimeEvents } from '../collector/containers/runtime.js'
import { CaptureInvalidError } from '../collector/source/capture-format.js'
import type { Config } from '../infra/config/config-schema.js'
import { messageOf } from '../infra/process/errors.js'
import type { Logger } from '../infra/process/logger.js'
import type { ContainerFacts } from '../schemas/generated/types.js'

/** Every runtime, whether it is present or not. The caller closes them. */
export function containerRuntimes(config: Config['collector'], log: Logger): readonly ContainerRuntime[] {
  const podman = distinct(config.podmanSockets, [])
  return [
    // /var/run/docker.sock may be a link to podman's socket (podman-docker).
    ...distinct(config.dockerSockets, podman).map((socketPath) => new DockerRuntime({ ...DOCKER_DEFAULTS, socketPath }, log)),
    ...distinct(config.containerdSockets, []).flatMap((socketPath) => [
      new CriRuntime({ ...CRI_DEFAULTS, name: 'containerd', socketPath }, log),
      new ContainerdRuntime({ ...CONTAINERD_DEFAULTS, socketPath }, log),
    ]),
    ...distinct(config.crioSockets, config.containerdSockets).map((socketPath) => new CriRuntime({ ...CRI_DEFAULTS, socketPath }, log)),
    ...podman.map((socketPath) => new PodmanRuntime({ ...PODMAN_DEFAULTS, socketPath }, log)),
    new LxcRuntime(),
  ]
}

const SOCKET_SETTINGS = ['dockerSockets', 'podmanSockets', 'containerdSockets', 'crioSockets'] as const

/** Configured sockets of all runtimes. */
export function runtimeSocketsOf(config: Config['collector']): readonly string[] {
  return SOCKET_SETTINGS.flatMap((setting) => config[setting])
}

/** Sockets that an operator configured, without the defaults. */
export function namedSockets(config: Config['collector'], isConfigured: (path: string) => boolean): readonly string[] {
  return SOCKET_SETTINGS.flatMap((setting) => (isConfigured(`collector.${setting}`) ? config[setting] : []))
}

/** One path per socket, without those in `taken`. */
function distinct(paths: readonly string[], taken: readonly string[]): readonly string[] {
  const seen = new Set(taken.map(realPathOf))
  return paths.filter((path) => {
    const real = realPathOf(path)
    return !seen.has(real) && seen.add(real)
  })
}

function realPathOf(path: string): string {
  try {
    return realpathSync(path)
  } catch {
    return path
  }
}

/** The file with the container facts of a capture: FILE.containers.json next to it. Without it, the containers of a capture stay claims of their cgroups. */
export function containersFileOf(captureFile: string): string {
  return `${captureFile}.containers.json`
}

/** The runtimes of a capture: none, or one. @throws CaptureInvalidError */
export function recordedRuntimes(captureFile: string): readonly ContainerRuntime[] {
  const file = containersFileOf(captureFile)
  return existsSync(file) ? [new RecordedRuntime(readContainers(file))] : []
}

class RecordedRuntime implements ContainerRuntime {
  readonly name = 'docker'
  readonly #containers: ReadonlyMap<string, RuntimeContainer>

  constructor(containers: ReadonlyMap<string, RuntimeContainer>) {
    this.#containers = containers
  }

  mayKnow(containerId: string): boolean {
    return this.#containers.has(containerId)
  }
  facts(containerId: string): Promise<RuntimeContainer | null> {
    return Promise.resolve(this.#containers.get(containerId) ?? null)
  }
  list(): Promise<readonly string[]> {
    return Promise.resolve([...this.#containers.keys()])
  }
  events(): RuntimeEvents {
    return { stop: () => Promise.resolve() }
  }
  close(): void {
    // Nothing is held.
  }
}

function readContainers(file: string): ReadonlyMap<string, RuntimeContainer> {
  try {
    const entries = Object.entries(JSON.parse(readFileSync(file, 'utf8')) as Record<string, Partial<Record<string, unknown>>>)
    return new Map(entries.map(([containerId, recorded]) => [containerId, containerOf(containerId, recorded)]))
  } catch (error) {
    throw new CaptureInvalidError(file, 0, messageOf(error), error)
  }
}

function containerOf(containerId: string, recorded: Partial<Record<string, unknown>>): RuntimeContainer {
  const text = (name: string): string | null => (typeof recorded[name] === 'string' ? recorded[name] : null)
  const facts: ContainerFacts = {
    name: text('name') ?? containerId.slice(0, 12),
    image: text('image') ?? '',
    imageRepository: text('imageRepository'),
    imageTag: text('imageTag'),
    imageId: null,
    imageDigest: null,
    labels: {},
    isPrivileged: recorded['isPrivileged'] === true,
    mounts: [],
    createdAtUs: typeof recorded['createdAtUs'] === 'number' ? recorded['createdAtUs'] : 0,
    pod: null,
  }
  return {
    containerId,
    facts,
    cgroupPaths: [text('cgroupPath') ?? `/docker/${containerId}`],
    initPid: null,
    exitCode: null,
    isOomKilled: false,
  }
}
