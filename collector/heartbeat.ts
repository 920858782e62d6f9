// The body of a heartbeat: the loss ledger, the probes, everything that exceeded a bound, and what the collector costs.
// It is read from the parts for each heartbeat; nothing is stored here.
import { arch } from 'node:os'
import type { ProbeState } from '../native/addon.js'
import type { Loss } from '../schemas/generated/types.js'
import type { Ledger } from './ledger/ledger.js'
import type { HeartbeatBody } from './publish/own-events.js'
import type { EventSource } from './source/event-source.js'
import type { BootClock } from './clock.js'
import type { SeenNames } from './dns/seen-names.js'
import type { EventContext } from './pipeline/event-context.js'
import type { RecordPipeline } from './pipeline/record-pipeline.js'
import { KIND_MAX, SEQUENCE } from '../native/generated/layout.js'
import { sequenceName } from './ring-events/event-kinds.js'
import { ledgerNames } from './ledger/account.js'
import { unknownCallCounters } from './unknown-calls.js'
import type { LossLog } from './ledger/loss-log.js'
import type { HostUsers } from './users/user-names.js'
import type { EventPublisher } from './publish/event-publisher.js'

/** Beginning of the counters of events over a budget; the kind follows. */
export const BUDGET_COUNTERS = 'suppressed.budget.'

/** Sources of a heartbeat. */
interface HeartbeatDeps {
  readonly source: EventSource
  readonly ledger: Ledger
  readonly version: string
  readonly startedAtUs: number
  /** Requested programs of trackers of aggregates. */
  readonly usageProbes: () => readonly ProbeState[]
  /** Counters by name, of everything that truncates, evicts, repeats or refuses. */
  readonly counters: () => Readonly<Record<string, number>>
  readonly processes: () => number
  readonly containers: () => number
}

/** Builds the body of a heartbeat from the current state. */
export function heartbeatBody(deps: HeartbeatDeps, isLast: boolean, losses: Loss[]): HeartbeatBody {
  const { source, ledger } = deps
  const { user, system } = process.cpuUsage()
  return {
    collectorVersion: deps.version,
    kernelRelease: source.facts.kernelRelease,
    architecture: arch(),
    startedAtUs: deps.startedAtUs,
    isLast,
    probes: [...source.probes, ...deps.usageProbes()].map(({ name, isAttached, error }) => ({ name, isAttached, error })),
    ledger: ledger.accounts(source.counters()).map(({ inFlight: _, ...entry }) => entry),
    losses,
    counters: { ...deps.counters() },
    processes: deps.processes(),
    containers: deps.containers(),
    cpuUs: user + system,
    rssBytes: process.memoryUsage.rss(),
  }
}

/** Parts with counters. */
interface CountingParts {
  readonly context: EventContext
  readonly users: HostUsers
  readonly names: SeenNames
  readonly pipeline: RecordPipeline
  readonly ledger: Ledger
  readonly losses: LossLog
  readonly publisher: EventPublisher
  readonly clock: BootClock
  readonly source: EventSource
  /** Counters of the caller's parts, such as the container tracker. */
  readonly others: () => Readonly<Record<string, number>>
}

/** Reads all counters. */
export function collectorCounters(parts: CountingParts): Record<string, number> {
  const { context, pipeline, ledger } = parts
  const { table } = context
  const counters: Record<string, number> = {
    'records.malformed': pipeline.malformed,
    'records.unaccounted': ledger.unaccounted,
    'calls.ringAssumed': pipeline.assumed,
    'losses.merged': parts.losses.merged,
    'processes.evictedLive': table.counters.evictedLive,
    'processes.evictedExited': table.counters.evictedExited,
    'processes.retiredEarly': table.retiredEarly,
    'processes.fromProc': table.counters.fromProc,
    'processes.fromEvent': table.counters.fromEvent,
    'processes.procReadsRefused': table.counters.procReadsRefused,
    'processes.argsBlocked': table.counters.argsBlocked,
    'containers.unknownMemberships': context.processes.unknownContainers,
    'processes.pipesEvicted': context.pipes.evicted,
    'containers.entriesEvicted': context.processes.entries.evicted,
    'processes.encodings': context.processes.encodings,
    'users.skipped': parts.users.skipped ?? 0,
    'dns.namesEvicted': parts.names.evicted,
    'publisher.bufferedBytes': parts.publisher.bufferedBytes,
    'clock.steps': parts.clock.steps,
    ...parts.others(),
  }
  const { clockOffsetMs } = parts.publisher
  if (clockOffsetMs !== null) counters['publisher.clockOffsetMs'] = clockOffsetMs
  for (const [name, count] of Object.entries(parts.publisher.counters)) counters[`publisher.${name}`] = count
  for (const [name, count] of Object.entries(parts.publisher.spoolCounters)) counters[`spool.${name}`] = count
  for (const [name, count] of context.textFlags) counters[`texts.${name}`] = count
  for (const sequence of Object.values(SEQUENCE)) {
    const { missing, repeated, inversions } = pipeline.sequenceTotals(sequence)
    const name = sequenceName(sequence)
    counters[`sequence.${name}.missing`] = missing
    counters[`sequence.${name}.repeated`] = repeated
    counters[`sequence.${name}.inversions`] = inversions
  }
  parts.source.pinned?.unread().forEach((count, kind) => {
    if (count > 0) counters[`noReader.${ledgerNames(kind)[1]}`] = count
  })
  for (const [filter, kinds] of Object.entries(parts.source.suppressions?.() ?? {})) {
    kinds.forEach((count, kind) => {
      if (count > 0) counters[`suppressed.${filter}.${ledgerNames(kind)[1]}`] = count
    })
  }
  for (let kind = 0; kind < KIND_MAX; kind++) {
    const count = ledger.suppressedOf(kind)
    if (count > 0) counters[`suppressed.rules.${ledgerNames(kind)[1]}`] = count
  }
  Object.assign(counters, unknownCallCounters(parts.source.unknownCalls?.() ?? Buffer.alloc(0)))
  for (const [program, misses] of Object.entries(parts.source.recursionMisses())) counters[`recursionMisses.${program}`] = misses
  return counters
}
