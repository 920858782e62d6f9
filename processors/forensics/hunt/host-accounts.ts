// What the collectors themselves say of a time, from the heartbeats in the host topic: who they are, and what they lost.
import { Codec } from '../../../schemas/codec.js'
import { isRetryable } from '../../../infra/process/errors.js'
import { decodeLearned } from '../../runtime/decode-learned.js'
import type { DamagedRecords, History, HistoryQuery } from '../history/history.js'

/** A host. */
export interface HostAccount {
  readonly hostId: string
  readonly hostName: string
  /** Heartbeats in the time. */
  readonly heartbeats: number
  /** Events that its ledger lost in the time, by topic and place: `file kernel`. */
  readonly lost: Readonly<Record<string, number>>
}

/** Reads the heartbeats. A loss is reported after it happened: one at the end of the time is in a later heartbeat, which is read too. */
export async function readHostAccounts(
  history: History,
  { fromMs, toMs }: Pick<HistoryQuery, 'fromMs' | 'toMs'>,
  codec = new Codec(),
): Promise<{
  readonly hosts: readonly HostAccount[]
  /** Offsets of heartbeats that could not be read, or are gone. */ readonly unread: number
}> {
  const hosts = new Map<string, { hostName: string; heartbeats: number; lost: Record<string, number> }>()
  const { slices, partitions } = await history.plan({ topics: ['host'], fromMs, toMs: toMs + NEXT_HEARTBEAT_MS })
  let unread = partitions.flatMap(({ missing }) => missing).reduce((sum, { offsets: [from, to] }) => sum + to - from, 0)
  const onDamaged = ({ offsets: [from, to] }: DamagedRecords): void => void (unread += to - from)
  const signal = new AbortController().signal
  for (const slice of slices) {
    for await (const batch of history.read(slice, { signal, onDamaged })) {
      while (batch.next()) {
        const event = await decodeLearned('host', batch, codec).catch((error: unknown) => {
          if (isRetryable(error)) throw error
          return null
        })
        if (event === null) {
          unread++
          continue
        }
        const { origin, losses } = event
        const host = hosts.get(origin.hostId) ?? { hostName: origin.hostName, heartbeats: 0, lost: {} }
        hosts.set(origin.hostId, host)
        if (batch.timestampMs < toMs) host.heartbeats++
        for (const { untilUs, fromUs, topic, where, count } of losses) {
          if (untilUs < fromMs * 1_000 || fromUs >= toMs * 1_000) continue
          const name = `${topic} ${where}`
          host.lost[name] = (host.lost[name] ?? 0) + count
        }
      }
    }
  }
  return { hosts: [...hosts].map(([hostId, host]) => ({ hostId, ...host })).sort((a, b) => (a.hostId < b.hostId ? -1 : 1)), unread }
}

/** Heartbeats come every ten seconds. */
const NEXT_HEARTBEAT_MS = 60_000
