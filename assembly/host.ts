// One host: container tracker and collector over an open source, writing to the given topic log. Shared by `run` and `collect`.
import { checkpointFile, loadCheckpoint } from '../collector/checkpoint/load-checkpoint.js'
import type { CheckpointOptions, Collector, CollectorContainers } from '../collector/collector-options.js'
import { startCollector } from '../collector/collector.js'
import type { CgroupState } from '../collector/containers/cgroups/cgroup-tree.js'
import type { ContainerEventBody } from '../collector/containers/container-index.js'
import {
  CONTAINER_TRACKER_DEFAULTS,
  type ContainerTracker,
  type ContainerTrackerDeps,
  startContainerTracker,
} from '../collector/containers/container-tracker.js'
import { FileHashes } from '../collector/executables/file-hashes.js'
import { LivePaths } from '../collector/mounts/live-paths.js'
import { LimitedHashes, type OptionalWork, OwnUse } from '../collector/own-use.js'
import type { Spooling } from '../collector/publish/event-publisher.js'
import type { EventScreen } from '../collector/pipeline/event-context.js'
import type { EventSource } from '../collector/source/event-source.js'
import type { CaptureSource } from '../collector/source/capture-source.js'
import type { UsageTrackers } from '../collector/usage/usage-trackers.js'
import type { Config } from '../infra/config/config-schema.js'
import type { Lifecycle } from '../infra/process/lifecycle.js'
import type { Logger } from '../infra/process/logger.js'
import { packageVersion } from '../infra/process/package-root.js'
import type { TopicLog } from '../infra/topic-log/topic-log.js'
import type { Codec } from '../schemas/codec.js'
import { containerRuntimes, recordedRuntimes } from './container-runtimes.js'
import { collectOlder } from './older-rings.js'
import { type HostRecording, containerListener, recordingDeps, logReplay } from './recording.js'
import type { OlderSource } from './source.js'
import type { Watching } from './watching.js'
import { redactorOf } from './redaction.js'

/** How long the records of older rings may take to be acknowledged; after that the next start retries them. */
const OLDER_DRAIN_MS = 60_000
/** How often the identities of the host's files are read. */
const HOST_FILES_MS = 1000
/** A folder that never exists. */
const NOWHERE = '/proc/self/nowhere'

/** Dependencies of a host. */
export interface HostDeps {
  readonly source: EventSource
  /** Kinds and filters of the source. */
  readonly watching: Watching
  /** The capture that `source` plays; null for live probes. */
  readonly captureFile: string | null
  /** That capture as a source; null for live probes. */
  readonly recorded: CaptureSource | null
  /** A recording in progress of `source`; default none. */
  readonly recording?: HostRecording | null
  readonly topicLog: TopicLog
  /** A spool between collector and log. */
  readonly spooling?: Spooling | undefined
  readonly codec: Codec
  /** What the readers of the events need, if all are in this process; default everything. */
  readonly screen?: EventScreen | null
  readonly hostId: string
  readonly log: Logger
  /** Trackers of aggregates. */
  readonly usage?: UsageTrackers | undefined
  /** Log of the clients of container runtimes; default `log`. */
  readonly runtimeLog?: Logger
  /** Folder for checkpoints of pinned rings; without it there are none. */
  readonly stateFolder?: string
  /** Rings that are read to their end before those of `source`. */
  readonly older?: readonly OlderSource[]
  /** When the host counts as ended. Default: when its collector ends, by a stop, the end of a recording or a failure. */
  readonly endOf?: (collector: Collector) => Promise<void>
}

/** A running host. */
export interface Host {
  readonly collector: Collector
  readonly tracker: ContainerTracker
}

/** Starts tracker and collector; `lifecycle` stops them. */
export async function startHost(config: Config['collector'], deps: HostDeps, lifecycle: Lifecycle): Promise<Host> {
  const { source, log, hostId, codec, recorded, recording = null } = deps
  const relay = new ContainerRelay()
  const saved = savedCheckpoint(deps)
  const onEvent = containerListener({ recording, recorded }, relay.relay)
  const tracker = await startTracker(config, deps, { onEvent, savedCgroups: saved?.loaded?.state.cgroups ?? [] }, lifecycle)
  const { filters } = deps.watching
  // A recording answers immediately, and only questions that were asked while it was made.
  const processTable = { maxProcesses: config.maxProcesses, ...(recorded === null ? {} : { procReads: Infinity }) }
  const { hashes, paths } = source.facts.isLive ? filesOf(config, filters, lifecycle) : NO_FILES
  const ownUse = new OwnUse(config.limits, log)
  lifecycle.onStop('own use', () => ownUse.close())
  const options = { heartbeatMs: config.heartbeatMs, argsBytes: config.argsBytes, processTable, redactor: redactorOf(config.redaction) }
  const collectorDeps = {
    identity: { hostId, version: packageVersion() },
    sink: { topicLog: deps.topicLog, codec },
    containers: containersOf(tracker, relay),
    host: {
      hashes: hashes === undefined ? undefined : new LimitedHashes(hashes, ownUse),
      paths: paths?.knowledge,
      may: (work: OptionalWork) => ownUse.may(work),
    },
    counters: () => ({
      ...flatCounters('containers', { ...tracker.counters() }),
      'containers.relayRefused': relay.refused,
      ...flatCounters('hashes', { ...hashes?.counters }),
      ...flatCounters('paths', { ...paths?.counters() }),
      ...recording?.counters(),
      ...flatCounters('filters', filters.counters),
      ...flatCounters('audit', { ...deps.watching.trail.counters }),
      ...ownUse.counters(),
    }),
    log,
  }
  const played = recordingDeps({ recording, recorded })
  const saveCgroups = (): CgroupState => tracker.saveCgroups()
  const collector = await startCollector(options, {
    ...collectorDeps,
    identity: { ...collectorDeps.identity, ...played.identity },
    sink: { ...collectorDeps.sink, spooling: deps.spooling },
    host: { ...collectorDeps.host, surroundings: played.surroundings },
    ...(deps.usage === undefined ? {} : { usage: deps.usage }),
    source,
    pathVerdicts: filters.verdicts,
    screen: deps.screen ?? null,
    ...checkpointOf(saved, saveCgroups),
  })
  deps.watching.trail.attach((body) => collector.audit(body))
  const { older = [] } = deps
  if (older.length > 0) {
    // Runs next to the main collector, which must not wait for it, and without the spool, which belongs to one collector: the rings hold the records.
    const collectorOf = (rest: EventSource): Parameters<typeof startCollector> => [
      { ...options, drainMs: OLDER_DRAIN_MS },
      { ...collectorDeps, source: rest, ...checkpointOf(savedCheckpoint({ ...deps, source: rest }), saveCgroups) },
    ]
    await lifecycle.start('older rings', () => Promise.resolve(collectOlder(older, collectorOf, log)))
  }
  void collector.done.then(() => logReplay(recorded, deps.captureFile, log)).catch(() => undefined)
  const done = deps.endOf?.(collector) ?? collector.done
  await lifecycle.start('collector', () => Promise.resolve({ done, stop: (reason: string) => collector.stop(reason) }))
  return { tracker, collector }
}

/** What the collector reads of files of the host. */
interface HostFileParts {
  readonly hashes?: FileHashes
  readonly paths?: LivePaths
}
const NO_FILES: HostFileParts = {}

/** Hashes executables if that is wanted, and finds the files of paths on this host from now on. */
function filesOf({ hostFiles, hashExecutables }: Config['collector'], filters: Watching['filters'], lifecycle: Lifecycle): HostFileParts {
  const paths = new LivePaths({ hostFiles, planned: () => filters.planned?.opens.flatMap(({ paths: patterns }) => patterns ?? []) ?? [] })
  void paths.refresh()
  const timer = setInterval(() => void paths.refresh(), HOST_FILES_MS)
  lifecycle.onStop('files of the host', () => Promise.resolve(clearInterval(timer)))
  if (!hashExecutables) return { paths }
  const hashes = new FileHashes()
  lifecycle.onStop('hashes of executables', () => hashes.close())
  return { paths, hashes }
}

/** What the collector gets of the tracker. */
function containersOf(tracker: ContainerTracker, relay: ContainerRelay): CollectorContainers {
  return {
    index: tracker,
    nameOf: (containerId) => tracker.nameOf(containerId),
    onEvent: relay.listen,
    count: () => tracker.counters().containers,
  }
}

/** The tracker, which container filters follow from now on. */
async function startTracker(
  config: Config['collector'],
  { captureFile, watching: { filters }, runtimeLog, log: ownLog }: HostDeps,
  deps: Pick<ContainerTrackerDeps, 'onEvent' | 'savedCgroups'>,
  lifecycle: Lifecycle,
): Promise<ContainerTracker> {
  const log = runtimeLog ?? ownLog
  const around = captureFile === null ? { runtimes: containerRuntimes(config, log) } : recordedSurroundings(captureFile)
  const trackerConfig = { ...CONTAINER_TRACKER_DEFAULTS, snapshotIntervalMs: config.factsSnapshotMs }
  const tracker = await lifecycle.start('container tracker', () => startContainerTracker(trackerConfig, { ...around, ...deps, log }))
  filters.followContainers(tracker)
  lifecycle.onStop('filters of containers', () => Promise.resolve(filters.stop()))
  return tracker
}

/** The checkpoint of the last collector over these rings; null for rings that no collector has read before. */
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

/** A recording comes from another machine, so this machine's cgroups and runtimes must not answer for it. */
function recordedSurroundings(captureFile: string): Pick<ContainerTrackerDeps, 'runtimes' | 'hierarchies'> {
  return { runtimes: recordedRuntimes(captureFile), hierarchies: [{ kind: 'v2', hierarchyId: 0, mountPoint: NOWHERE, rootPath: '/' }] }
}

const MAX_HELD = 50_000

/**
 * Between the container tracker and the collector: the tracker must know what runs before the collector reads its first event, so its events are
 * stored, up to a bound, until the collector listens.
 */
export class ContainerRelay {
  readonly #maxHeld: number
  #held: ContainerEventBody[] = []
  #listener: ((event: ContainerEventBody) => void) | null = null
  /** Events that were refused at the bound. */
  refused = 0

  constructor(maxHeld = MAX_HELD) {
    this.#maxHeld = maxHeld
  }

  /** Passes an event on, or stores it. */
  readonly relay = (event: ContainerEventBody): void => {
    if (this.#listener !== null) this.#listener(event)
    else if (this.#held.length < this.#maxHeld) this.#held.push(event)
    else this.refused++
  }

  /** Emits the stored events, then every new one. @returns a function that ends this */
  readonly listen = (listener: (event: ContainerEventBody) => void): (() => void) => {
    const held = this.#held
    this.#held = []
    this.#listener = listener
    for (const event of held) listener(event)
    return () => {
      if (this.#listener === listener) this.#listener = null
    }
  }
}

/** Flattens counters for the heartbeat: `{ a: { b: 1 } }` becomes `{ 'prefix.a.b': 1 }`. Omits what is not a number. */
export function flatCounters(prefix: string, tree: object): Record<string, number> {
  const flat: Record<string, number> = {}
  for (const [name, value] of Object.entries(tree) as [string, unknown][]) {
    if (typeof value === 'number') flat[`${prefix}.${name}`] = value
    else if (typeof value === 'object' && value !== null) Object.assign(flat, flatCounters(`${prefix}.${name}`, value))
  }
  return flat
}
