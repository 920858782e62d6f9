// The columns that an event can have: one line of the table for each. A value is as the record has it; null is what there is not.
import { resultText } from '../../../processors/rule-engine/fields/kernel-names/errno-name.js'
import { clockTime } from '../../terminal/alert-text.js'
import { detailOf } from './event-detail.js'
import { kindOf, knownNames, type PrintedEvent } from './event-kind.js'

/** What a cell holds. */
export type Cell = string | number | null

/** What is known beside the events. */
export interface RowContext {
  /** Name of a container; undefined while it is not known. */
  containerName(containerId: string): string | undefined
}

/** One column. */
export interface EventColumn {
  readonly name: string
  /** Characters in the table; the last column takes what is left. */
  readonly width: number
  readonly value: (event: PrintedEvent, context: RowContext) => Cell
  /** In the table, where it is shorter there. */
  readonly short?: (event: PrintedEvent) => string
}

/** Characters of an id that tell containers apart for people. */
const SHORT_ID = 12
const TEXT_WIDTH = 32

const COLUMNS: readonly EventColumn[] = [
  {
    name: 'time',
    width: 12,
    value: ({ record }) => new Date(record.origin.wallTimeUs / 1000).toISOString(),
    short: ({ record }) => clockTime(record.origin.wallTimeUs),
  },
  { name: 'boot_us', width: 15, value: ({ record }) => record.origin.bootTimeUs },
  { name: 'host', width: 15, value: ({ record }) => record.origin.hostName },
  { name: 'topic', width: 7, value: ({ topic }) => topic },
  { name: 'kind', width: 10, value: kindOf },
  { name: 'syscall', width: 12, value: ({ record }) => (record.syscall === 'UNKNOWN' ? null : record.syscall) },
  { name: 'pid', width: 7, value: ({ record }) => record.process.pid },
  { name: 'tid', width: 7, value: ({ record }) => record.threadId },
  { name: 'parent_pid', width: 10, value: ({ record }) => record.process.parentPid },
  { name: 'uid', width: 6, value: ({ record }) => record.process.uid },
  { name: 'gid', width: 6, value: ({ record }) => record.process.gid },
  {
    name: 'user',
    width: 10,
    value: ({ record }) => record.process.user,
    short: ({ record }) => record.process.user ?? String(record.process.uid),
  },
  { name: 'login_user', width: 10, value: ({ record }) => record.process.loginUser },
  {
    name: 'container',
    width: SHORT_ID,
    value: ({ record }) => record.process.containerId,
    short: ({ record }) => (record.process.containerId ?? '<host>').slice(0, SHORT_ID),
  },
  {
    name: 'container_name',
    width: 20,
    value: ({ record: { process } }, { containerName }) =>
      process.containerId === null ? null : (containerName(process.containerId) ?? null),
  },
  { name: 'container_entry', width: 15, value: ({ record }) => record.process.containerEntry },
  { name: 'unit', width: 24, value: ({ record: { process } }) => process.systemdUserUnit ?? process.systemdUnit },
  { name: 'process', width: 15, value: ({ record }) => record.process.name },
  { name: 'exe', width: TEXT_WIDTH, value: ({ record }) => record.process.exePath },
  { name: 'exe_sha256', width: 64, value: ({ record }) => record.process.exeSha256 },
  { name: 'args', width: TEXT_WIDTH, value: ({ record }) => record.process.args.join(' ') },
  { name: 'cwd', width: TEXT_WIDTH, value: ({ record }) => record.process.cwd },
  { name: 'parent', width: 15, value: ({ record }) => record.process.ancestors[0]?.name ?? null },
  { name: 'path', width: TEXT_WIDTH, value: pathOf },
  { name: 'result', width: 6, value: ({ record }) => record.result },
  { name: 'error', width: 12, value: ({ record }) => (record.result < 0 ? resultText(record.result) : null) },
  { name: 'duration_ms', width: 12, value: (event) => inMs(durationUsOf(event)) },
  { name: 'cpu', width: 4, value: ({ record }) => record.origin.cpu },
  { name: 'seq', width: 10, value: ({ record }) => record.origin.seq },
  { name: 'detail', width: TEXT_WIDTH, value: detailOf },
]

const TABLE = 'time,kind,pid,user,container,process,detail'
const CSV = 'time,host,kind,pid,parent_pid,uid,user,container,process,exe,result,detail'

/** Columns by their names. @throws UsageError with the nearest name of each that there is not */
export function chosenColumns(names: readonly string[]): readonly EventColumn[] {
  const known = COLUMNS.map(({ name }) => name)
  return knownNames('--columns', 'column', names, known).flatMap((name) => COLUMNS.find((column) => column.name === name) ?? [])
}

/** Columns of a form of output when none are chosen. */
export function defaultColumns(output: 'csv' | 'table'): readonly EventColumn[] {
  return chosenColumns([output === 'csv' ? CSV : TABLE])
}

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
