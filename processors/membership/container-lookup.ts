// The membership queries of one batch: first ask for every event, then load once, then read what is known about each.
// Short-lived; holds what it found, so that a full near-cache can't evict it before it is read.
import type { Process } from '../../schemas/generated/types.js'
import type { ContainerKnowledge } from '../rule-engine/fields/rule-event.js'
import { type Membership, isFacts, type MembershipValue } from './membership.js'
import { cgroupKey, factsKey, isUuid, pathKey, processKey, type HostBoot, type MembershipKey } from './membership-key.js'

const HOST: ContainerKnowledge = { state: 'host' }
const UNKNOWN: ContainerKnowledge = { state: 'unknown', containerId: null }

/** What the lookup reads of an event. */
export interface ContainerQuestion {
  readonly origin: HostBoot
  readonly process: Pick<
    Process,
    'containerId' | 'containerClaim' | 'isContainerUnknown' | 'cgroupId' | 'cgroupPath' | 'pid' | 'startBootUs'
  >
}

/** One batch's view of who is in which container. */
export class ContainerLookup {
  readonly #membership: Membership
  readonly #found = new Map<string, MembershipValue>()
  readonly #missing = new Map<string, MembershipKey>()
  readonly #asked = new Set<string>()

  constructor(membership: Membership) {
    this.#membership = membership
  }

  /** True when the cache answered all queries, with what is known or with "not yet known". */
  get isComplete(): boolean {
    return this.#missing.size === 0
  }

  /** Notes the container of an event. That of an origin that no collector has stays unknown. */
  ask({ origin, process }: ContainerQuestion): void {
    if (process.containerId === null && process.containerClaim === null && !process.isContainerUnknown) return
    if (!isUuid(origin.hostId) || !isUuid(origin.bootId)) return this.#membership.refuseOrigin()
    if (process.containerId !== null) return this.#ask(factsKey(origin, process.containerId))
    this.#ask(cgroupKey(origin, process.cgroupId))
    this.#ask(processKey(origin, process.pid, process.startBootUs))
    if (process.containerClaim === null) return
    this.#ask(pathKey(origin, process.containerClaim))
    this.#ask(factsKey(origin, process.containerClaim))
  }

  /**
   * Asks the store for what the cache did not know.
   * @returns false when the store is unavailable
   */
  async load(): Promise<boolean> {
    // The second round is for the facts of containers that the first round found for a cgroup or a process.
    for (let round = 0; round < 2 && this.#missing.size > 0; round++) {
      const keys = [...this.#missing.values()]
      this.#missing.clear()
      const isReachable = await this.#membership.fetch(keys, (key, value) => this.#note(key, value))
      if (!isReachable) return false
    }
    return true
  }

  /** What is known about the container of an event that was asked for. */
  knowledgeOf({ origin, process }: ContainerQuestion): ContainerKnowledge {
    if (process.containerId !== null) return this.#knowledge(origin, process.containerId)
    if (process.containerClaim === null) return process.isContainerUnknown ? this.#ofUnknown(origin, process) : HOST
    const containerId = this.#confirmed(origin, process, process.containerClaim)
    if (containerId !== null) return this.#knowledge(origin, containerId)
    return this.#isForged(origin, process, process.containerClaim) ? HOST : UNKNOWN
  }

  /** Of a process whose cgroup the collector did not know: the container that a runtime or another event reported for its cgroup or for itself. */
  #ofUnknown(origin: HostBoot, { cgroupId, pid, startBootUs }: ContainerQuestion['process']): ContainerKnowledge {
    const found = this.#found.get(cgroupKey(origin, cgroupId).text) ?? this.#found.get(processKey(origin, pid, startBootUs).text)
    return typeof found === 'string' ? this.#knowledge(origin, found) : UNKNOWN
  }

  /**
   * The container of a claim: that of the cgroup, once a runtime reported it (ids of v1 cgroups are not reported); or the claimed one, once
   * an event of this very process came from it, or when the process is in that container's own cgroup or below it, as the collector decides too.
   * A process that moved into a cgroup of its own below has no entry: the one that it was in said the same. A claim alone is a name that a
   * privileged container can forge.
   */
  #confirmed(origin: HostBoot, process: ContainerQuestion['process'], claim: string): string | null {
    const { cgroupId, pid, startBootUs } = process
    const ofCgroup = this.#found.get(cgroupKey(origin, cgroupId).text)
    if (typeof ofCgroup === 'string') return ofCgroup
    const isOfClaim = this.#found.get(processKey(origin, pid, startBootUs).text) === claim || this.#isInOwnCgroup(origin, process, claim)
    return isOfClaim === true ? claim : null
  }

  /**
   * True when an unconfirmed claim must no longer be believed: the claimed container is real, because a runtime reported
   * its facts, and nothing ties the event to it. Ask this after the wait.
   */
  isClaimRefuted({ origin, process }: ContainerQuestion): boolean {
    const { containerId, containerClaim: claim } = process
    if (containerId !== null || claim === null) return false
    return isFacts(this.#found.get(factsKey(origin, claim).text)) && this.#isInOwnCgroup(origin, process, claim) !== true
  }

  /** A claim outside of the cgroup that the claimed container has: a cgroup was created with its name outside of it. */
  #isForged(origin: HostBoot, process: ContainerQuestion['process'], claim: string): boolean {
    return this.#isInOwnCgroup(origin, process, claim) === false
  }

  /** Whether the event comes from the claimed container's own cgroup, or from below it; null when one of the paths is not known. */
  #isInOwnCgroup(origin: HostBoot, { cgroupPath }: ContainerQuestion['process'], claim: string): boolean | null {
    const own = this.#found.get(pathKey(origin, claim).text)
    return typeof own !== 'string' || cgroupPath === null ? null : cgroupPath === own || cgroupPath.startsWith(`${own}/`)
  }

  #knowledge(origin: HostBoot, containerId: string): ContainerKnowledge {
    const facts = this.#found.get(factsKey(origin, containerId).text)
    return isFacts(facts) ? { state: 'known', containerId, facts } : { state: 'unknown', containerId }
  }

  #ask(key: MembershipKey): void {
    if (this.#asked.has(key.text)) return
    this.#asked.add(key.text)
    const value = this.#membership.cached(key)
    if (value === undefined) this.#missing.set(key.text, key)
    else if (value !== null) this.#note(key, value)
  }

  #note(key: MembershipKey, value: MembershipValue): void {
    this.#found.set(key.text, value)
    if (typeof value === 'string' && key.kind !== 'path') this.#ask(factsKey(key.boot, value))
  }
}
