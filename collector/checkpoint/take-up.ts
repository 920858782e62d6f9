// Starts a collector over pinned rings: it continues where the last one ended, and writes its own checkpoint from there.
import type { CollectorDeps } from '../collector-options.js'
import type { CollectorParts } from '../collector-parts.js'
import { RING } from '../source/event-source.js'
import { Checkpoint } from './checkpoint.js'
import { CgroupRecord, ExecRecord, ExitRecord, readFork } from '../ring-events/process-records.js'
import { KIND } from '../../native/generated/layout.js'
import type { EventContext } from '../pipeline/event-context.js'
import { framedLength, recordLength, RING_DISCARDED, RING_HEADER_BYTES } from '../source/ring-framing.js'

/**
 * Restores the state and the positions of the last collector.
 * @returns records per account of the ledger that were settled before
 */
export function takeUp(parts: CollectorParts, { source, checkpoint, log }: CollectorDeps): ReadonlyMap<number, number> {
  const pinned = source.pinned ?? null
  const loaded = checkpoint?.loaded ?? null
  if (pinned?.isAdopted !== true || checkpoint === undefined) return new Map()
  if (loaded === null) {
    log.warn({ path: checkpoint.path }, 'the pinned rings have no checkpoint: the ledger lacks events published before')
    return new Map()
  }
  try {
    parts.table.restore(loaded.state.table)
    for (const entry of parts.table.entries()) parts.context.processes.entries.restore(entry)
    for (const records of loaded.records) replayRecords(parts.context, records)
  } catch (error) {
    log.warn(
      { err: error, path: checkpoint.path },
      'the processes of the checkpoint can not be read: events of ended processes have fewer fields',
    )
  }
  parts.ledger.restore(loaded.settled, loaded.dropped)
  // The checkpoint was written before the ring was freed: these records are safe, also after a kill in between.
  const isWhole = pinned.skipTo(RING.security, loaded.securityPosition) && pinned.skipTo(RING.bulk, loaded.bulkPosition)
  const isAhead = pinned.ackedPosition(RING.security) > loaded.securityPosition || pinned.ackedPosition(RING.bulk) > loaded.bulkPosition
  if (!isWhole || isAhead) log.warn({ path: checkpoint.path }, 'the checkpoint does not match the pinned rings: the ledger lacks events')
  return loaded.settled
}

/** Begins the checkpoint of this collector; null for a source that is not pinned. */
export function beginCheckpoint(parts: CollectorParts, deps: CollectorDeps, settled: ReadonlyMap<number, number>): Checkpoint | null {
  const { source, checkpoint: options, log } = deps
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
        log.warn({ err: error, path: options.path }, 'the checkpoint can not be written: after a kill, ended processes are unknown'),
    },
    [pinned.ackedPosition(RING.security), pinned.ackedPosition(RING.bulk)],
    settled,
  )
}

/** Replays whole records after ring headers, in order. */
export function replayRecords(context: EventContext, bytes: Uint8Array): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const parts = {
    exec: new ExecRecord(),
    exit: new ExitRecord(),
    cgroup: new CgroupRecord(),
    decoder: new TextDecoder('utf-8', { ignoreBOM: true }),
  }
  for (let at = 0; at + RING_HEADER_BYTES <= bytes.length; at += framedLength(view.getUint32(at, true))) {
    const frame = view.getUint32(at, true)
    const [start, length] = [at + RING_HEADER_BYTES, recordLength(frame)]
    if ((frame & RING_DISCARDED) !== 0 || start + length > bytes.length) continue
    if (context.header.read(view, start, length)) replayOne(context, parts, { bytes, view, start, length })
  }
}

interface Parts {
  readonly exec: ExecRecord
  readonly exit: ExitRecord
  readonly cgroup: CgroupRecord
  readonly decoder: { decode(bytes: Uint8Array): string }
}

interface Place {
  readonly bytes: Uint8Array
  readonly view: DataView
  readonly start: number
  readonly length: number
}

function replayOne({ header, table, containers, processes }: EventContext, parts: Parts, { bytes, view, start, length }: Place): void {
  const { exec, exit, cgroup, decoder } = parts
  const cgroupId = (BigInt(header.cgroupHigh) << 32n) | BigInt(header.cgroupLow)
  switch (header.kind) {
    case KIND.fork: {
      const facts = readFork(bytes, view, start, length, table.kept)
      if (facts !== null) processes.place(table.fork(header, facts), header)
      return
    }
    case KIND.exec:
      if (exec.read(bytes, view, start, length)) processes.place(table.exec(header, exec, bytes, view), header)
      return
    case KIND.exit:
      if (exit.read(view, start, length)) processes.entries.exited(table.exit(header).process)
      return
    case KIND.cgroupMkdir:
      if (!cgroup.read(view, start, length)) return
      containers.cgroupCreated(cgroupId, cgroup.hierarchyId, decoder.decode(bytes.subarray(cgroup.pathStart, cgroup.pathEnd)), header.uid)
      return
    case KIND.cgroupRmdir:
      if (cgroup.read(view, start, length)) containers.cgroupRemoved(cgroupId, cgroup.hierarchyId)
      return
    default:
  }
}
