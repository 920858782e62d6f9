// The columns that only aggregates have: one line of the table for each, named as the field of the record. Those that events have, too: event-columns.ts.
import type { Column } from './column.js'
import { callsText, capabilitiesText } from './usage-detail.js'

/** In the order of their list. */
export const USAGE_COLUMNS: readonly Column[] = [
  { name: 'scope', width: 8, usage: ({ record }) => record.scope },
  { name: 'interval_ms', width: 12, usage: ({ record }) => (record.endBootUs - record.startBootUs) / 1000 },
  { name: 'container_claim', width: 15, usage: ({ record }) => record.containerClaim },
  { name: 'cgroup_id', width: 12, usage: ({ record }) => record.cgroupId },
  { name: 'cgroup_path', width: 32, usage: ({ record }) => record.cgroupPath },
  { name: 'aggregates', width: 10, usage: ({ record }) => record.aggregates },
  { name: 'calls', width: 10, usage: ({ record }) => record.calls },
  { name: 'syscalls', width: 32, usage: ({ record }) => (record.syscalls === null ? null : callsText(record.syscalls)) },
  { name: 'is_path_truncated', width: 17, usage: ({ record }) => record.file?.isPathTruncated ?? null },
  { name: 'inode', width: 12, usage: ({ record }) => record.file?.inode ?? null },
  { name: 'device', width: 10, usage: ({ record }) => record.file?.device ?? null },
  { name: 'reads', width: 10, usage: ({ record }) => record.file?.reads ?? null },
  { name: 'writes', width: 10, usage: ({ record }) => record.file?.writes ?? null },
  { name: 'bytes_read', width: 14, usage: ({ record }) => record.file?.bytesRead ?? null },
  { name: 'bytes_written', width: 14, usage: ({ record }) => record.file?.bytesWritten ?? null },
  { name: 'remote_address', width: 15, usage: ({ record }) => record.tcp?.remoteAddress ?? null },
  { name: 'port', width: 5, usage: ({ record }) => record.tcp?.port ?? null },
  { name: 'is_server', width: 9, usage: ({ record }) => record.tcp?.isServer ?? null },
  { name: 'opened', width: 8, usage: ({ record }) => record.tcp?.opened ?? null },
  { name: 'failed', width: 8, usage: ({ record }) => record.tcp?.failed ?? null },
  { name: 'closed', width: 8, usage: ({ record }) => record.tcp?.closed ?? null },
  { name: 'open', width: 8, usage: ({ record }) => record.tcp?.open ?? null },
  { name: 'bytes_sent', width: 14, usage: ({ record }) => record.tcp?.bytesSent ?? null },
  { name: 'bytes_received', width: 14, usage: ({ record }) => record.tcp?.bytesReceived ?? null },
  { name: 'segments_retransmitted', width: 22, usage: ({ record }) => record.tcp?.segmentsRetransmitted ?? null },
  { name: 'round_trip_us', width: 13, usage: ({ record }) => record.tcp?.roundTripUs ?? null },
  { name: 'min_round_trip_us', width: 17, usage: ({ record }) => record.tcp?.minRoundTripUs ?? null },
  { name: 'max_round_trip_us', width: 17, usage: ({ record }) => record.tcp?.maxRoundTripUs ?? null },
  { name: 'connect_us', width: 10, usage: ({ record }) => record.tcp?.connectUs ?? null },
  { name: 'max_connect_us', width: 14, usage: ({ record }) => record.tcp?.maxConnectUs ?? null },
  { name: 'capabilities', width: 32, usage: ({ record }) => (record.capabilities === null ? null : capabilitiesText(record.capabilities)) },
]
