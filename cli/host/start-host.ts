// One host: container tracker and collector over an opened source, writing to whatever topic log it is given. `run` and `collect` share it.
import type { Collector } from '../../collector/collector-options.js'
import { startCollector } from '../../collector/collector.js'
import { CONTAINER_TRACKER_DEFAULTS } from '../../collector/containers/container-tracker-config.js'
import { startContainerTracker, type ContainerTracker } from '../../collector/containers/container-tracker.js'
import { DOCKER_DEFAULTS, DockerRuntime } from '../../collector/containers/docker/docker-runtime.js'
import type { EventSource } from '../../collector/source/event-source.js'
import type { Config } from '../../infra/config/config-schema.js'
import type { PartCare } from '../../infra/lifecycle.js'
import type { Logger } from '../../infra/logger.js'
import type { TopicLog } from '../../infra/topic-log.js'
import type { Codec } from '../../schemas/codec.js'
import { packageVersion } from '../package-version.js'
import { ContainerRelay } from './container-relay.js'
import { flatCounters } from './flat-counters.js'

/** What a host stands on. */
export interface HostDeps {
  readonly source: EventSource
  readonly topicLog: TopicLog
  readonly codec: Codec
  readonly hostId: string
  readonly log: Logger
  /** The run ends when the source does. */
  readonly endsWithSource: boolean
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
  const { isLive } = source.facts
  const runtimes = isLive ? config.dockerSockets.map((socketPath) => new DockerRuntime({ ...DOCKER_DEFAULTS, socketPath }, log)) : []
  const trackerConfig = { ...CONTAINER_TRACKER_DEFAULTS, snapshotIntervalMs: config.factsSnapshotMs }
  // A recording is of another machine's cgroups: this one's must not answer for them.
  const trackerDeps = { runtimes, onEvent: relay.tell, log, ...(isLive ? {} : { hierarchies: [] }) }
  const tracker = await care.start('container tracker', () => startContainerTracker(trackerConfig, trackerDeps))
  const collect = (): Promise<Collector> =>
    startCollector(
      { heartbeatMs: config.heartbeatMs, argsBytes: config.argsBytes },
      {
        source,
        log: deps.topicLog,
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
  return { tracker, collector: await startCollected(care, collect, deps.endsWithSource) }
}

async function startCollected(care: PartCare, collect: () => Promise<Collector>, endsWithSource: boolean): Promise<Collector> {
  if (endsWithSource) return await care.start('collector', collect)
  const collector = await collect()
  care.keep('collector', async (reason) => await collector.stop(reason))
  return collector
}
