// Cgroups beyond the bound of the tree: stored for a while, in the order in which they came, so that creating cgroups without end hides none.
import type { CgroupHierarchy } from './cgroup-hierarchies.js'

interface AnyCgroup {
  readonly kind: CgroupHierarchy['kind']
  readonly cgroupId: bigint
}

/** The store. */
export class PassingCgroups<Cgroup extends AnyCgroup> {
  /** Cgroups dropped at the bound. */
  dropped = 0
  readonly #max: number
  readonly #nodes = new Map<string, Cgroup>()

  /** @param max most cgroups at a time */
  constructor(max: number) {
    this.#max = max
  }

  get(kind: AnyCgroup['kind'], cgroupId: bigint): Cgroup | undefined {
    return this.#nodes.size === 0 ? undefined : this.#nodes.get(keyOf(kind, cgroupId))
  }

  all(): Iterable<Cgroup> {
    return this.#nodes.values()
  }

  /** Stores it; drops the oldest at the bound. */
  put(node: Cgroup): void {
    const key = keyOf(node.kind, node.cgroupId)
    this.#nodes.delete(key)
    this.#nodes.set(key, node)
    if (this.#nodes.size <= this.#max) return
    const [oldest] = this.#nodes.keys()
    if (oldest !== undefined) this.#nodes.delete(oldest)
    this.dropped++
  }

  remove(kind: AnyCgroup['kind'], cgroupId: bigint): void {
    if (this.#nodes.size > 0) this.#nodes.delete(keyOf(kind, cgroupId))
  }
}

const keyOf = (kind: AnyCgroup['kind'], cgroupId: bigint): string => `${kind} ${String(cgroupId)}`
