// What is published about a container, and when: created with its cgroup, facts once per cgroup and in each snapshot, started, stopped, removed.
// Passes bodies to a listener; the publisher adds the origin.
import type { ContainerEventBody } from './container-index.js'
import type { KnownContainer } from './known-containers.js'
import { isOfRoot } from './runtime-user.js'

/** Receives container events. */
export type ContainerEventListener = (body: ContainerEventBody) => void

/** Creates the events. */
export class ContainerPublisher {
  readonly #listener: ContainerEventListener
  /** Events that were not published, of containers that only a user's runtime reports, without a cgroup of that user. */
  withheld = 0

  constructor(listener: ContainerEventListener) {
    this.#listener = listener
  }

  /** The container's own cgroup exists and is confirmed. Facts follow at once when they are known. */
  created(container: KnownContainer): void {
    this.#publish(container, { type: 'created' })
    this.factsOnce(container)
  }

  /** Publishes facts, unless they were published for this cgroup. */
  factsOnce(container: KnownContainer): void {
    if (container.facts === null || container.factsPublishedFor === container.cgroup) return
    this.facts(container)
  }

  /** Publishes facts, even if they were published before. */
  facts(container: KnownContainer): void {
    if (this.#publish(container, { type: 'facts' })) container.factsPublishedFor = container.cgroup
  }

  /** The runtime did not return facts; published once. */
  noFacts(container: KnownContainer, reason: string): void {
    if (container.facts !== null || container.isAbsencePublished) return
    container.isAbsencePublished = true
    this.#publish(container, { type: 'facts', reason })
  }

  started(container: KnownContainer): void {
    this.factsOnce(container)
    this.#publish(container, { type: 'started' })
  }

  stopped(container: KnownContainer, exitCode: number | null): void {
    this.factsOnce(container)
    this.#publish(container, { type: 'stopped', initPid: null, exitCode, isOomKilled: container.isOomKilled })
  }

  removed(container: KnownContainer): void {
    this.#publish(container, { type: 'removed', initPid: null })
  }

  /** What a user's runtime reports is believed once a cgroup of that user is the container's: before, it may name any id. */
  #publish(container: KnownContainer, change: Pick<ContainerEventBody, 'type'> & Partial<ContainerEventBody>): boolean {
    if (container.cgroup === null && !isOfRoot(container.runtime)) {
      this.withheld++
      return false
    }
    this.#listener({ ...bodyOf(container), ...change })
    return true
  }
}

function bodyOf(container: KnownContainer): Omit<ContainerEventBody, 'type'> {
  const { cgroup, facts } = container
  return {
    containerId: container.containerId,
    runtime: container.runtimeName,
    facts,
    // v1 ids are unique only within their hierarchy and would be mistaken for v2 ids.
    cgroupId: cgroup?.kind === 'v2' ? cgroup.cgroupId.toString() : null,
    cgroupPath: cgroup?.path ?? null,
    initPid: container.initPid,
    exitCode: null,
    isOomKilled: null,
    reason: facts === null ? 'the runtime has not reported them yet' : null,
  }
}
