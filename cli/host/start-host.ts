// One host: container tracker and collector over an opened source, writing to whatever topic log it is given. `run` and `collect` share it.
import type { Collector } from '../../collector/collector-options.js'
import { startCollector } from '../../collector/collector.js'
import { CONTAINER_TRACKER_DEFAULTS } from '../../collector/containers/container-tracker-config.js'
import { startContainerTracker, type ContainerTracker, type ContainerTrackerDeps } from '../../collector/containers/container-tracker.js'
import type { Spooling } from '../../collector/publish/event-publisher.js'
import type { EventSource } from '../../collector/source/event-source.js'
import type { Config } from '../../infra/config/config-schema.js'
import type { PartCare } from '../../infra/lifecycle.js'
import type { Logger } from '../../infra/logger.js'
import type { TopicLog } from '../../infra/topic-log.js'
import type { Codec } from '../../schemas/codec.js'
import { packageVersion } from '../../infra/package-version.js'
import { recordedRuntimes } from './recorded-runtime.js'
import { ContainerRelay } from './container-relay.js'
import { containerRuntimes } from './container-runtimes.js'
import { flatCounters } from './flat-counters.js'

/** A folder that is never there. */
const NOWHERE = '/proc/self/nowhere'

/** What a host stands on. */
export interface HostDeps {
  readonly source: EventSource
  /** The capture that `source` plays; null for live probes. */
  readonly captureFile: string | null
  readonly topicLog: TopicLog
  /** A spool in front of the log. */
  readonly spooling?: Spooling | undefined
  readonly codec: Codec
  readonly hostId: string
  readonly log: Logger
  /** Where clients of container runtimes log; default `log`. */
  readonly runtimeLog?: Logger
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
  const { source, log, hostId, codec } = deps
  const relay = new ContainerRelay()
  const trackerConfig = { ...CONTAINER_TRACKER_DEFAULTS, snapshotIntervalMs: config.factsSnapshotMs }
  const around =
    deps.captureFile === null ? { runtimes: containerRuntimes(config, deps.runtimeLog ?? log) } : recordedSurroundings(deps.captureFile)
  const trackerDeps = { ...around, onEvent: relay.tell, log: deps.runtimeLog ?? log }
  const tracker = await care.start('container tracker', () => startContainerTracker(trackerConfig, trackerDeps))
  const collect = (): Promise<Collector> =>
    startCollector(
      { heartbeatMs: config.heartbeatMs, argsBytes: config.argsBytes, processTable: { maxProcesses: config.maxProcesses } },
      {
        source,
        log: deps.topicLog,
        spooling: deps.spooling,
        codec,
        containers: tracker,
        onContainerEvent: relay.listen,
        containerCount: () => tracker.counters().containers,
        containerCounters: () => ({ ...flatCounters('containers', { ...tracker.counters() }), 'containers.relayRefused': relay.refused }),
        hostId,
        version: packageVersion(),
        logger: log,
      },
    )
  const collector = await collect()
  const done = deps.endOf?.(collector) ?? collector.done
  await care.start('collector', () => Promise.resolve({ done, stop: (reason: string) => collector.stop(reason) }))
  return { tracker, collector }
}

/** A recording is of another machine: this one's cgroups and runtimes must not answer for it. */
function recordedSurroundings(captureFile: string): Pick<ContainerTrackerDeps, 'runtimes' | 'hierarchies'> {
  return { runtimes: recordedRuntimes(captureFile), hierarchies: [{ kind: 'v2', hierarchyId: 0, mountPoint: NOWHERE, rootPath: '/' }] }
}
