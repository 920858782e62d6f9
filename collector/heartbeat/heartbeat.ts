// What a heartbeat says: the loss ledger, the probes, what went beyond a bound, and what the collector costs.
// Read from the parts when it is due; keeps nothing itself.
import { arch } from 'node:os'
import type { ProbeState } from '../../native/kernel-session.js'
import type { HostEvent, Loss } from '../../schemas/generated/types.js'
import type { Ledger } from '../ledger/ledger.js'
import type { EventSource } from '../source/event-source.js'

/** A heartbeat without its origin. */
export type HeartbeatBody = Omit<HostEvent, 'origin'>

/** Where a heartbeat reads. */
export interface HeartbeatDeps {
  readonly source: EventSource
  readonly ledger: Ledger
  readonly version: string
  readonly startedAtUs: number
  /** Programs that count for trackers of aggregates, where they were asked for. */
  readonly usageProbes: () => readonly ProbeState[]
  /** Counters by name, of everything that truncates, evicts, repeats or refuses. */
  readonly counters: () => Readonly<Record<string, number>>
  readonly processes: () => number
  readonly containers: () => number
}

/** Makes the body of a heartbeat from the state of now. */
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
