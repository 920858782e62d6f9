// The beginning of a collector over pinned rings: it goes on where the last one ended, and keeps its own checkpoint from there on.
import type { CollectorDeps } from '../collector-options.js'
import type { CollectorParts } from '../collector-parts.js'
import { RING } from '../source/event-source.js'
import { Checkpoint } from './checkpoint.js'
import { replayRecords } from './replay-records.js'

/**
 * Takes over what the last collector knew and how far it came.
 * @returns records per account of the ledger that were settled before
 */
export function takeUp(parts: CollectorParts, { source, checkpoint, logger }: CollectorDeps): ReadonlyMap<number, number> {
  const pinned = source.pinned ?? null
  const loaded = checkpoint?.loaded ?? null
  if (pinned?.isAdopted !== true || checkpoint === undefined) return new Map()
  if (loaded === null) {
    logger.warn({ path: checkpoint.path }, 'no checkpoint of the pinned rings: what was published of them before is not in the ledger')
    return new Map()
  }
  try {
    parts.table.restore(loaded.state.table)
    for (const entry of parts.table.entries()) parts.context.processes.entries.restore(entry)
    for (const records of loaded.records) replayRecords(parts.context, records)
  } catch (error) {
    logger.warn(
      { err: error, path: checkpoint.path },
      'the processes of the checkpoint can not be read: events of ended ones are told with less',
    )
  }
  parts.ledger.restore(loaded.settled, loaded.dropped)
  // Written before the ring was freed: what stands there is safe, also when the kill came in between.
  const isWhole = pinned.skipTo(RING.security, loaded.securityPosition) && pinned.skipTo(RING.bulk, loaded.bulkPosition)
  const isBehind = pinned.ackedPosition(RING.security) > loaded.securityPosition || pinned.ackedPosition(RING.bulk) > loaded.bulkPosition
  if (!isWhole || isBehind) logger.warn({ path: checkpoint.path }, 'the checkpoint does not fit the pinned rings: the ledger misses events')
  return loaded.settled
}

/** Begins the checkpoint of this collector; null for a source that is not pinned. */
export function beginCheckpoint(parts: CollectorParts, deps: CollectorDeps, settled: ReadonlyMap<number, number>): Checkpoint | null {
  const { source, checkpoint: options, logger } = deps
  const pinned = source.pinned ?? null
  if (pinned === null || options === undefined) return null
  const { table, ledger, publisher } = parts
  const { bootId } = source.facts
  return new Checkpoint(
    {
      path: options.path,
      state: () => ({ bootId, epochUs: pinned.epochUs, table: table.save(), cgroups: options.saveCgroups() }),
      handled: () => [publisher.handledPosition(RING.security), publisher.handledPosition(RING.bulk)],
      accountOf: (kind, cpu) => ledger.accountOf(kind, cpu),
      lostPairs: () => ledger.lostPairs(),
      onFailure: (error) =>
        logger.warn(
          { err: error, path: options.path },
          'the checkpoint can not be written: after a kill less is known of processes that ended',
        ),
    },
    [pinned.ackedPosition(RING.security), pinned.ackedPosition(RING.bulk)],
    settled,
  )
}
