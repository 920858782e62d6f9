// Counts of TCP connections: read from struct tcp_usage of bpf/usage/usage.h, summed up, and converted to the fields of records.
import {
  TCP_USAGE_BYTES_RECEIVED,
  TCP_USAGE_BYTES_SENT,
  TCP_USAGE_CLOSED,
  TCP_USAGE_CONNECT_US,
  TCP_USAGE_FAILED,
  TCP_USAGE_MAX_CONNECT_US,
  TCP_USAGE_MAX_ROUND_TRIP_US,
  TCP_USAGE_MIN_ROUND_TRIP_US,
  TCP_USAGE_OPEN,
  TCP_USAGE_OPENED,
  TCP_USAGE_RETRANSMITTED,
  TCP_USAGE_ROUND_TRIPS,
  TCP_USAGE_ROUND_TRIP_US,
} from '../../../native/generated/layout.js'
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
  bytesSent: TCP_USAGE_BYTES_SENT,
  bytesReceived: TCP_USAGE_BYTES_RECEIVED,
  segmentsRetransmitted: TCP_USAGE_RETRANSMITTED,
  opened: TCP_USAGE_OPENED,
  failed: TCP_USAGE_FAILED,
  closed: TCP_USAGE_CLOSED,
  open: TCP_USAGE_OPEN,
  roundTrips: TCP_USAGE_ROUND_TRIPS,
  roundTripUs: TCP_USAGE_ROUND_TRIP_US,
  minRoundTripUs: TCP_USAGE_MIN_ROUND_TRIP_US,
  maxRoundTripUs: TCP_USAGE_MAX_ROUND_TRIP_US,
  connectUs: TCP_USAGE_CONNECT_US,
  maxConnectUs: TCP_USAGE_MAX_CONNECT_US,
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
