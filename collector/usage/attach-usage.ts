// Ties the trackers of aggregates to a running collector: who their processes are, and where their records go.
import type { CollectorDeps } from '../collector-options.js'
import type { CollectorParts } from '../collector-parts.js'
import { OwnerFacts } from './usage-owner.js'

/** Starts those that are wanted; nothing without trackers. */
export function attachUsage(
  { table, clock, publisher, ownEvents }: Pick<CollectorParts, 'table' | 'clock' | 'publisher' | 'ownEvents'>,
  { usage, containers, containerName, may }: Pick<CollectorDeps, 'usage' | 'containers' | 'containerName' | 'may'>,
): void {
  if (usage === undefined) return
  const facts = new OwnerFacts(table, containers)
  table.onEnd = (process) => {
    if (usage.isCounting) facts.ended(process)
  }
  usage.attach({
    facts,
    nameOf: (containerId) => containerName?.(containerId) ?? null,
    bootNow: () => clock.bootNow(),
    mayRead: () => may?.('usage') ?? true,
    publish: (body) => ownEvents.usage(body),
    drop: (count) => ownEvents.dropUsage(count),
    bufferedBytes: () => publisher.bufferedBytes,
    flush: () => publisher.flush(),
  })
}
