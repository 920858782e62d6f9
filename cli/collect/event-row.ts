// An event as columns, for a table and for CSV. Texts of events are anybody's: no control character comes through, so a row is a line.
import { resultText } from '../../processors/rule-engine/fields/kernel-names/errno-name.js'
import { kernelSummaryOf, networkSummaryOf } from '../../processors/rule-engine/alert-summary.js'
import type { RuleRecord } from '../../processors/rule-engine/judged-event.js'
import type { FileEvent, ProcessEvent } from '../../schemas/generated/types.js'
import { clockTime } from '../terminal/alert-text.js'
import { connectionText, dnsText, kernelObjectText } from '../terminal/object-text.js'
import { cut, printable } from '../terminal/terminal-text.js'

/** An event that is printed. */
export type PrintedEvent = RuleRecord

interface EventColumn {
  readonly title: string
  /** Columns in the table; null for the last one, which takes what is left. */
  readonly width: number | null
  readonly value: (event: PrintedEvent) => string
}

const SHORT_ID = 12

const TABLE: readonly EventColumn[] = [
  { title: 'TIME', width: 12, value: ({ record }) => clockTime(record.origin.wallTimeUs) },
  { title: 'EVENT', width: 10, value: kindOf },
  { title: 'PID', width: 7, value: ({ record }) => String(record.process.pid) },
  { title: 'USER', width: 10, value: ({ record }) => record.process.user ?? String(record.process.uid) },
  { title: 'CONTAINER', width: SHORT_ID, value: ({ record }) => (record.process.containerId ?? '<host>').slice(0, SHORT_ID) },
  { title: 'PROCESS', width: 15, value: ({ record }) => record.process.name },
  { title: 'DETAIL', width: null, value: detailOf },
]

const CSV: readonly EventColumn[] = [
  { title: 'time', width: null, value: ({ record }) => new Date(record.origin.wallTimeUs / 1000).toISOString() },
  { title: 'host', width: null, value: ({ record }) => record.origin.hostName },
  { title: 'event', width: null, value: kindOf },
  { title: 'pid', width: null, value: ({ record }) => String(record.process.pid) },
  { title: 'parent_pid', width: null, value: ({ record }) => String(record.process.parentPid) },
  { title: 'uid', width: null, value: ({ record }) => String(record.process.uid) },
  { title: 'user', width: null, value: ({ record }) => record.process.user ?? '' },
  { title: 'container', width: null, value: ({ record }) => record.process.containerId ?? '' },
  { title: 'process', width: null, value: ({ record }) => record.process.name },
  { title: 'exe', width: null, value: ({ record }) => record.process.exePath ?? '' },
  { title: 'result', width: null, value: ({ record }) => String('result' in record ? record.result : '') },
  { title: 'detail', width: null, value: detailOf },
]

/** Titles of the table, at most `width` columns. */
export function tableHeading(): string {
  return TABLE.map(({ title, width }) => (width === null ? title : title.padEnd(width))).join(' ')
}

/** A row of the table, at most `width` columns. */
export function tableRow(event: PrintedEvent, width: number): string {
  const cells = TABLE.map((column) => {
    const text = printable(column.value(event))
    return column.width === null ? text : cut(text, column.width).padEnd(column.width)
  })
  return cut(cells.join(' '), width)
}

/** Titles of the CSV. */
export function csvHeading(): string {
  return CSV.map(({ title }) => title).join(',')
}

/** A line of CSV (RFC 4180), control characters made visible. */
export function csvRow(event: PrintedEvent): string {
  return CSV.map((column) => quoted(printable(column.value(event)))).join(',')
}

function quoted(text: string): string {
  return /[",]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

function kindOf({ topic, record }: PrintedEvent): string {
  if (topic === 'process') return record.type === 'exec' && record.result < 0 ? 'refused' : record.type
  if (topic !== 'file' || record.type !== 'open') return record.type
  return record.isWrite ? (record.isCreate ? 'open-new' : 'open-write') : 'open-read'
}

function detailOf(event: PrintedEvent): string {
  switch (event.topic) {
    case 'process':
      return processDetail(event.record)
    case 'file':
      return fileDetail(event.record)
    default:
      return `${objectText(event)}${failure(event.record.result)}`.trimStart()
  }
}

function processDetail({ type, process, result, filename, attemptedArgs, exitCode, exitSignal, durationUs }: ProcessEvent): string {
  const command = process.args.join(' ')
  if (type === 'exec') return result < 0 ? `${filename ?? '?'} ${(attemptedArgs ?? []).join(' ')} (${resultText(result)})` : command
  if (type === 'exit') {
    const end = exitSignal === null ? `status ${String(exitCode ?? '?')}` : `signal ${String(exitSignal)}`
    return `${end} after ${durationUs === null ? '?' : (durationUs / 1e6).toFixed(3)} s`
  }
  if (type === 'fork') return `child of ${String(process.parentPid)}`
  return command
}

function fileDetail({ type, path, newPath, linkTarget, result }: FileEvent): string {
  const to = type === 'symlink' ? linkTarget : newPath
  return `${path ?? '?'}${to === null ? '' : ` -> ${to}`}${failure(result)}`
}

function objectText(event: Exclude<PrintedEvent, { topic: 'process' | 'file' }>): string {
  if (event.topic === 'network' && event.record.dns !== null) return dnsText(event.record.dns)
  const connection = networkSummaryOf(event)
  const object = event.topic === 'kernel' ? kernelSummaryOf(event) : null
  const path = event.topic === 'kernel' ? event.record.path : null
  const parts = [object === null ? '' : kernelObjectText(object, path), connection === null ? '' : connectionText(connection)]
  return parts.filter((part) => part !== '').join(' ')
}

function failure(result: number): string {
  return result < 0 ? ` (${resultText(result)})` : ''
}
