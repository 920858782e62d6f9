// Columns of printed events and aggregates: their names, widths and cells.
import { resultText } from '../../processors/rule-engine/fields/kernel-names/result-names.js'
import type { UsageRecord } from '../../schemas/generated/types.js'
import { clockTime } from '../terminal/alert-text.js'
import { type PrintedEvent, callsText, capabilitiesText, detailOf, kindOf, knownNames, usageDetailOf } from './details.js'

/** A printed aggregate. */
export interface PrintedUsage {
  readonly topic: 'usage'
  readonly record: UsageRecord
}

/** A row: an event or an aggregate. */
export type PrintedRecord = PrintedEvent | PrintedUsage

/** Value of a cell. */
export type Cell = string | number | boolean | null

/** Knowledge beyond the records. */
export interface RowContext {
  /** Name of a container; undefined while it is unknown. */
  containerName(containerId: string): string | undefined
}

/** One column. */
export interface Column {
  readonly name: string
  /** Width in the table, characters; the last column takes the rest. */
  readonly width: number
  /** Default: empty for events. */
  readonly event?: (event: PrintedEvent, context: RowContext) => Cell
  /** Default: empty for aggregates. */
  readonly usage?: (usage: PrintedUsage, context: RowContext) => Cell
  /** Shorter form for the table; null to use the value. */
  readonly short?: (printed: PrintedRecord) => string | null
}

/** Columns of events, in display order. A value is as in the record; null is absent. */
export function cellOf(column: Column, printed: PrintedRecord, context: RowContext): Cell {
  return (printed.topic === 'usage' ? column.usage?.(printed, context) : column.event?.(printed, context)) ?? null
}

/** Characters of an id that distinguish containers for people. */
const SHORT_ID = 12
const TEXT_WIDTH = 32

/** In the order of their list. */
export const EVENT_COLUMNS: readonly Column[] = [
  {
    name: 'time',
    width: 12,
    ...both(({ record }) => new Date(record.origin.wallTimeUs / 1000).toISOString()),
    short: ({ record }) => clockTime(record.origin.wallTimeUs),
  },
  { name: 'boot_us', width: 15, ...both(({ record }) => record.origin.bootTimeUs) },
  { name: 'host', width: 15, ...both(({ record }) => record.origin.hostName) },
  { name: 'topic', width: 7, ...both(({ topic }) => topic) },
  { name: 'kind', width: 10, event: kindOf, usage: ({ record }) => record.type },
  { name: 'syscall', width: 12, event: ({ record }) => (record.syscall === 'UNKNOWN' ? null : record.syscall) },
  { name: 'pid', width: 7, event: ({ record }) => record.process.pid, usage: ({ record }) => record.process?.pid ?? null },
  { name: 'tid', width: 7, event: ({ record }) => record.threadId },
  { name: 'parent_pid', width: 10, event: ({ record }) => record.process.parentPid },
  { name: 'uid', width: 6, event: ({ record }) => record.process.uid },
  { name: 'gid', width: 6, event: ({ record }) => record.process.gid },
  {
    name: 'user',
    width: 10,
    event: ({ record }) => record.process.user,
    short: ({ topic, record }) => (topic === 'usage' ? null : (record.process.user ?? String(record.process.uid))),
  },
  { name: 'login_user', width: 10, event: ({ record }) => record.process.loginUser },
  {
    name: 'container',
    width: SHORT_ID,
    ...both(containerOf),
    short: (printed) => containerOf(printed)?.slice(0, SHORT_ID) ?? (isSum(printed) ? null : '<host>'),
  },
  {
    name: 'container_name',
    width: 20,
    ...both((printed, { containerName }) => {
      const id = containerOf(printed)
      return id === null ? null : (containerName(id) ?? null)
    }),
  },
  { name: 'container_entry', width: 15, event: ({ record }) => record.process.containerEntry },
  { name: 'unit', width: 24, event: ({ record: { process } }) => process.systemdUserUnit ?? process.systemdUnit },
  { name: 'process', width: 15, event: ({ record }) => record.process.name, usage: ({ record }) => record.process?.name ?? null },
  { name: 'exe', width: TEXT_WIDTH, event: ({ record }) => record.process.exePath, usage: ({ record }) => record.process?.exePath ?? null },
  { name: 'exe_sha256', width: 64, event: ({ record }) => record.process.exeSha256 },
  { name: 'args', width: TEXT_WIDTH, event: ({ record }) => record.process.args.join(' ') },
  { name: 'cwd', width: TEXT_WIDTH, event: ({ record }) => record.process.cwd },
  { name: 'parent', width: 15, event: ({ record }) => record.process.ancestors[0]?.name ?? null },
  { name: 'path', width: TEXT_WIDTH, event: pathOf, usage: ({ record }) => record.file?.path ?? null },
  { name: 'result', width: 6, event: ({ record }) => record.result },
  { name: 'error', width: 12, event: ({ record }) => (record.result < 0 ? resultText(record.result) : null) },
  { name: 'duration_ms', width: 12, event: (event) => inMs(durationUsOf(event)) },
  { name: 'cpu', width: 4, ...both(({ record }) => record.origin.cpu) },
  { name: 'seq', width: 10, ...both(({ record }) => record.origin.seq) },
]

/** Lifetime of an ended process or a closed connection, microseconds; null for other events. */
export function durationUsOf({ topic, record }: PrintedEvent): number | null {
  return topic === 'process' || topic === 'network' ? record.durationUs : null
}

function inMs(durationUs: number | null): number | null {
  return durationUs === null ? null : durationUs / 1000
}

function pathOf({ topic, record }: PrintedEvent): string | null {
  if (topic === 'process') return record.filename
  return topic === 'network' ? record.unixPath : record.path
}

function containerOf({ topic, record }: PrintedRecord): string | null {
  return topic === 'usage' ? record.containerId : record.process.containerId
}

/** Columns that events and aggregates share. */
function both(value: (printed: PrintedRecord, context: RowContext) => Cell): Pick<Column, 'event' | 'usage'> {
  return { event: value, usage: value }
}

/** Sum over many: neither of a container nor of the host. */
function isSum({ topic, record }: PrintedRecord): boolean {
  return topic === 'usage' && record.cgroupId === null
}

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

const DETAIL: Column = { name: 'detail', width: 32, event: detailOf, usage: ({ record }) => usageDetailOf(record) }
const COLUMNS: readonly Column[] = [...EVENT_COLUMNS, ...USAGE_COLUMNS, DETAIL]

const TABLE = 'time,kind,pid,user,container,process,detail'
const CSV = 'time,host,kind,pid,parent_pid,uid,user,container,process,exe,result,detail'

/** Columns by name. @throws UsageError with the nearest name for each unknown one */
export function chosenColumns(names: readonly string[]): readonly Column[] {
  const known = COLUMNS.map(({ name }) => name)
  return knownNames('--columns', 'column', names, known).flatMap((name) => COLUMNS.find((column) => column.name === name) ?? [])
}

/** Default columns of an output format. */
export function defaultColumns(output: 'csv' | 'table'): readonly Column[] {
  return chosenColumns([output === 'csv' ? CSV : TABLE])
}
