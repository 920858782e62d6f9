// The columns that an event can have, and what aggregates have in them: one line of the table for each.
import { resultText } from '../../../processors/rule-engine/fields/kernel-names/result-names.js'
import { clockTime } from '../../terminal/alert-text.js'
import type { Cell, Column, PrintedRecord, RowContext } from './column.js'
import { kindOf, type PrintedEvent } from './event-kind.js'

/** Characters of an id that tell containers apart for people. */
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

/** How long it took: the life of a process that ended, of a connection that was closed; microseconds, null for other events. */
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

/** What is the same of both. */
function both(value: (printed: PrintedRecord, context: RowContext) => Cell): Pick<Column, 'event' | 'usage'> {
  return { event: value, usage: value }
}

/** Of many: neither of a container nor of the host. */
function isSum({ topic, record }: PrintedRecord): boolean {
  return topic === 'usage' && record.cgroupId === null
}
