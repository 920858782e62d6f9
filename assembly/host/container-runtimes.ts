// The container runtimes of this host as the settings name them. `run`, `collect`, `containers` and `doctor` share it.
import { realpathSync } from 'node:fs'
import { CONTAINERD_DEFAULTS, ContainerdRuntime } from '../../collector/containers/containerd/containerd-runtime.js'
import { CRI_DEFAULTS, CriRuntime } from '../../collector/containers/cri/cri-runtime.js'
import { DOCKER_DEFAULTS, DockerRuntime } from '../../collector/containers/docker/docker-runtime.js'
import { LxcRuntime } from '../../collector/containers/lxc/lxc-runtime.js'
import { PODMAN_DEFAULTS, PodmanRuntime } from '../../collector/containers/podman/podman-runtime.js'
import type { ContainerRuntime } from '../../collector/containers/runtime.js'
import type { Config } from '../../infra/config/config-schema.js'
import type { Logger } from '../../infra/process/logger.js'

/** Every runtime, whether it is here or not. To be closed by who asks for them. */
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

/** Sockets of all runtimes, as the settings name them. */
export function runtimeSocketsOf(config: Config['collector']): readonly string[] {
  return SOCKET_SETTINGS.flatMap((setting) => config[setting])
}

/** Those of them that somebody named, and that are not only the usual ones. */
export function namedSockets(config: Config['collector'], isConfigured: (path: string) => boolean): readonly string[] {
  return SOCKET_SETTINGS.flatMap((setting) => (isConfigured(`collector.${setting}`) ? config[setting] : []))
}

/** One path of each socket, without those that others have taken. */
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
