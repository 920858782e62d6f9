// Containers that runtimes reported, including removed ones up to a bound. State only; container-tracker.ts interprets it.
import type { ContainerFacts } from '../../schemas/generated/types.js'
import type { CgroupNode } from './cgroups/cgroup-tree.js'
import type { ContainerRuntime } from './runtime.js'

/** One container. */
export interface KnownContainer {
  readonly containerId: string
  /** Who told of it first: only this one is believed. */
  readonly runtime: ContainerRuntime
  /** Software that runs it, as people name it. */
  runtimeName: ContainerRuntime['name']
  facts: ContainerFacts | null
  /** As the runtime told last. */
  state: 'created' | 'running' | 'stopped' | 'removed'
  /** A start was told, and is published when the runtime answered who the first process is. */
  isStartPending: boolean
  initPid: number | null
  /** The kernel ended a process of it for want of memory since its start. */
  isOomKilled: boolean
  /** Its own cgroup of the present, or the last, run. */
  cgroup: CgroupNode | null
  /** `cgroup` as it was when the last run ended. */
  endedCgroup: CgroupNode | null
  /** Cgroup that facts were published for; undefined before they were. */
  factsPublishedFor: CgroupNode | null | undefined
  /** It was published that there are no facts. */
  isAbsencePublished: boolean
}

/** Bounds of the registry. */
export interface KnownContainersConfig {
  /** Most containers that are not removed; default 16,384. More are refused and counted. */
  readonly maxContainers: number
  /** Most removed ones that are kept for late events; default 1,024. The oldest goes. */
  readonly maxRemovedContainers: number
}

/** The registry. */
export class KnownContainers {
  /** Containers that found no room. */
  refused = 0
  readonly #config: KnownContainersConfig
  readonly #onForget: (containerId: string) => void
  readonly #containers = new Map<string, KnownContainer>()
  readonly #removed = new Set<string>()

  /** @param onForget told of each removed container that goes at the bound */
  constructor(config: KnownContainersConfig, onForget: (containerId: string) => void) {
    this.#config = config
    this.#onForget = onForget
  }

  get(containerId: string): KnownContainer | undefined {
    return this.#containers.get(containerId)
  }

  /** The container, made when it was not known. @returns null at the bound */
  ensure(containerId: string, runtime: ContainerRuntime): KnownContainer | null {
    const known = this.#containers.get(containerId)
    if (known !== undefined) return known
    if (this.#containers.size - this.#removed.size >= this.#config.maxContainers) {
      this.refused++
      return null
    }
    const container: KnownContainer = {
      containerId,
      runtime,
      runtimeName: runtime.name,
      facts: null,
      state: 'created',
      isStartPending: false,
      initPid: null,
      isOomKilled: false,
      cgroup: null,
      endedCgroup: null,
      factsPublishedFor: undefined,
      isAbsencePublished: false,
    }
    this.#containers.set(containerId, container)
    return container
  }

  /** A container that was removed and is there anew: ids that people give (LXC, containerd) come back. @returns null at the bound */
  renew(containerId: string, runtime: ContainerRuntime): KnownContainer | null {
    if (this.#removed.delete(containerId)) {
      this.#containers.delete(containerId)
      this.#onForget(containerId)
    }
    return this.ensure(containerId, runtime)
  }

  /** Marks as removed; kept for late events up to the bound. */
  markRemoved(container: KnownContainer): void {
    container.state = 'removed'
    container.initPid = null
    this.#removed.add(container.containerId)
    if (this.#removed.size <= this.#config.maxRemovedContainers) return
    for (const oldest of this.#removed) {
      this.#removed.delete(oldest)
      this.#containers.delete(oldest)
      this.#onForget(oldest)
      break
    }
  }

  /** Every container, the removed ones that are kept included. */
  all(): Iterable<KnownContainer> {
    return this.#containers.values()
  }

  /** Containers that are not removed. */
  get size(): number {
    return this.#containers.size - this.#removed.size
  }
}
