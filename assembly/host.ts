// One host: container tracker and collector over an opened source, writing to whatever topic log it is given. `run` and `collect` share it.
import { checkpointFile, loadCheckpoint } from '../collector/checkpoint/load-checkpoint.js'
import type { CheckpointOptions, Collector } from '../collector/collector-options.js'
import { startCollector } from '../collector/collector.js'
import type { CgroupState } from '../collector/containers/cgroups/cgroup-state.js'
import type { ContainerEventBody } from '../collector/containers/container-index.js'
import { CONTAINER_TRACKER_DEFAULTS } from '../collector/containers/container-tracker-config.js'
import { type ContainerTracker, type ContainerTrackerDeps, startContainerTracker } from '../collector/containers/container-tracker.js'
import { FileHashes } from '../collector/executables/file-hashes.js'
import { LimitedHashes, type OptionalWork, OwnUse } from '../collector/own-use.js'
import type { Spooling } from '../collector/publish/event-publisher.js'
import type { EventSource } from '../collector/source/event-source.js'
import type { CaptureSource } from '../collector/source/capture-source.js'
import type { UsageTrackers } from '../collector/usage/usage-trackers.js'
import type { Config } from '../infra/config/config-schema.js'
import type { PartCare } from '../infra/process/lifecycle.js'
import type { Logger } from '../infra/process/logger.js'
import { packageVersion } from '../infra/process/package-version.js'
import type { TopicLog } from '../infra/topic-log/topic-log.js'
import type { Codec } from '../schemas/codec.js'
import { containerRuntimes, recordedRuntimes } from './container-runtimes.js'
import { collectOlder } from './older-rings.js'
import { type HostRecording, containerTeller, recordingDeps, tellPlayed } from './recording.js'
import type { OlderSource } from './source.js'
import type { Watching } from './watching.js'

/** How long the rest of older rings may take to be acknowledged; then it is left to the next start. */
const OLDER_DRAIN_MS = 60_000
/** A folder that is never there. */
const NOWHERE = '/proc/self/nowhere'

/** What a host stands on. */
export interface HostDeps {
  readonly source: EventSource
  /** What of the source is told. */
  readonly watching: Watching
  /** The capture that `source` plays; null for live probes. */
  readonly captureFile: string | null
  /** The same, as what it is; null for live probes. */
  readonly recorded: CaptureSource | null
  /** A recording that is made of `source`; default none. */
  readonly recording?: HostRecording | null
  readonly topicLog: TopicLog
  /** A spool in front of the log. */
  readonly spooling?: Spooling | undefined
  readonly codec: Codec
  readonly hostId: string
  readonly log: Logger
  /** Trackers of aggregates. */
  readonly usage?: UsageTrackers | undefined
  /** Where clients of container runtimes log; default `log`. */
  readonly runtimeLog?: Logger
  /** Where checkpoints of pinned rings are kept; without it none are. */
  readonly stateFolder?: string
  /** Rings that are read to their end before those of `source`. */
  readonly older?: readonly OlderSource[]
  /** When the host counts as ended; by default when its collector has: a stop, the end of a recording, a failure. */
  readonly endOf?: (collector: Collector) => Promise<void>
}

/** A running host. */
export interface Host {
  readonly collector: Collector
  readonly tracker: ContainerTracker
}

/** Starts tracker and collector and puts them under care. */
export async function startHost(config: Config['collector'], deps: HostDeps, care: PartCare): Promise<Host> {
  const { source, log, hostId, codec, recorded, recording = null } = deps
  const relay = new ContainerRelay()
  const saved = savedCheckpoint(deps)
  const onEvent = containerTeller({ recording, recorded }, relay.tell)
  const tracker = await startTracker(config, deps, { onEvent, savedCgroups: saved?.loaded?.state.cgroups ?? [] }, care)
  const { filters } = deps.watching
  // A recording answers at once, and only what was asked then.
  const processTable = { maxProcesses: config.maxProcesses, ...(recorded === null ? {} : { procReads: Infinity }) }
  const hashes = config.hashExecutables && source.facts.isLive ? new FileHashes() : undefined
  if (hashes !== undefined) care.keep('hashes of executables', () => hashes.close())
  const ownUse = new OwnUse(config.limits, log)
  care.keep('own use', () => ownUse.close())
  const options = { heartbeatMs: config.heartbeatMs, argsBytes: config.argsBytes, processTable }
  const collectorDeps = {
    log: deps.topicLog,
    codec,
    containers: tracker,
    containerName: (containerId: string) => tracker.nameOf(containerId),
    onContainerEvent: relay.listen,
    containerCount: () => tracker.counters().containers,
    containerCounters: () => ({
      ...flatCounters('containers', { ...tracker.counters() }),
      'containers.relayRefused': relay.refused,
      ...flatCounters('hashes', { ...hashes?.counters }),
      ...recording?.counters(),
      ...flatCounters('filters', filters.counters),
      ...ownUse.counters(),
    }),
    hashes: hashes === undefined ? undefined : new LimitedHashes(hashes, ownUse),
    may: (work: OptionalWork) => ownUse.may(work),
    hostId,
    version: packageVersion(),
    logger: log,
  }
  const saveCgroups = (): CgroupState => tracker.saveCgroups()
  const collector = await startCollector(options, {
    ...collectorDeps,
    ...recordingDeps({ recording, recorded }, hostId),
    spooling: deps.spooling,
    ...(deps.usage === undefined ? {} : { usage: deps.usage }),
    source,
    pathJudge: filters.judge,
    ...checkpointOf(saved, saveCgroups),
  })
  const { older = [] } = deps
  if (older.length > 0) {
    // Beside the other, which must not wait for it. Not by the spool, which is of one collector: its rings hold it for as long as the log is away.
    const collectorOf = (rest: EventSource): Parameters<typeof startCollector> => [
      { ...options, drainMs: OLDER_DRAIN_MS },
      { ...collectorDeps, source: rest, ...checkpointOf(savedCheckpoint({ ...deps, source: rest }), saveCgroups) },
    ]
    await care.start('older rings', () => Promise.resolve(collectOlder(older, collectorOf, log)))
  }
  void collector.done.then(
    () => tellPlayed(recorded, deps.captureFile, log),
    () => undefined,
  )
  const done = deps.endOf?.(collector) ?? collector.done
  await care.start('collector', () => Promise.resolve({ done, stop: (reason: string) => collector.stop(reason) }))
  return { tracker, collector }
}

/** The tracker, by which filters of containers work from now on. */
async function startTracker(
  config: Config['collector'],
  { captureFile, watching: { filters }, runtimeLog, log: ownLog }: HostDeps,
  deps: Pick<ContainerTrackerDeps, 'onEvent' | 'savedCgroups'>,
  care: PartCare,
): Promise<ContainerTracker> {
  const log = runtimeLog ?? ownLog
  const around = captureFile === null ? { runtimes: containerRuntimes(config, log) } : recordedSurroundings(captureFile)
  const trackerConfig = { ...CONTAINER_TRACKER_DEFAULTS, snapshotIntervalMs: config.factsSnapshotMs }
  const tracker = await care.start('container tracker', () => startContainerTracker(trackerConfig, { ...around, ...deps, log }))
  filters.followContainers(tracker)
  care.keep('filters of containers', () => Promise.resolve(filters.stop()))
  return tracker
}

/** What the last collector over the rings of the source left; null for rings that nobody can have read before. */
function savedCheckpoint({ source, stateFolder }: Pick<HostDeps, 'source' | 'stateFolder'>): Omit<CheckpointOptions, 'saveCgroups'> | null {
  const { facts, pinned } = source
  if (pinned === null || pinned === undefined || stateFolder === undefined) return null
  const path = checkpointFile(stateFolder, pinned.epochUs)
  return { path, loaded: pinned.isAdopted ? loadCheckpoint(path, facts.bootId, pinned.epochUs) : null }
}

function checkpointOf(
  saved: Omit<CheckpointOptions, 'saveCgroups'> | null,
  saveCgroups: () => CgroupState,
): { readonly checkpoint?: CheckpointOptions } {
  return saved === null ? {} : { checkpoint: { ...saved, saveCgroups } }
}

/** A recording is of another machine: this one's cgroups and runtimes must not answer for it. */
function recordedSurroundings(captureFile: string): Pick<ContainerTrackerDeps, 'runtimes' | 'hierarchies'> {
  return { runtimes: recordedRuntimes(captureFile), hierarchies: [{ kind: 'v2', hierarchyId: 0, mountPoint: NOWHERE, rootPath: '/' }] }
}

const MAX_KEPT = 50_000

/** Keeps events for a listener that comes later. */
export class ContainerRelay {
  readonly #maxKept: number
  #kept: ContainerEventBody[] = []
  #listener: ((event: ContainerEventBody) => void) | null = null
  /** Events that found no room. */
  refused = 0

  constructor(maxKept = MAX_KEPT) {
    this.#maxKept = maxKept
  }

  /** Passes an event on, or keeps it. */
  readonly tell = (event: ContainerEventBody): void => {
    if (this.#listener !== null) this.#listener(event)
    else if (this.#kept.length < this.#maxKept) this.#kept.push(event)
    else this.refused++
  }

  /** Gives what was kept, then all that comes. @returns how to end it */
  readonly listen = (listener: (event: ContainerEventBody) => void): (() => void) => {
    const kept = this.#kept
    this.#kept = []
    this.#listener = listener
    for (const event of kept) listener(event)
    return () => {
      if (this.#listener === listener) this.#listener = null
    }
  }
}

/** `{ a: { b: 1 } }` as `{ 'prefix.a.b': 1 }`; what is no number is left out. */
export function flatCounters(prefix: string, tree: object): Record<string, number> {
  const flat: Record<string, number> = {}
  for (const [name, value] of Object.entries(tree) as [string, unknown][]) {
    if (typeof value === 'number') flat[`${prefix}.${name}`] = value
    else if (typeof value === 'object' && value !== null) Object.assign(flat, flatCounters(`${prefix}.${name}`, value))
  }
  return flat
}
