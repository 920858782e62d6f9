// Cgroups that went since the last reading: what was kept of them is forgotten behind the next one, which tells what they did until then.

/** Most that are remembered between two readings. */
export const MAX_GONE_CGROUPS = 16_384

/** A cgroup by its id, which is unique within its hierarchy only. */
export const cgroupKey = (cgroupId: bigint, isV1: boolean): string => `${String(cgroupId)} ${isV1 ? 'v1' : 'v2'}`

/** See above. */
export class GoneCgroups {
  #cgroups = new Set<string>()

  /** @param cgroup as `cgroupKey` names it @returns false when there is no room: it is not forgotten then */
  add(cgroup: string): boolean {
    if (this.#cgroups.size >= MAX_GONE_CGROUPS && !this.#cgroups.has(cgroup)) return false
    this.#cgroups.add(cgroup)
    return true
  }

  /** Those until now; the next ones are for the next reading. */
  take(): ReadonlySet<string> {
    const taken = this.#cgroups
    this.#cgroups = new Set()
    return taken
  }
}
