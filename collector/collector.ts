// The collector: kernel records in, Avro records in the topic log out, and no loss without a count.
// This file is its lifecycle: start, heartbeats, back-pressure, drain. Knows no Kafka, no container runtime and no configuration file.
import type { AuditBody } from './watch/change-trail.js'
import { within } from '../infra/waiting/clock.js'
import { deferred } from '../infra/waiting/waiters.js'
import { beginCheckpoint, takeUp } from './checkpoint/take-up.js'
import { makeParts, type CollectorParts, attachUsage } from './collector-parts.js'
import type { Collector, CollectorDeps, CollectorFigures, CollectorOptions, CollectorStats } from './collector-options.js'
import type { Account } from './ledger/account.js'
import type { EventActivity } from './processes/event-counts.js'
import { publishSnapshot, seedProcesses } from './pipeline/snapshot.js'
import type { RingIndex } from './source/event-source.js'

const HEARTBEAT_MS = 10_000
const DRAIN_MS = 10_000
/** Least time for the last heartbeat. */
const LAST_BEAT_MS = 500
const HOUSEKEEPING_MS = 1000

/**
 * Starts to collect: seeds the process table, publishes the running processes, then handles the records of the source.
 * @throws errors of the log's appender or of the source, after closing the source
 */
export async function startCollector(options: CollectorOptions, deps: CollectorDeps): Promise<Collector> {
  const collector = new RunningCollector(options, deps)
  try {
    await collector.start()
  } catch (error) {
    await collector.giveUp()
    throw error
  }
  return collector
}

class RunningCollector implements Collector {
  readonly done: Promise<void>
  readonly #options: CollectorOptions
  readonly #deps: CollectorDeps
  readonly #startedAtUs = Date.now() * 1000
  readonly #startCpu = process.cpuUsage()
  #parts: CollectorParts | null = null
  #stopping: Promise<void> | null = null
  /** The final accounts; null while the source is open. */
  #lastAccounts: readonly Account[] | null = null
  /** Rings that the log has no room for. */
  readonly #waiting = new Set<RingIndex>()
  #timers: NodeJS.Timeout[] = []
  #unsubscribe: () => void = () => undefined
  readonly #ended = deferred()

  constructor(options: CollectorOptions, deps: CollectorDeps) {
    this.#options = options
    this.#deps = deps
    this.done = this.#ended.promise
    this.done.catch(() => undefined)
  }

  async start(): Promise<void> {
    const { source, containers } = this.#deps
    const parts = await makeParts(this.#options, this.#deps, (ring) => this.#waitForRoom(ring))
    this.#parts = parts
    this.#unsubscribe = containers.onEvent((event) => parts.ownEvents.container(event))
    const settled = takeUp(parts, this.#deps)
    // An earlier collector reported its losses; those since then are the difference of the ledgers.
    parts.losses.begin(source.pinned?.isAdopted === true ? this.#accounts() : [], Date.now() * 1000)
    this.#beat(false)
    const tasks = source.tasks()
    parts.pipeline.malformed += seedProcesses(parts.context, tasks)
    parts.checkpoint = beginCheckpoint(parts, this.#deps, settled)
    await publishSnapshot(parts.context, parts.processEvents, parts.ledger, tasks)
    source.start(parts.pipeline.receive)
    attachUsage(parts, this.#deps)
    this.#timers = [
      setInterval(() => this.#beat(false), this.#options.heartbeatMs ?? HEARTBEAT_MS),
      setInterval(() => this.#keepHouse(parts), HOUSEKEEPING_MS),
    ]
    source.done.then(
      () => void this.stop('the source has ended'),
      (error: unknown) => void this.#fail(error),
    )
  }

  /** Releases everything at once after a failure: events that are not safe are lost, and counted. */
  async giveUp(): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer)
    this.#unsubscribe()
    this.#deps.usage?.close()
    await this.#parts?.publisher.close(0).catch(() => undefined)
    this.#closeSource()
  }

  stop(reason: string): Promise<void> {
    return (this.#stopping ??= this.#drain(reason))
  }

  stats(): CollectorStats {
    const { table, publisher, pipeline } = this.#parts ?? {}
    const { user, system } = process.cpuUsage(this.#startCpu)
    const lost: Record<string, number> = {}
    let published = 0
    let inFlight = 0
    let spooled = 0
    for (const account of this.#lastAccounts ?? this.#accounts()) {
      // After the end, events in flight are lost, except those in the spool and in pinned rings, which the next run publishes.
      const isOver = this.#lastAccounts !== null && this.#deps.source.pinned?.keepsEvents !== true
      const underWay = isOver ? account.inFlight - account.spooled : 0
      const dropped = account.droppedRing + account.droppedCollector + account.droppedSpool + underWay
      if (dropped > 0) lost[account.kind] = (lost[account.kind] ?? 0) + dropped
      published += account.published
      inFlight += account.inFlight
      spooled += account.spooled
    }
    const [processes, bufferedBytes] = [table?.size ?? 0, publisher?.bufferedBytes ?? 0]
    const suppressed = pipeline?.suppressed ?? 0
    return { published, suppressed, lost, inFlight, spooled, cpuUs: user + system, processes, bufferedBytes }
  }

  figures(): CollectorFigures | null {
    if (this.#parts === null || this.#lastAccounts !== null) return null
    const { probes, processes, containers, counters } = this.#parts.heartbeat(false, [])
    return { accounts: this.#accounts(), losses: this.#parts.losses.recent, probes, processes, containers, counters }
  }

  audit(body: AuditBody): void {
    if (this.#parts !== null && this.#lastAccounts === null) this.#parts.ownEvents.audit(body)
  }

  activity(): EventActivity | null {
    if (this.#parts === null || this.#lastAccounts !== null) return null
    const { table } = this.#parts
    const { bootId } = this.#deps.source.facts
    return { bootId, startedAtUs: this.#startedAtUs, processes: [...table.eventCounts()], total: { ...table.total } }
  }

  #accounts(): readonly Account[] {
    return this.#parts?.ledger.accounts(this.#deps.source.counters()) ?? []
  }

  /** The counters of the kernel go with the source. */
  #closeSource(): void {
    this.#lastAccounts ??= this.#accounts()
    this.#parts?.checkpoint?.close()
    this.#deps.source.close()
  }

  #beat(isLast: boolean): void {
    const parts = this.#parts
    if (parts === null) return
    this.#updateLosses(parts)
    const losses = parts.losses.take()
    if (!parts.ownEvents.heartbeat(() => parts.heartbeat(isLast, losses))) parts.losses.putBack(losses)
  }

  #keepHouse(parts: CollectorParts): void {
    parts.clock.refresh()
    parts.users.refresh?.()
    if (this.#deps.host?.may?.('procReads') ?? true) parts.table.refillProcReads()
    parts.checkpoint?.keepHouse()
    parts.drops?.look()
    this.#updateLosses(parts)
  }

  #updateLosses({ losses }: CollectorParts): void {
    losses.look(this.#accounts(), Date.now() * 1000)
  }

  /** What the log has no room for stays in its ring until there is room; the kernel holds the records there, or counts drops. */
  #waitForRoom(ring: RingIndex): void {
    const parts = this.#parts
    if (parts === null || this.#waiting.has(ring)) return
    this.#waiting.add(ring)
    parts.publisher.drained(ring).then(
      () => {
        this.#waiting.delete(ring)
        parts.pipeline.resume(ring)
        this.#deps.source.resume(ring)
      },
      (error: unknown) => void this.#fail(error),
    )
  }

  /** All steps together take at most `drainMs`, plus LAST_BEAT_MS for the last heartbeat. */
  async #drain(reason: string): Promise<void> {
    const { source, log } = this.#deps
    const deadline = performance.now() + (this.#options.drainMs ?? DRAIN_MS)
    const left = (): number => Math.max(0, deadline - performance.now())
    log.debug({ reason }, 'the collector stops')
    for (const timer of this.#timers) clearInterval(timer)
    try {
      await settledWithin(left(), this.#deps.usage?.end())
      source.stop()
      await settledWithin(left(), source.done)
      this.#unsubscribe()
      this.#parts?.drops?.look(true)
      await settledWithin(left(), this.#parts?.publisher.flush())
      this.#beat(true)
      await this.#parts?.publisher.close(Math.max(left(), LAST_BEAT_MS))
    } catch (error) {
      await this.giveUp()
      this.#ended.reject(error)
      throw error
    }
    this.#closeSource()
    this.#ended.resolve()
  }

  async #fail(error: unknown): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer)
    this.#stopping ??= this.#parts?.publisher.close(this.#options.drainMs ?? DRAIN_MS) ?? Promise.resolve()
    await this.#stopping.catch(() => undefined)
    await this.giveUp()
    this.#ended.reject(error)
  }
}

/** Waits for `work` for at most `ms`. The ledger shows its failure. */
async function settledWithin(ms: number, work: Promise<void> | undefined): Promise<void> {
  await within(ms, work).catch(() => undefined)
}
