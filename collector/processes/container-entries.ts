// How a process entered its container: as one of its own (the first process and its descendants), or from outside into a running
// container (docker exec, kubectl exec, a kubelet probe). Decided once per process, at its first event in the container.
// Knows containers by id only. Bounded by the number of running containers; evictions are counted.
import type { ContainerEntry, ProcessEntry } from './process-entry.js'

interface RunningContainer {
  /** Own processes that have not exited. */
  own: number
  /** The process that forked the first one and is now in the container, such as a runtime's set-up process; null if unknown. */
  maker: ProcessEntry | null
}

/** Most containers running at once. */
const MAX_CONTAINERS = 65_536

/** Decides and stores the entry of each process. */
export class ContainerEntries {
  readonly #containers = new Map<string, RunningContainer>()
  readonly #maxContainers: number
  /** Containers dropped while they ran: the entries of their processes are decided again. */
  evicted = 0

  constructor(maxContainers = MAX_CONTAINERS) {
    this.#maxContainers = maxContainers
  }

  /** How the process entered its current container; null outside containers. */
  of(process: ProcessEntry, containerId: string | null): ContainerEntry | null {
    const { maker } = process
    process.maker = null
    if (containerId === null) return null
    if (process.container?.containerId === containerId) return process.container.entry
    const place =
      maker?.container?.containerId === containerId ? maker.container : { containerId, entry: this.#enter(process, maker, containerId) }
    this.exited(process)
    process.container = place
    this.restore(process)
    return place.entry
  }

  /** The process has ended. */
  exited(process: ProcessEntry): void {
    const { container, isCounted } = process
    process.isCounted = false
    if (container === null || !isCounted) return
    const running = this.#containers.get(container.containerId)
    if (running === undefined) return
    running.own--
    if (running.own <= 0) this.#containers.delete(container.containerId)
  }

  /** Counts a process whose entry was decided here or by an earlier collector. */
  restore(process: ProcessEntry): void {
    if (process.container?.entry !== 'own' || process.hasExited || process.isCounted) return
    process.isCounted = true
    this.#running(process.container.containerId).own++
  }

  #enter(process: ProcessEntry, maker: ProcessEntry | null, containerId: string): ContainerEntry {
    const running = this.#containers.get(containerId)
    const isFirst = running === undefined || running.own === 0 || process.image?.facts.isFirstOfNamespace === true
    if (isFirst) {
      this.#running(containerId).maker = maker
      return 'own'
    }
    if (running.maker === process) return 'own'
    return process.isRecorded ? 'exec' : 'UNKNOWN'
  }

  #running(containerId: string): RunningContainer {
    let running = this.#containers.get(containerId)
    if (running !== undefined) return running
    if (this.#containers.size >= this.#maxContainers) {
      const [oldest] = this.#containers.keys()
      if (oldest !== undefined) this.#containers.delete(oldest)
      this.evicted++
    }
    running = { own: 0, maker: null }
    this.#containers.set(containerId, running)
    return running
  }
}
