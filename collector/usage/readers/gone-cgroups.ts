// Cgroups removed since the last reading. Their state is forgotten after the next reading, which reports what they did until then.

/** The most cgroups that are remembered between two readings. */
export const MAX_GONE_CGROUPS = 16_384

/** Key of a cgroup: ids are unique only within a hierarchy. */
export const cgroupKey = (cgroupId: bigint, isV1: boolean): string => `${String(cgroupId)} ${isV1 ? 'v1' : 'v2'}`

/** The cgroups removed since the last `take`. */
export class GoneCgroups {
  #cgroups = new Set<string>()

  /** @param cgroup from `cgroupKey` @returns false when there is no room; its state is then not forgotten */
  add(cgroup: string): boolean {
    if (this.#cgroups.size >= MAX_GONE_CGROUPS && !this.#cgroups.has(cgroup)) return false
    this.#cgroups.add(cgroup)
    return true
  }

  /** Returns the cgroups removed so far and starts over. */
  take(): ReadonlySet<string> {
    const taken = this.#cgroups
    this.#cgroups = new Set()
    return taken
  }
}
