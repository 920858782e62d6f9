// Tracker of TCP: traffic, connections, round trips and connects by process, remote address and port. Reads the table of bpf/usage/tcp.bpf.c.
import { TCP_KEY, TCP_SIDE_CLIENT, TCP_SIDE_SERVER, TCP_USAGE } from '../../../native/generated/layout.js'
import type { TcpUsage } from '../../../schemas/generated/types.js'
import { addressText } from '../../encoder/address-text.js'
import { entryAggregates, sumRecord, type EntryLayout } from './entry-aggregates.js'
import { OverflowSteps } from './overflow.js'
import { NO_TCP_COUNTS, tcpCountsAt, tcpFigures, tcpSumOf, type TcpCounts } from './tcp-counts.js'
import type { UsageReader, UsageTracker } from '../usage-reader.js'

const LAYOUT: EntryLayout<TcpCounts> = {
  type: 'tcp',
  entryBytes: TCP_KEY.bytes + TCP_USAGE.bytes,
  commAt: TCP_KEY.bytes + TCP_USAGE.comm,
  countsAt: (bytes, at) => tcpCountsAt(bytes, at + TCP_KEY.bytes, bytes.readUInt32LE(at + TCP_KEY.side) === TCP_SIDE_CLIENT),
  weightOf: ({ bytesSent, bytesReceived, opened, failed }) => bytesSent + bytesReceived + opened + failed,
  sumOf: tcpSumOf,
  entryBody: (counts, bytes, at) => ({
    calls: counts.opened + counts.failed,
    tcp: {
      remoteAddress: addressText(bytes, at + TCP_KEY.remote, bytes.readUInt16LE(at + TCP_KEY.family)),
      port: bytes.readUInt16LE(at + TCP_KEY.port),
      isServer: isServerOf(bytes.readUInt32LE(at + TCP_KEY.side)),
      ...tcpFigures(counts),
    },
  }),
  sumBody: (counts) => ({
    calls: counts.opened + counts.failed,
    tcp: { remoteAddress: null, port: null, isServer: null, ...tcpFigures(counts) },
  }),
}

/** A reader of the table. */
export function tcpReader(): UsageReader {
  const overflow = new OverflowSteps()
  return {
    read: (round) => {
      const { records, filtered } = entryAggregates(round.reading.tables['connections'] ?? Buffer.alloc(0), LAYOUT, round)
      const unplaced = overflowCounts(overflow.step(round.reading.overflow))
      const hasOverflow = Object.values(unplaced).some((count) => count > 0)
      return { records: hasOverflow ? [...records, sumRecord('overflow', unplaced, LAYOUT, round.interval)] : records, filtered }
    },
  }
}

/** Definition of the tracker. */
export const TCP_TRACKER: UsageTracker = {
  name: 'tcp-usage',
  description: 'bytes, connections, round trips and retransmissions of TCP counted by process, remote address and port',
  program: 'tcp',
  entries: (maxEntries) => ({ connections: maxEntries }),
  overflowNames: ['opened', 'failed', 'closed', 'open', 'bytesSent', 'bytesReceived', 'retransmitted', 'sockets'],
  reader: tcpReader,
}

/** By enum tcp_overflow. Sockets that found no room are in no record, only in the heartbeat. */
function overflowCounts(steps: readonly number[]): TcpCounts {
  const [opened = 0, failed = 0, closed = 0, open = 0, bytesSent = 0, bytesReceived = 0, segmentsRetransmitted = 0] = steps
  return { ...NO_TCP_COUNTS, opened, failed, closed, open, bytesSent, bytesReceived, segmentsRetransmitted }
}

function isServerOf(side: number): TcpUsage['isServer'] {
  return side === TCP_SIDE_CLIENT || side === TCP_SIDE_SERVER ? side === TCP_SIDE_SERVER : null
}
