// The membership queries of one batch: first ask for every event, then load once, then read what is known about each.
// Short-lived; holds what it found, so that a full near-cache can't evict it before it is read.
import type { ContainerFacts, Process } from '../../schemas/generated/types.js'
import type { ContainerKnowledge } from '../rule-engine/fields/rule-event.js'
import { claimsOfPath } from '../../infra/text/cgroup-path.js'
import { type Membership, isFacts, type MembershipValue } from './membership.js'
import { cgroupKey, factsKey, isUuid, pathKey, processKey, type HostBoot, type MembershipKey } from './membership-key.js'

const HOST: ContainerKnowledge = { state: 'host' }
const UNKNOWN: ContainerKnowledge = { state: 'unknown', containerId: null }
/** Most claims of one cgroup that are looked up. With more of them, nothing is of the host. */
const MAX_CLAIMS = 8

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
    const { claims, isCut } = claimsOf(process)
    if (isCut) this.#membership.cutClaims()
    for (const claim of claims) {
      this.#ask(pathKey(origin, claim))
      this.#ask(factsKey(origin, claim))
    }
  }

  /** Facts of a container that the cache knows now. */
  cachedFacts(origin: HostBoot, containerId: string): ContainerFacts | null {
    const isNamed = isUuid(origin.hostId) && isUuid(origin.bootId)
    const value = isNamed ? this.#membership.cached(factsKey(origin, containerId)) : null
    return typeof value === 'object' ? value : null
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
    const ofCgroup = this.#found.get(cgroupKey(origin, process.cgroupId).text)
    if (typeof ofCgroup === 'string') return this.#knowledge(origin, ofCgroup)
    const claim = this.#innermostClaim(origin, process)
    if (claim === null) return claimsOf(process).isCut ? UNKNOWN : HOST
    return this.#isConfirmed(origin, process, claim) ? this.#knowledge(origin, claim) : UNKNOWN
  }

  /**
   * The same when the wait for facts is over. A claim that no runtime knows is believed then. One of a real container that nothing ties the
   * event to, and nothing separates it from, leaves undecided where the event is from: a process that names a cgroup after another container
   * must not appear as that container. Where an outer claim is confirmed, the event is from there: anybody can name a cgroup below his own.
   */
  decided(question: ContainerQuestion): ContainerKnowledge {
    const known = this.knowledgeOf(question)
    if (known.state !== 'unknown') return known
    if (known.containerId !== null) return { state: 'absent', containerId: known.containerId, isClaimed: false }
    const { origin, process } = question
    const outer = claimsOf(process).claims.find((each) => this.#isInOwnCgroup(origin, process, each) === true)
    if (outer !== undefined) {
      const ofOuter = this.#knowledge(origin, outer)
      return ofOuter.state === 'unknown' ? { state: 'absent', containerId: outer, isClaimed: false } : ofOuter
    }
    const claim = this.#innermostClaim(origin, process)
    const isClaimed = claim !== null && !isFacts(this.#found.get(factsKey(origin, claim).text))
    return { state: 'absent', containerId: isClaimed ? claim : undefined, isClaimed }
  }

  /** Of a process whose cgroup the collector did not know: the container that a runtime or another event reported for its cgroup or for itself. */
  #ofUnknown(origin: HostBoot, { cgroupId, pid, startBootUs }: ContainerQuestion['process']): ContainerKnowledge {
    const found = this.#found.get(cgroupKey(origin, cgroupId).text) ?? this.#found.get(processKey(origin, pid, startBootUs).text)
    return typeof found === 'string' ? this.#knowledge(origin, found) : UNKNOWN
  }

  /**
   * The innermost claim that is not refuted; null when all are. A container can name cgroups below its own after others, so that the inner claim
   * says nothing about the outer ones. A refuted one is of a cgroup outside of that of the claimed container.
   */
  #innermostClaim(origin: HostBoot, process: ContainerQuestion['process']): string | null {
    return claimsOf(process).claims.find((claim) => this.#isInOwnCgroup(origin, process, claim) !== false) ?? null
  }

  /**
   * A claim is confirmed once an event of this very process came from that container, or when the process is in that container's own cgroup
   * or below it, as the collector decides too. A process that moved into a cgroup of its own below has no entry: the one that it was in said
   * the same. A claim alone is a name that a privileged container can forge. (Ids of v1 cgroups are not reported.)
   */
  #isConfirmed(origin: HostBoot, process: ContainerQuestion['process'], claim: string): boolean {
    const { pid, startBootUs } = process
    return this.#found.get(processKey(origin, pid, startBootUs).text) === claim || this.#isInOwnCgroup(origin, process, claim) === true
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

/** The containers that the cgroup is named after, the innermost first. */
function claimsOf({ containerClaim, cgroupPath }: ContainerQuestion['process']): {
  readonly claims: readonly string[]
  readonly isCut: boolean
} {
  if (containerClaim === null) return { claims: [], isCut: false }
  const named = cgroupPath === null ? [] : claimsOfPath(cgroupPath, MAX_CLAIMS + 1).map(({ containerId }) => containerId)
  const all = named[0] === containerClaim ? named : [containerClaim, ...named]
  return { claims: all.slice(0, MAX_CLAIMS), isCut: all.length > MAX_CLAIMS }
}
