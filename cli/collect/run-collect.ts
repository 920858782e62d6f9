// `collect` with its parts: a host over Kafka, or over a memory log that is printed.
import { join } from 'node:path'
import { writingCodec } from '../../assembly/codec.js'
import { followPlanFile, startControl } from '../../assembly/control.js'
import { type Host, startHost } from '../../assembly/host.js'
import { leavePrivileges } from '../../assembly/least-privilege.js'
import { untilRead } from '../../assembly/log-read.js'
import { addCollectorMetrics, startMetrics } from '../../assembly/metrics.js'
import { type HostRecording, startRecording } from '../../assembly/recording.js'
import { startServiceWatch } from '../../assembly/service-watch.js'
import { type OpenedSource, openSource, usageTrackersOf } from '../../assembly/source.js'
import { type Watching, openWatching } from '../../assembly/watching.js'
import type { Collector } from '../../collector/collector-options.js'
import type { Spooling } from '../../collector/publish/event-publisher.js'
import { Spool } from '../../collector/spool/spool.js'
import type { SpooledAppenderOptions } from '../../collector/spool/spooled-appender.js'
import type { UsageTrackers } from '../../collector/usage/usage-trackers.js'
import type { Config } from '../../infra/config/config-schema.js'
import { kafkaConfigOf } from '../../infra/config/kafka-settings.js'
import type { KafkaTopicLog } from '../../infra/kafka/kafka-topic-log.js'
import type { Lifecycle } from '../../infra/process/lifecycle.js'
import type { Logger } from '../../infra/process/logger.js'
import { type StateFolder, defaultStateFolder, openStateFolder } from '../../infra/process/state-folder.js'
import { MemoryLog } from '../../infra/topic-log/memory-log/memory-log.js'
import { hostPinFolder, unloadPins } from '../../native/pins.js'
import { RULE_TOPICS } from '../../processors/rule-engine/fields/rule-event.js'
import { Codec } from '../../schemas/codec.js'
import { runUntilEnded } from '../lifecycle.js'
import type { CommandContext } from '../settings.js'
import { widthOf } from '../terminal/terminal-text.js'
import type { CollectFlags } from './collect-flags.js'
import { type Column, chosenColumns } from './columns.js'
import { ContainerNames, EventFilter, MAX_NAMES } from './event-filter.js'
import { startEventPrinter } from './event-printer.js'

const PRINT_MS = 5000
const OUTAGE_MS = 1000
const PRINTED = ['container', 'usage', ...RULE_TOPICS] as const

/** Collects until a signal, the end of the duration or of the capture. */
export async function runCollect(flags: CollectFlags, context: CommandContext): Promise<void> {
  const { config, log } = context
  const state = await openStateFolder(config.stateFolder ?? defaultStateFolder())
  if (flags.unload === true) return unload(state.hostId)
  const names = new ContainerNames(MAX_NAMES, () => {
    if (flags.container !== undefined)
      log.warn({ names: MAX_NAMES }, 'too many container names: events of the oldest containers are matched by id only')
  })
  const filter = new EventFilter(flags, names)
  const columns = flags.columns === undefined ? null : chosenColumns(flags.columns)
  const { opened, recording, summary } = openRecorded(flags, context, state.hostId)
  let host: Host | undefined
  const reason = await runUntilEnded(
    log,
    async (lifecycle) => {
      lifecycle.onStop('source', () => {
        opened.source.close()
        opened.release()
        return Promise.resolve()
      })
      const { metrics } = await startMetrics(config.metrics, log, lifecycle, 'later')
      addCollectorMetrics(metrics, () => host?.collector.figures() ?? null)
      const watching = openWatching(opened.source, config.collector, log)
      await followPlanFile(config.collector, watching, log, lifecycle)
      const usage = opened.captureFile === null ? usageTrackersOf(config.collector, log) : null
      await startControl(
        config,
        {
          ...watching,
          usage,
          metrics,
          figures: () => host?.collector.figures() ?? null,
          activity: () => host?.collector.activity() ?? null,
        },
        log,
        lifecycle,
      )
      leavePrivileges(config.collector, { isLive: opened.captureFile === null, folders: [state.path, hostPinFolder(state.hostId)] }, log)
      const hostOf = flags.output === 'kafka' ? toKafka : printed
      host = await hostOf({ flags, context, opened, watching, recording, state, names, filter, columns, usage }, lifecycle)
      startServiceWatch({ source: opened.source, log }, lifecycle)
      const attached = opened.source.probes.filter(({ isAttached }) => isAttached).length
      log.info({ hostId: state.hostId, probes: attached, containers: host.tracker.counters().containers }, 'collecting')
      if (opened.source.pinned !== null && opened.source.pinned !== undefined)
        log.info(
          {},
          'probes and rings stay in the kernel after the end, so that a restart loses nothing; eunomia collect --unload removes them',
        )
    },
    flags.duration === undefined ? undefined : AbortSignal.timeout(flags.duration),
  )
  const stats = host?.collector.stats()
  if (filter.flags.length > 0) {
    const { printed: events, leftOut } = filter
    log.info({ by: filter.flags, leftOut, printed: events }, 'events that were collected but not printed')
  }
  const more = { ...(flags.container === undefined ? {} : { forgottenNames: names.forgotten }), ...summary() }
  log.info({ reason, events: stats?.published, spooled: stats?.spooled, lost: stats?.lost, ...more, cpuUs: stats?.cpuUs }, 'ended')
}

interface Recorded {
  readonly opened: OpenedSource
  readonly recording: HostRecording | null
  /** For the last log line. */
  readonly summary: () => object
}

function openRecorded({ capture, output, record, recordMax }: CollectFlags, { config, log }: CommandContext, hostId: string): Recorded {
  // Printed events end with the process, so nothing is pinned for the next one.
  const opened = openSource(config.collector, capture, false, output === 'kafka' ? { hostId, log } : null)
  if (record === undefined) return { opened, recording: null, summary: () => ({}) }
  try {
    const started = startRecording(opened, { file: record, maxBytes: recordMax }, hostId, log)
    return { ...started, summary: () => ({ recording: started.summary() }) }
  } catch (error) {
    opened.source.close()
    opened.release()
    throw error
  }
}

function unload(hostId: string): void {
  const sets = unloadPins(hostPinFolder(hostId))
  process.stdout.write(sets === 0 ? 'nothing was pinned on this host\n' : 'removed the pinned probes and rings of this host\n')
}

interface Collecting {
  readonly flags: CollectFlags
  readonly context: CommandContext
  readonly opened: OpenedSource
  readonly watching: Watching
  readonly recording: HostRecording | null
  readonly state: StateFolder
  readonly names: ContainerNames
  readonly filter: EventFilter
  readonly columns: readonly Column[] | null
  /** Null for a replay, which has no aggregates. */
  readonly usage: UsageTrackers | null
}

async function toKafka({ context, opened, watching, recording, state, usage }: Collecting, lifecycle: Lifecycle): Promise<Host> {
  const { config, log } = context
  const codec = await writingCodec(config.schemas, log, lifecycle.signal)
  const { KafkaTopicLog } = await import('../../infra/kafka/kafka-topic-log.js')
  const topicLog = new KafkaTopicLog(kafkaConfigOf(config.kafka), log)
  lifecycle.onStop('Kafka', async () => await topicLog.close())
  const spooling = await spoolingOf(config, state.path, topicLog, log, lifecycle)
  return await startHost(
    config.collector,
    {
      ...opened,
      watching,
      recording,
      topicLog,
      spooling,
      codec,
      hostId: state.hostId,
      stateFolder: state.path,
      log,
      usage: usage ?? undefined,
    },
    lifecycle,
  )
}

/** The spool in the state folder; undefined if its bound is 0. */
async function spoolingOf(
  { collector, kafka }: Config,
  stateFolder: string,
  topicLog: KafkaTopicLog,
  log: Logger,
  lifecycle: Lifecycle,
): Promise<Spooling | undefined> {
  const { maxBytes, sync } = collector.spool
  if (maxBytes === 0) return undefined
  const spool = await Spool.open({ folder: join(stateFolder, 'spool'), maxBytes, sync }, log)
  lifecycle.onStop('spool', async () => await spool.close())
  return { topicLog, spool, options: spoolOptions(kafka) }
}

/** A lingering batch is not an outage, so lingerMs is added. Memory of the spool must fit twice into the publisher's buffer. */
function spoolOptions({ lingerMs, maxBatchBytes, bufferBytes }: Config['kafka']): SpooledAppenderOptions {
  return {
    outageMs: OUTAGE_MS + lingerMs,
    blockBytes: Math.min(256 << 10, maxBatchBytes),
    windowBytes: Math.min(2 << 20, bufferBytes / 16),
    memoryBytes: Math.min(16 << 20, bufferBytes / 2),
  }
}

async function printed(collecting: Collecting, lifecycle: Lifecycle): Promise<Host> {
  const { flags, context, opened, watching, recording, names, filter, columns, usage } = collecting
  const { hostId } = collecting.state
  const { config, log } = context
  const codec = new Codec()
  const topicLog = new MemoryLog()
  const output = flags.output === 'kafka' ? 'json' : flags.output
  const options = { output, columns, filter, names, width: () => widthOf(process.stdout) }
  await lifecycle.start('printer', () => startEventPrinter(topicLog, codec, process.stdout, options))
  lifecycle.onStop('printing', () => untilRead(topicLog, PRINTED, PRINT_MS))
  return await startHost(
    config.collector,
    { ...opened, watching, recording, topicLog, codec, hostId, log, usage: usage ?? undefined, endOf: endWithCapture(opened, topicLog) },
    lifecycle,
  )
}

/** A replay ends when all its events are printed. */
function endWithCapture({ captureFile }: OpenedSource, topicLog: MemoryLog): (collector: Collector) => Promise<void> {
  return async (collector) => {
    await collector.done
    if (captureFile !== null) await untilRead(topicLog, PRINTED, PRINT_MS)
  }
}
