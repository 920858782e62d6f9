// The containers of processes, from runtimes and cgroups, cached because both cost more than a read of /proc. Bounded by the processes of the last sample.
import { containerOfPid, listContainers, type ContainerListing } from '../../collector/containers/list-containers.js'
import { isAbsence, type ContainerRuntime } from '../../collector/containers/runtime.js'
import { messageOf } from '../../infra/process/errors.js'
import type { ProcProcess } from './proc-sample.js'

/** The container of a process. */
export interface ProcessContainer {
  /** Confirmed by a runtime; null on the host, or for a mere claim. */
  readonly containerId: string | null
  readonly name: string | null
  readonly image: string | null
  /** From the cgroup path, confirmed or not. */
  readonly claim: string | null
}

/** A process on the host. */
export const HOST: ProcessContainer = { containerId: null, name: null, image: null, claim: null }
/** Lifetime of a cached answer, and the pause before runtimes are asked again about an unknown container. */
const LISTING_MS = 10_000
const RETRY_MS = 2000
const ASK_MS = 5000

/** Finds the containers of processes. */
export class ProcessContainers {
  readonly #runtimes: readonly ContainerRuntime[]
  #listing: ContainerListing | null = null
  #listedAtMs = -Infinity
  #known = new Map<string, ProcessContainer>()
  /** Why some containers have no name; null if every runtime answers. */
  problem: string | null = null

  constructor(runtimes: readonly ContainerRuntime[]) {
    this.#runtimes = runtimes
  }

  /** Containers reported by a runtime. */
  get count(): number {
    return this.#listing?.containers.length ?? 0
  }

  /** The container of each process. */
  async of(processes: Iterable<ProcProcess>): Promise<ReadonlyMap<number, ProcessContainer>> {
    const age = performance.now() - this.#listedAtMs
    const isUnknown = [...this.#known.values()].some(({ claim, containerId }) => claim !== null && containerId === null)
    if (age > LISTING_MS || (isUnknown && age > RETRY_MS)) await this.#list()
    const known = new Map<string, ProcessContainer>()
    const answers = new Map<number, ProcessContainer>()
    for (const { pid, startTicks } of processes) {
      const key = `${String(pid)} ${String(startTicks)}`
      const container = this.#known.get(key) ?? (await this.#lookUp(pid))
      known.set(key, container)
      answers.set(pid, container)
    }
    this.#known = known
    return answers
  }

  async #list(): Promise<void> {
    try {
      this.#listing = await listContainers(this.#runtimes, AbortSignal.timeout(ASK_MS))
      this.problem = problemOf(this.#listing)
    } catch (error) {
      this.problem = messageOf(error)
    }
    this.#listedAtMs = performance.now()
    this.#known = new Map()
  }

  async #lookUp(pid: number): Promise<ProcessContainer> {
    if (this.#listing === null) return HOST
    const { container, claim } = await containerOfPid(this.#listing, pid)
    if (container === null) return claim === null ? HOST : { ...HOST, claim }
    return { containerId: container.containerId, name: container.facts.name, image: container.facts.image, claim }
  }
}

function problemOf({ unreachable }: ContainerListing): string | null {
  if (unreachable.length === 0) return null
  if (unreachable.every(({ error }) => isAbsence(error))) return 'no container runtime is present'
  return unreachable.map(({ runtime, error }) => `${runtime}: ${messageOf(error)}`).join('; ')
}
