// One sink at work in one process: its reader, its worker, and what they share. Knows neither Kafka nor Redis.
import { messageOf } from '../../infra/process/errors.js'
import type { Part } from '../../infra/process/lifecycle.js'
import { within } from '../../infra/waiting/clock.js'
import type { Alert } from '../../schemas/generated/types.js'
import type { FunctionConfig, FunctionDependencies } from '../runtime/function-runner.js'
import { startFunction } from '../runtime/start-function.js'
import { Breaker } from './breaker.js'
import type { DeadLetterWriter } from './dead-letters.js'
import { type InstanceReport, SinkAccounts, type Total } from './delivery-metrics.js'
import { GroupOutlet } from './group-outlet.js'
import type { GroupBounds, GroupStore } from './grouping/group-store.js'
import { Grouping } from './grouping/grouping.js'
import { MessageWorker, type MessageWorkerDeps } from './message-worker.js'
import type { DeliveryQueue, JobHandler } from './queue/delivery-queue.js'
import { SinkReader, type Verdict } from './reader.js'
import type { SinkSettings } from './settings/delivery-settings.js'
import type { SettlementStore } from './settlement/settlement-store.js'
import { Sending } from './sending.js'
import type { SinkKind } from './sink.js'
import { SinkWorker, type WorkerDeps } from './worker.js'

/** What the instances of a sink share. */
export interface SinkBackend {
  readonly queue: DeliveryQueue
  readonly store: SettlementStore
  readonly groupsOf: (bounds: Partial<GroupBounds>) => GroupStore
  /** After how long the reader asks the queue whether a job was lost, milliseconds; default 10,000. */
  readonly doubtMs?: number
  /** Where totals of all instances are added up. */
  readonly status?: {
    report(report: InstanceReport, gained: ReadonlyMap<Total, number>): Promise<void>
    leave(instance: string): Promise<void>
  }
}

/** What a sink needs. */
export interface SinkDeps extends FunctionDependencies {
  /** @param accounts count what happens to the queue */
  readonly backendOf: (sink: string, accounts: SinkAccounts) => SinkBackend
  readonly deadLetters: Pick<DeadLetterWriter, 'write'>
  /** Name of this process in the status. */
  readonly instance: string
  readonly judge: (alert: Alert, sink: string) => Verdict
}

const REPORT_MS = 2_000
/** How long sends under way may take at a stop, milliseconds. */
const DRAIN_MS = 2_000
const CONCURRENCY = 4
/** Alerts that are read and not settled, of sinks that take alerts, and of those whose alerts wait for summaries. */
const ALERT_LAG = 10_000
const MESSAGE_LAG = 200_000

/** The reader of a sink, what handles its jobs, and what ends with it. */
interface SinkSides {
  readonly reader: SinkReader
  readonly handle: JobHandler
  readonly sender: { close(): Promise<void> }
}

/** What both sides of a sink share. */
interface SinkShared extends SinkDeps {
  readonly backend: SinkBackend
  readonly accounts: SinkAccounts
  readonly sending: Sending
}

async function alertSides(settings: SinkSettings, kind: Extract<SinkKind, { takes: 'alerts' }>, shared: SinkShared): Promise<SinkSides> {
  const { name, batch, maxLag, own } = settings
  const { accounts, backend, codec, deadLetters, log, sending } = shared
  const sender = await kind.create(own as never, { name, log })
  const alerts = Math.min(kind.batch.alerts, batch.alerts ?? Infinity)
  const bytes = Math.min(kind.batch.bytes, batch.bytes ?? Infinity)
  const jobs = { isOrdered: kind.isOrdered, alerts, bytes }
  const judge = (alert: Alert): Verdict => shared.judge(alert, name)
  const reader = new SinkReader({ sink: name, jobs, maxLag: maxLag ?? ALERT_LAG }, { ...backend, codec, metrics: accounts, log, judge })
  const onSettled: WorkerDeps['onSettled'] = (partition, epoch, ranges) => reader.poke(partition, epoch, ranges)
  const worker = new SinkWorker(sending, { sender, codec, log, store: backend.store, deadLetters, metrics: accounts, onSettled })
  return { reader, handle: (job) => worker.handle(job), sender }
}

async function messageSides(
  settings: SinkSettings,
  kind: Extract<SinkKind, { takes: 'messages' }>,
  shared: SinkShared,
): Promise<SinkSides> {
  const { name, maxLag, own, grouping: written } = settings
  const { accounts, backend, codec, deadLetters, log, sending } = shared
  const { queue, store } = backend
  const sender = await kind.create(own as never, { name, log })
  const grouping = new Grouping(written)
  const groups = backend.groupsOf(written.newPerMinute === undefined ? {} : { newPerMinute: written.newPerMinute })
  const outlet = new GroupOutlet({ sink: name, grouping, store: groups, queue, log })
  const judge = (alert: Alert): Verdict => shared.judge(alert, name)
  const readerDeps = { ...backend, codec, metrics: accounts, log, judge, groups: outlet }
  const reader = new SinkReader({ sink: name, maxLag: maxLag ?? MESSAGE_LAG }, readerDeps)
  const onSettled: MessageWorkerDeps['onSettled'] = (partition, ranges) => reader.poke(partition, null, ranges)
  const workerDeps = { sender, codec, log, store, groups, grouping, outlet, deadLetters, metrics: accounts, onSettled }
  const worker = new MessageWorker(sending, workerDeps)
  return { reader, handle: (job) => worker.handle(job), sender }
}

/** Starts to deliver. @throws UsageError for settings that the kind can't use */
export async function startSink(settings: SinkSettings, deps: SinkDeps, config: FunctionConfig = {}): Promise<Part> {
  const { name, kind, timeoutMs, backoff, ratePerSecond } = settings
  const { log, metrics } = deps
  const accounts = new SinkAccounts(metrics, name)
  const backend = deps.backendOf(name, accounts)
  const breaker = new Breaker(name, backoff, log)
  const ownRate = kind.takes === 'messages' ? kind.messagesPerSecond : null
  const sending = new Sending({ sink: name, timeoutMs, backoff, ratePerSecond: ratePerSecond ?? ownRate }, breaker, accounts)
  const shared = { ...deps, backend, accounts, sending }
  const sides = kind.takes === 'alerts' ? alertSides(settings, kind, shared) : messageSides(settings, kind, shared)
  const { handle, reader, sender } = await sides
  const failed = (error: unknown): never => {
    log.warn({ sink: name, error: messageOf(error) }, 'a job failed, it is tried again')
    throw error
  }
  const taking = backend.queue.work(
    async (job) => await handle(job).catch((error: unknown) => failed(error)),
    settings.concurrency ?? kind.concurrency ?? CONCURRENCY,
  )
  const report = async (): Promise<void> => {
    const gained = accounts.takeGained()
    const state = { instance: deps.instance, breaker: breaker.state, atMs: Date.now() }
    await backend.status?.report(state, gained).catch(() => accounts.putBack(gained))
  }
  const reporting = setInterval(() => void report(), REPORT_MS)
  const reading = await startFunction(reader.definition, deps, { from: settings.from, ...config })
  let stopped: Promise<void> | undefined
  const stop = async (reason: string): Promise<void> => {
    await reading.stop(reason)
    sending.drain()
    const ended = taking.close()
    if (!(await within(DRAIN_MS, ended))) sending.stop()
    await ended
    clearInterval(reporting)
    await report()
    await backend.status?.leave(deps.instance).catch(() => undefined)
    reader.close()
    breaker.close()
    await backend.queue.close()
    await sender.close()
  }
  return { done: reading.done, stop: async (reason) => await (stopped ??= stop(reason)) }
}
