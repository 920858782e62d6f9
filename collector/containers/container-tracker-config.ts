// Settings and counters of the container tracker.
import type { AskQueueConfig } from './ask-queue.js'
import type { CgroupTreeConfig, CgroupTreeCounters } from './cgroups/cgroup-tree.js'
import type { KnownContainersConfig } from './known-containers.js'

/** Settings of the tracker. */
export interface ContainerTrackerConfig extends CgroupTreeConfig, AskQueueConfig, KnownContainersConfig {
  /** How often the facts of all running containers are published again, milliseconds; default an hour. */
  readonly snapshotIntervalMs: number
  /** Most that the start waits for runtimes, milliseconds; default 3,000. Later answers are taken as well. */
  readonly startTimeoutMs: number
  /**
   * Most questions a second that only the names of cgroups give rise to; default 100. Whoever may make cgroups could else have the runtime
   * asked without end. Runtimes tell of their containers by themselves, so that those over it are seldom missed; they are counted.
   */
  readonly maxClaimsPerSecond: number
  /** How often an unanswered question is asked, the first included; default 4. */
  readonly maxAttempts: number
}

/** Defaults of {@link ContainerTrackerConfig}. */
export const CONTAINER_TRACKER_DEFAULTS: ContainerTrackerConfig = {
  maxCgroups: 65_536,
  maxRemovedCgroups: 8192,
  maxMissingIds: 4096,
  minWalkIntervalMs: 1000,
  concurrency: 8,
  maxWaiting: 4096,
  maxContainers: 16_384,
  maxRemovedContainers: 1024,
  snapshotIntervalMs: 3_600_000,
  startTimeoutMs: 3000,
  maxClaimsPerSecond: 100,
  maxAttempts: 4,
}

/** What the heartbeat tells of the tracker, since the start. */
export interface ContainerTrackerCounters {
  readonly cgroups: CgroupTreeCounters
  /** Containers that runtimes told of and that are not removed. */
  readonly containers: number
  readonly containersRefused: number
  readonly asksRefused: number
  /** Questions that no runtime answered. */
  readonly asksFailed: number
  /** Cgroups named like a container that were not asked for, since there were too many in a second. */
  readonly claimsRefused: number
  /** Cgroups named like a container that no runtime knows. */
  readonly claimsUnknown: number
  /** What runtimes said of containers that another runtime told of before; it is not taken. */
  readonly toldByOthers: number
  /** Counters of the runtimes' clients by name of the runtime, added up. */
  readonly runtimes: Readonly<Record<string, Readonly<Record<string, number>>>>
  /** Cgroups named like a container that a runtime knows, at a place that is not its own. */
  readonly claimsElsewhere: number
}
