// One sink at work in one process: its reader, its worker, and what they share. Knows neither Kafka nor Redis.
import { messageOf, UsageError } from '../../infra/process/errors.js'
import type { Part } from '../../infra/process/lifecycle.js'
import { within } from '../../infra/waiting/clock.js'
import type { Alert } from '../../schemas/generated/types.js'
import type { FunctionConfig, FunctionDependencies } from '../runtime/function-runner.js'
import { startFunction } from '../runtime/start-function.js'
import { Breaker } from './breaker.js'
import type { DeadLetterWriter } from './dead-letters.js'
import { type InstanceReport, SinkAccounts, type Total } from './delivery-metrics.js'
import type { DeliveryQueue } from './queue/delivery-queue.js'
import { SinkReader, type Verdict } from './reader.js'
import type { SinkSettings } from './settings/delivery-settings.js'
import type { SettlementStore } from './settlement/settlement-store.js'
import { SinkWorker } from './worker.js'

/** What the instances of a sink share. */
export interface SinkBackend {
  readonly queue: DeliveryQueue
  readonly store: SettlementStore
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

/** Starts to deliver. @throws UsageError for settings that the kind can't use */
export async function startSink(settings: SinkSettings, deps: SinkDeps, config: FunctionConfig = {}): Promise<Part> {
  const { name, kind } = settings
  const { codec, log, metrics } = deps
  if (kind.takes !== 'alerts')
    throw new UsageError(`the kind of sink ${kind.kind} takes messages about groups, which deliver does not make yet`)
  const sender = await kind.create(settings.own as never, { name, log })
  const accounts = new SinkAccounts(metrics, name)
  const backend = deps.backendOf(name, accounts)
  const breaker = new Breaker(name, settings.backoff, log)
  const batch = {
    alerts: Math.min(kind.batch.alerts, settings.batch.alerts ?? Infinity),
    bytes: Math.min(kind.batch.bytes, settings.batch.bytes ?? Infinity),
  }
  const reader = new SinkReader(
    { sink: name, isOrdered: kind.isOrdered, batch, maxLag: settings.maxLag },
    { ...backend, codec, metrics: accounts, log, judge: (alert) => deps.judge(alert, name) },
  )
  const worker = new SinkWorker(
    { sink: name, timeoutMs: settings.timeoutMs, backoff: settings.backoff, ratePerSecond: settings.ratePerSecond },
    {
      ...{ sender, codec, breaker, log },
      store: backend.store,
      deadLetters: deps.deadLetters,
      metrics: accounts,
      onSettled: (partition, epoch, ranges) => reader.poke(partition, epoch, ranges),
    },
  )
  const failed = (error: unknown): never => {
    log.warn({ sink: name, error: messageOf(error) }, 'a job failed, it is tried again')
    throw error
  }
  const taking = backend.queue.work(async (job) => await worker.handle(job).catch((error: unknown) => failed(error)), settings.concurrency)
  const report = async (): Promise<void> => {
    const gained = accounts.takeGained()
    const state = { instance: deps.instance, breaker: breaker.state, atMs: Date.now() }
    await backend.status?.report(state, gained).catch(() => accounts.putBack(gained))
  }
  const reporting = setInterval(() => void report(), REPORT_MS)
  const reading = await startFunction(reader.definition, deps, config)
  let stopped: Promise<void> | undefined
  const stop = async (reason: string): Promise<void> => {
    await reading.stop(reason)
    worker.drain()
    const ended = taking.close()
    if (!(await within(DRAIN_MS, ended))) worker.stop()
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
