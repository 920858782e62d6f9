// Creates the parts of the collector and connects them; collector.ts runs them.
import { type BootClock, FollowedClock, RecordedClock, SystemClocks } from './clock.js'
import { collectorCounters, heartbeatBody } from './heartbeat.js'
import type { Checkpoint } from './checkpoint/checkpoint.js'
import type { CollectorDeps, CollectorOptions } from './collector-options.js'
import { type HostUsers, RECORDED_USERS } from './users/user-names.js'
import { SeenNames } from './dns/seen-names.js'
import { FileChangeEncoder, FileEventEncoder } from './encoder/file-event-encoder.js'
import { KernelEventEncoder } from './encoder/kernel-event-encoder.js'
import { NetworkEventEncoder } from './encoder/network-event-encoder.js'
import { OriginEncoder } from './encoder/origin-encoder.js'
import { ProcessEventEncoder } from './encoder/process-event-encoder.js'
import { NO_HASHES } from './executables/executable-hashes.js'
import { Ledger } from './ledger/ledger.js'
import { LossLog } from './ledger/loss-log.js'
import type { Loss } from '../schemas/generated/types.js'
import { OwnEvents, type HeartbeatBody } from './publish/own-events.js'
import { cgroupHandlers, processHandlers } from './pipeline/process-handlers.js'
import { DropEvents } from './drops/drop-events.js'
import { EventContext } from './pipeline/event-context.js'
import { fileChangeHandlers, kernelCallHandlers, networkHandlers, openHandler } from './pipeline/event-handlers.js'
import { type FullListener, RecordPipeline } from './pipeline/record-pipeline.js'
import { HostPaths, NO_HOST, type PathLocator } from './mounts/host-paths.js'
import { ProcessTable } from './processes/process-table.js'
import { procReader } from './processes/proc-reader.js'
import { EventPublisher } from './publish/event-publisher.js'
import { KIND } from '../native/generated/layout.js'
import type { Surroundings } from './recording/surroundings.js'
import type { EventSource, RingIndex } from './source/event-source.js'
import { Users } from './users/users.js'
import { OwnerFacts } from './usage/usage-owner.js'

/** What a running collector consists of. */
export interface CollectorParts {
  readonly clock: BootClock
  readonly users: HostUsers
  readonly table: ProcessTable
  readonly ledger: Ledger
  readonly publisher: EventPublisher
  readonly context: EventContext
  readonly processEvents: ProcessEventEncoder
  readonly pipeline: RecordPipeline
  readonly ownEvents: OwnEvents
  readonly heartbeat: (isLast: boolean, losses: Loss[]) => HeartbeatBody
  /** When events were lost; updated each second. */
  readonly losses: LossLog
  /** Drops as events; null for a source without a kernel. */
  readonly drops: DropEvents | null
  /** Of pinned rings, once it is open. */
  checkpoint: Checkpoint | null
}

/** Creates the parts. @param onFull called when the log has no room for a ring */
export async function makeParts(options: CollectorOptions, deps: CollectorDeps, onFull: FullListener): Promise<CollectorParts> {
  const { source, identity: who, log } = deps
  const { codec, ...sink } = deps.sink
  const { redactor = null } = options
  const { facts } = source
  const { clock, users, containers, hashes, locator, readProc } = surroundingsOf(options, deps)
  const startedAtUs = Date.now() * 1000
  const identity = { hostId: who.hostId, hostName: facts.hostName, bootId: facts.bootId }
  const own = { ...identity, epoch: startedAtUs }
  const kernel = new OriginEncoder({ ...identity, epoch: who.epochUs ?? source.pinned?.epochUs ?? startedAtUs })
  const table = new ProcessTable({ readProc, locator, redactor, ...options.processTable })
  const ledger = new Ledger(facts.cpus)
  const publisher = await EventPublisher.open({
    ...sink,
    ledger,
    key: Buffer.from(who.hostId),
    onSafe: (ring, position) => free(parts, source, ring, position),
    onLoss: (topic, records, reason) => log.warn({ topic, records, reason }, 'events were lost before they reached the log'),
  })
  const context = new EventContext({ table, containers, users, hashes, publisher, clock, locator, screen: deps.screen ?? null })
  const processEvents = new ProcessEventEncoder(
    codec.schemaId('process'),
    kernel,
    new OriginEncoder({ ...identity, epoch: who.startedAtUs ?? startedAtUs }),
    redactor,
  )
  const names = new SeenNames()
  const handlers = new Map([
    ...processHandlers(context, processEvents),
    ...cgroupHandlers(context, (cgroupId, hierarchyId) => deps.usage?.cgroupRemoved(cgroupId, hierarchyId)),
    [KIND.open, openHandler(context, new FileEventEncoder(codec.schemaId('file'), kernel, locator), deps.pathVerdicts ?? null)] as const,
    ...fileChangeHandlers(context, new FileChangeEncoder(codec.schemaId('file'), kernel, locator)),
    ...networkHandlers(context, new NetworkEventEncoder(codec.schemaId('network'), kernel), names),
    ...kernelCallHandlers(context, new KernelEventEncoder(codec.schemaId('kernel'), kernel, containers, locator, redactor)),
  ])
  const pipeline = new RecordPipeline(context, ledger, handlers, facts.cpus, onFull, source.pinned?.isAdopted === true)
  const others = (): Readonly<Record<string, number>> => ({ ...deps.counters(), ...deps.usage?.counters(), ...redactor?.report() })
  const losses = new LossLog()
  const counters = (): Record<string, number> =>
    collectorCounters({ context, users, names, pipeline, ledger, losses, publisher, clock, source, others })
  const heartbeatDeps = {
    source,
    ledger,
    version: who.version,
    startedAtUs,
    usageProbes: () => deps.usage?.probes() ?? [],
    counters,
    processes: () => table.size,
    containers: deps.containers.count,
  }
  const ownEvents = new OwnEvents({ codec, publisher, ledger, clock, identity: own })
  const heartbeat = (isLast: boolean, since: Loss[]): HeartbeatBody => heartbeatBody(heartbeatDeps, isLast, since)
  const shared = { clock, users, table, ledger, publisher, context, processEvents, pipeline, ownEvents, heartbeat, losses }
  const drops =
    source.budgets === undefined
      ? null
      : new DropEvents({ source, context, codec, origin: kernel, ledger, ownEvents, log }, source.pinned?.isAdopted === true)
  const parts: CollectorParts = { ...shared, drops, checkpoint: null }
  return parts
}

/** All that is read of the host, and the locator that works with it. */
function surroundingsOf(
  { argsBytes = 8192 }: CollectorOptions,
  { source, containers, host = {} }: CollectorDeps,
): Surroundings & { readonly locator: PathLocator } {
  const { bootToWallUs, isLive } = source.facts
  const own: Surroundings = {
    clock: host.clock ?? (bootToWallUs === null ? new FollowedClock(new SystemClocks()) : new RecordedClock(bootToWallUs)),
    users: host.users ?? (isLive ? new Users() : RECORDED_USERS),
    containers: containers.index,
    hashes: host.hashes ?? NO_HASHES,
    host: isLive ? (host.paths ?? NO_HOST) : NO_HOST,
    readProc: isLive ? procReader('/proc', argsBytes) : null,
  }
  const all = host.surroundings?.(own) ?? own
  return { ...all, locator: new HostPaths(all.host) }
}

/** Writes the checkpoint before the ring is freed. */
function free({ checkpoint }: CollectorParts, source: EventSource, ring: RingIndex, position: number): void {
  const { pinned } = source
  if (pinned !== null && pinned !== undefined) checkpoint?.advance(ring, position, pinned.unacked(ring, position))
  source.ack(ring, position)
}

/** Starts the wanted trackers of aggregates, if any. */
export function attachUsage(
  { table, clock, publisher, ownEvents }: Pick<CollectorParts, 'table' | 'clock' | 'publisher' | 'ownEvents'>,
  { usage, containers, host }: Pick<CollectorDeps, 'usage' | 'containers' | 'host'>,
): void {
  if (usage === undefined) return
  const facts = new OwnerFacts(table, containers.index)
  table.onEnd = (process) => {
    if (usage.isCounting) facts.ended(process)
  }
  usage.attach({
    facts,
    nameOf: (containerId) => containers.nameOf?.(containerId) ?? null,
    bootNow: () => clock.bootNow(),
    mayRead: () => host?.may?.('usage') ?? true,
    publish: (body) => ownEvents.usage(body),
    drop: (count) => ownEvents.dropUsage(count),
    bufferedBytes: () => publisher.bufferedBytes,
    flush: () => publisher.flush(),
  })
}
