// Containers that runtimes reported, including removed ones up to a bound. State only; container-tracker.ts interprets it.
import type { ContainerFacts } from '../../schemas/generated/types.js'
import type { CgroupNode } from './cgroups/cgroup-tree.js'
import type { ContainerRuntime } from './runtime.js'

/** One container. */
export interface KnownContainer {
  readonly containerId: string
  /** The runtime that reported it first: only this one is trusted, unless it is a user's and one of root reports the container, too. */
  readonly runtime: ContainerRuntime
  /** Common name of the software that runs it. */
  runtimeName: ContainerRuntime['name']
  facts: ContainerFacts | null
  /** As last reported by the runtime. */
  state: 'created' | 'running' | 'stopped' | 'removed'
  /** A start was reported; it is published when the runtime has returned the first process. */
  isStartPending: boolean
  initPid: number | null
  /** The kernel's OOM killer ended one of its processes since its start. */
  isOomKilled: boolean
  /** Its own cgroup of the current or last run. */
  cgroup: CgroupNode | null
  /** `cgroup` at the end of the last run. */
  endedCgroup: CgroupNode | null
  /** Cgroup for which facts were published; undefined before that. */
  factsPublishedFor: CgroupNode | null | undefined
  /** The absence of facts was published. */
  isAbsencePublished: boolean
}

/** Bounds of the registry. */
export interface KnownContainersConfig {
  /** Most containers that are not removed; default 16,384. More are refused and counted. */
  readonly maxContainers: number
  /** Most removed ones stored for late events; default 1,024. The oldest is dropped. */
  readonly maxRemovedContainers: number
}

/** The registry. */
export class KnownContainers {
  /** Containers refused at the bound. */
  refused = 0
  readonly #config: KnownContainersConfig
  readonly #onForget: (containerId: string, isTakenOver: boolean) => void
  readonly #containers = new Map<string, KnownContainer>()
  readonly #removed = new Set<string>()

  /** @param onForget called for each container that is dropped: a removed one at the bound or replaced by a new one, or one that another runtime took over */
  constructor(config: KnownContainersConfig, onForget: (containerId: string, isTakenOver: boolean) => void) {
    this.#config = config
    this.#onForget = onForget
  }

  get(containerId: string): KnownContainer | undefined {
    return this.#containers.get(containerId)
  }

  /** Returns the container, and creates it if it is not known. @returns null at the bound */
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

  /** Replaces a removed container that was recreated: ids chosen by users (LXC, containerd) are reused. @returns null at the bound */
  renew(containerId: string, runtime: ContainerRuntime): KnownContainer | null {
    if (this.#removed.delete(containerId)) {
      this.#containers.delete(containerId)
      this.#onForget(containerId, false)
    }
    return this.ensure(containerId, runtime)
  }

  /** Replaces the report of a user's runtime by that of root's. @returns null at the bound */
  takeOver(container: KnownContainer, runtime: ContainerRuntime): KnownContainer | null {
    const { containerId } = container
    this.#removed.delete(containerId)
    this.#containers.delete(containerId)
    this.#onForget(containerId, true)
    return this.ensure(containerId, runtime)
  }

  /** Marks it as removed; it stays stored for late events, up to the bound. */
  markRemoved(container: KnownContainer): void {
    container.state = 'removed'
    container.initPid = null
    this.#removed.add(container.containerId)
    if (this.#removed.size <= this.#config.maxRemovedContainers) return
    for (const oldest of this.#removed) {
      this.#removed.delete(oldest)
      this.#containers.delete(oldest)
      this.#onForget(oldest, false)
      break
    }
  }

  /** Every container, including removed ones that are still stored. */
  all(): Iterable<KnownContainer> {
    return this.#containers.values()
  }

  /** Containers that are not removed. */
  get size(): number {
    return this.#containers.size - this.#removed.size
  }
}
