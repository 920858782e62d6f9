// Counts of TCP connections: read from struct tcp_usage of bpf/usage/usage.h, summed up, and converted to the fields of records.
import { TCP_USAGE } from '../../../native/generated/layout.js'
import type { TcpUsage } from '../../../schemas/generated/types.js'
import { low52BitsAt } from '../../ring-events/event-header.js'

/** Numbers of struct tcp_usage, and how many of the opened connections the process initiated. Times are sums in microseconds. */
export interface TcpCounts {
  readonly bytesSent: number
  readonly bytesReceived: number
  readonly segmentsRetransmitted: number
  readonly opened: number
  readonly failed: number
  readonly closed: number
  readonly open: number
  readonly roundTrips: number
  readonly roundTripUs: number
  /** 0 for none. */
  readonly minRoundTripUs: number
  readonly maxRoundTripUs: number
  readonly connectUs: number
  readonly maxConnectUs: number
  readonly connects: number
}

/** Offset of each number in struct tcp_usage. */
const NUMBERS_AT: Readonly<Record<Exclude<keyof TcpCounts, 'connects'>, number>> = {
  bytesSent: TCP_USAGE.bytesSent,
  bytesReceived: TCP_USAGE.bytesReceived,
  segmentsRetransmitted: TCP_USAGE.retransmitted,
  opened: TCP_USAGE.opened,
  failed: TCP_USAGE.failed,
  closed: TCP_USAGE.closed,
  open: TCP_USAGE.open,
  roundTrips: TCP_USAGE.roundTrips,
  roundTripUs: TCP_USAGE.roundTripUs,
  minRoundTripUs: TCP_USAGE.minRoundTripUs,
  maxRoundTripUs: TCP_USAGE.maxRoundTripUs,
  connectUs: TCP_USAGE.connectUs,
  maxConnectUs: TCP_USAGE.maxConnectUs,
}

/** All counts at zero. */
export const NO_TCP_COUNTS: TcpCounts = {
  ...{ bytesSent: 0, bytesReceived: 0, segmentsRetransmitted: 0, opened: 0, failed: 0, closed: 0, open: 0 },
  ...{ roundTrips: 0, roundTripUs: 0, minRoundTripUs: 0, maxRoundTripUs: 0, connectUs: 0, maxConnectUs: 0, connects: 0 },
}

/** Reads struct tcp_usage at `at`. */
export function tcpCountsAt(bytes: Buffer, at: number, isClient: boolean): TcpCounts {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const counts = { ...NO_TCP_COUNTS }
  for (const [name, offset] of Object.entries(NUMBERS_AT)) Object.assign(counts, { [name]: low52BitsAt(view, at + offset) })
  return { ...counts, connects: isClient ? counts.opened : 0 }
}

/** Sums of counts; minimum and maximum of times. */
export function tcpSumOf(all: readonly TcpCounts[]): TcpCounts {
  return all.reduce(
    (sum, one) => ({
      bytesSent: sum.bytesSent + one.bytesSent,
      bytesReceived: sum.bytesReceived + one.bytesReceived,
      segmentsRetransmitted: sum.segmentsRetransmitted + one.segmentsRetransmitted,
      opened: sum.opened + one.opened,
      failed: sum.failed + one.failed,
      closed: sum.closed + one.closed,
      open: sum.open + one.open,
      roundTrips: sum.roundTrips + one.roundTrips,
      roundTripUs: sum.roundTripUs + one.roundTripUs,
      minRoundTripUs: Math.min(...[sum.minRoundTripUs, one.minRoundTripUs].filter((time) => time > 0), Infinity),
      maxRoundTripUs: Math.max(sum.maxRoundTripUs, one.maxRoundTripUs),
      connectUs: sum.connectUs + one.connectUs,
      maxConnectUs: Math.max(sum.maxConnectUs, one.maxConnectUs),
      connects: sum.connects + one.connects,
    }),
    NO_TCP_COUNTS,
  )
}

/** The fields of a record: means instead of sums, null where nothing was measured. */
export function tcpFigures(counts: TcpCounts): Omit<TcpUsage, 'remoteAddress' | 'port' | 'isServer'> {
  const { bytesSent, bytesReceived, segmentsRetransmitted, opened, failed, closed, open, roundTrips, connects } = counts
  const isMeasured = roundTrips > 0
  return {
    ...{ opened, failed, closed, open, bytesSent, bytesReceived, segmentsRetransmitted },
    roundTripUs: isMeasured ? Math.round(counts.roundTripUs / roundTrips) : null,
    minRoundTripUs: isMeasured ? counts.minRoundTripUs : null,
    maxRoundTripUs: isMeasured ? counts.maxRoundTripUs : null,
    connectUs: connects > 0 ? Math.round(counts.connectUs / connects) : null,
    maxConnectUs: connects > 0 ? counts.maxConnectUs : null,
  }
}
