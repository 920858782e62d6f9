// A collector over a memory log with a reader: what most tests of the whole collector start.
import { startCollector } from '../../../collector/collector.js'
import type { Collector, CollectorDeps, CollectorOptions } from '../../../collector/collector-options.js'
import type { ContainerEventBody } from '../../../collector/containers/container-index.js'
import type { EventSource } from '../../../collector/source/event-source.js'
import { SILENT_LOGGER } from '../../../infra/process/logger.js'
import type { MemoryLogConfig } from '../../../infra/topic-log/memory-log/topic-records.js'
import { MemoryLog } from '../../../infra/topic-log/memory-log/memory-log.js'
import { Codec } from '../../../schemas/codec.js'
import { FakeContainerIndex } from '../fakes/fake-container-index.js'
import { HOST_ID } from '../records/record-bench.js'
import { waitForCount } from '../wait-for.js'
import { TopicReader } from './topic-reader.js'

/** A running collector. */
export interface RunningCollector {
  readonly collector: Collector
  readonly reader: TopicReader
  readonly containers: FakeContainerIndex
  /** Publishes an event of a container, as the tracker would. */
  publishContainer(event: ContainerEventBody): void
  /** Stops the collector, then waits until everything was read. */
  stop(): Promise<void>
}

/** Starts one. The memory log holds `log` bounds. */
export async function runCollector(
  source: EventSource,
  options: CollectorOptions = {},
  log: Partial<MemoryLogConfig> = {},
  deps: Partial<CollectorDeps> = {},
): Promise<RunningCollector> {
  const memoryLog = new MemoryLog(log)
  const codec = new Codec()
  const reader = await TopicReader.open(memoryLog, codec)
  const containers = new FakeContainerIndex()
  let listener: (event: ContainerEventBody) => void = () => undefined
  const collector = await startCollector(options, {
    source,
    identity: { hostId: HOST_ID, version: '0.1.0-test' },
    sink: { topicLog: memoryLog, codec },
    containers: {
      index: containers,
      onEvent: (given) => {
        listener = given
        return () => (listener = () => undefined)
      },
      count: () => 0,
    },
    counters: () => ({}),
    log: SILENT_LOGGER,
    ...deps,
  })
  const stop = async (): Promise<void> => {
    await collector.stop('test')
    reader.isHeld = false
    const appended = TopicReader.TOPICS.reduce((sum, topic) => sum + memoryLog.topic(topic).nextOffset, 0)
    await waitForCount('everything that was appended is read', () => reader.count, appended)
    await reader.stop()
    await memoryLog.close()
  }
  return { collector, reader, containers, publishContainer: (event) => listener(event), stop }
}
