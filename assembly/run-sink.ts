// `eunomia run --sink URL`: delivers the alerts of this process, with queue and settlement in its memory.
import { UsageError } from '../infra/process/errors.js'
import type { Lifecycle } from '../infra/process/lifecycle.js'
import type { Logger } from '../infra/process/logger.js'
import type { Metrics } from '../infra/process/metrics.js'
import type { MemoryLog } from '../infra/topic-log/memory-log/memory-log.js'
import { DeadLetterWriter } from '../processors/delivery/dead-letters.js'
import { MemoryGroupStore } from '../processors/delivery/grouping/memory-group-store.js'
import { MemoryQueue } from '../processors/delivery/queue/memory-queue.js'
import { type SinkSettings, sinkSettingsOf } from '../processors/delivery/settings/delivery-settings.js'
import { MemorySettlement } from '../processors/delivery/settlement/memory-settlement.js'
import { startSink } from '../processors/delivery/start-sink.js'
import { Membership, valueReader } from '../processors/membership/membership.js'
import { MemoryStore } from '../processors/membership/memory-store.js'
import type { Codec } from '../schemas/codec.js'

/** What a sink of a run uses. */
interface RunSinkDeps {
  readonly topicLog: MemoryLog
  readonly codec: Codec
  readonly log: Logger
  readonly metrics: Metrics
}

/** A run loses its right to create files: no rotation. */
const NO_ROTATION = { maxBytes: 1024 ** 4, keep: 1, sync: 'none' }

/** The sink of a URL: `file:///path`, `stdout:`, or `http(s)://...` for a webhook. @throws UsageError, ConfigError */
export async function sinkOfUrl(text: string): Promise<SinkSettings> {
  const url = URL.canParse(text) ? new URL(text) : undefined
  const [, kind, own] = RUN_SINKS.find(([protocols]) => url !== undefined && protocols.includes(url.protocol)) ?? []
  if (url === undefined || kind === undefined || own === undefined)
    throw new UsageError(`--sink must be file:///PATH, stdout: or https://HOST/PATH, found ${text.slice(0, 100)}`)
  return await sinkSettingsOf('run', { kind, ...own(url) }, '--sink')
}

const RUN_SINKS: readonly (readonly [protocols: readonly string[], kind: string, own: (url: URL) => object])[] = [
  [['file:'], 'file', (url) => ({ path: decodeURIComponent(url.pathname), ...NO_ROTATION })],
  [['stdout:'], 'stdout', () => ({})],
  [['http:', 'https:'], 'webhook', (url) => ({ url: url.href })],
]

/** Starts the sink. What it has not delivered at the end is lost, and reported. */
export async function startRunSink(
  settings: SinkSettings,
  { topicLog, codec, log, metrics }: RunSinkDeps,
  lifecycle: Lifecycle,
): Promise<void> {
  log.warn({ kind: settings.kind.kind }, 'alerts are delivered from memory: what is not delivered when this run ends is lost')
  const deadLetters = await DeadLetterWriter.open(topicLog, codec)
  lifecycle.onStop('dead letters', async () => await deadLetters.close())
  const topic = topicLog.topic('alerts')
  lifecycle.onStop('undelivered', () => {
    const undelivered = topic.nextOffset - topic.finishedOffset
    if (undelivered > 0) log.warn({ alerts: undelivered }, 'alerts were not delivered')
    return Promise.resolve()
  })
  await lifecycle.start('sink', () =>
    startSink(settings, {
      ...{ topicLog, codec, log, metrics, deadLetters, instance: 'run' },
      membership: new Membership(new MemoryStore(), valueReader(codec), metrics, log),
      judge: () => 'send',
      backendOf: () => ({ queue: new MemoryQueue(), store: new MemorySettlement(), groupsOf: (bounds) => new MemoryGroupStore(bounds) }),
    }),
  )
}
