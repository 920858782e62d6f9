// Options and dependencies of `startCollector`, and what a running collector reports.
import type { Logger } from '../infra/process/logger.js'
import type { Part } from '../infra/process/lifecycle.js'
import type { TopicLog } from '../infra/topic-log/topic-log.js'
import type { Codec } from '../schemas/codec.js'
import type { LoadedCheckpoint } from './checkpoint/load-checkpoint.js'
import type { BootClock } from './clock.js'
import type { ContainerEventBody, ContainerIndex } from './containers/container-index.js'
import type { CgroupState } from './containers/cgroups/cgroup-tree.js'
import type { HostUsers } from './users/user-names.js'
import type { ExecutableHashes } from './executables/executable-hashes.js'
import type { Loss } from '../schemas/generated/types.js'
import type { HeartbeatBody } from './publish/own-events.js'
import type { HostKnowledge } from './mounts/host-paths.js'
import type { OptionalWork } from './own-use.js'
import type { Account } from './ledger/account.js'
import type { EventActivity } from './processes/event-counts.js'
import type { Spooling } from './publish/event-publisher.js'
import type { ProcessTableOptions } from './processes/process-table.js'
import type { Redactor } from './redaction/redactor.js'
import type { Surroundings } from './recording/surroundings.js'
import type { EventScreen } from './pipeline/event-context.js'
import type { EventSource } from './source/event-source.js'
import type { AuditBody } from './watch/change-trail.js'
import type { PathVerdicts } from './watch/path-verdicts.js'
import type { UsageTrackers } from './usage/usage-trackers.js'

/** Options of the collector. */
export interface CollectorOptions {
  /** Time between two heartbeats, milliseconds. Default 10 s: shorter dates losses more precisely and costs more records. */
  readonly heartbeatMs?: number
  /** How long a stop waits for the log to acknowledge, milliseconds; the rest is counted as lost. Default 10 s. */
  readonly drainMs?: number
  readonly processTable?: ProcessTableOptions
  /** Longest arguments of a process that is read from /proc, bytes; as the kernel option. Default 8192. */
  readonly argsBytes?: number
  /** Replaces secrets in texts. Default null: they stay. */
  readonly redactor?: Redactor | null
}

/** The checkpoint for the next collector over pinned rings, and that of the last one. */
export interface CheckpointOptions {
  /** The file. */
  readonly path: string
  /** Its loaded content; null for none. `containers` already has its cgroups. */
  readonly loaded: LoadedCheckpoint | null
  readonly saveCgroups: () => CgroupState
}

/** The identity in every record and in the heartbeat. */
export interface CollectorIdentity {
  /** UUID of the state folder. */
  readonly hostId: string
  /** Version of Eunomia. */
  readonly version: string
  /** Creation of the kernel's sequence counters, Unix time in microseconds; default now, for counters that are created with the source. */
  readonly epochUs?: number
  /** Start of the collector, Unix time in microseconds: epoch of the processes that already ran; default now. A replay uses that of the recording. */
  readonly startedAtUs?: number
}

/** Where records go. */
export interface CollectorSink {
  readonly topicLog: TopicLog
  /** A spool before a topic log; replaces `topicLog`. */
  readonly spooling?: Spooling | undefined
  readonly codec: Codec
}

/** The container tracker. */
export interface CollectorContainers {
  readonly index: ContainerIndex
  /** Name of a container, for filters; null while it is unknown. Default: no names. */
  readonly nameOf?: (containerId: string) => string | null
  /** Subscribes to its events. @returns a function that unsubscribes */
  readonly onEvent: (listener: (event: ContainerEventBody) => void) => () => void
  /** Containers known, for the heartbeat. */
  readonly count: () => number
}

/** What the collector reads from the host apart from the rings; each has a default for the source. */
export interface CollectorHost {
  readonly clock?: BootClock
  readonly users?: HostUsers
  /** Hashes of executables; default none. */
  readonly hashes?: ExecutableHashes | undefined
  /** Its files and mounts; default none are known. */
  readonly paths?: HostKnowledge | undefined
  /** Called before optional work; default always true. */
  readonly may?: (work: OptionalWork) => boolean
  /** Wraps all answers: records them, or replaces them with recorded ones. */
  readonly surroundings?: (own: Surroundings) => Surroundings
}

/** What the collector is built on. It owns `source` and closes it, and ends `usage`; everything else belongs to the caller. */
export interface CollectorDeps {
  readonly source: EventSource
  readonly identity: CollectorIdentity
  readonly sink: CollectorSink
  readonly containers: CollectorContainers
  readonly host?: CollectorHost
  /** Counters of the caller's parts, for the heartbeat. */
  readonly counters: () => Readonly<Record<string, number>>
  /** What the readers of its events need, if all are in this process; default everything. */
  readonly screen?: EventScreen | null
  /** Answers requests of probes for verdicts on paths; default none. */
  readonly pathVerdicts?: PathVerdicts
  /** Trackers of aggregates; default none. */
  readonly usage?: UsageTrackers
  /** For a source of pinned rings; default none. */
  readonly checkpoint?: CheckpointOptions
  readonly log: Logger
}

/** For the summary at the end. */
export interface CollectorStats {
  /** Published kernel events, and the collector's own records. */
  readonly published: number
  /** Events that the collector read, and nobody needed. */
  readonly suppressed: number
  /** Lost events by kind, including unacknowledged ones after the end; empty when nothing was lost. */
  readonly lost: Readonly<Record<string, number>>
  /** Events that are not acknowledged yet, including those in the spool. */
  readonly inFlight: number
  /** Events in the spool, including those of earlier runs. */
  readonly spooled: number
  /** CPU time of this process since the start, microseconds. */
  readonly cpuUs: number
  readonly processes: number
  readonly bufferedBytes: number
}

/** The source of the metrics. */
export interface CollectorFigures {
  readonly accounts: readonly Account[]
  /** The latest losses, oldest first. */
  readonly losses: readonly Loss[]
  readonly probes: HeartbeatBody['probes']
  readonly processes: number
  readonly containers: number
  /** As in the heartbeat. */
  readonly counters: Readonly<Record<string, number>>
}

/** The running collector. `done` resolves at the end of a recording as well. */
export interface Collector extends Part {
  stats(): CollectorStats
  /** Current figures; null before the start, and after the source has closed with the kernel's counters. */
  figures(): CollectorFigures | null
  /** Publishes a change of what is reported; nothing after the end. */
  audit(body: AuditBody): void
  /** Events by process; null as `figures`. */
  activity(): EventActivity | null
}
