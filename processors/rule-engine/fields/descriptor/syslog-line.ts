// A message that a process writes to the system log: a datagram to /dev/log that begins with `<PRIORITY>`. Read by `syslog.*`.
import type { RuleRecord } from '../rule-event.js'
import { byteTextOf } from '../../text/byte-text.js'
const FACILITIES = (
  'kern user mail daemon auth syslog lpr news uucp cron authpriv ftp ntp logaudit logalert clock local0 local1 local2 local3 local4 ' +
  'local5 local6 local7'
).split(' ')
const SEVERITIES = 'emerg alert crit err warn notice info debug'.split(' ')
const LOG_SOCKET = '/dev/log'

/** What {@link syslogLine} reads. */
export const SYSLOG_SOURCE = 'NetworkEvent.type NetworkEvent.unixPath NetworkEvent.payload'

/** A message with the two parts of its priority. */
export interface SyslogLine {
  readonly facility: number
  readonly severity: number
  /** Byte text after the priority. */
  readonly message: string
}

/** Whether the event writes to the system log. */
export function isSyslogWrite(event: RuleRecord): boolean {
  return event.topic === 'network' && event.record.type === 'send' && event.record.unixPath?.endsWith(LOG_SOCKET) === true
}

/** The message of an event; null for any other event, and for a message without a priority. */
export function syslogLine(event: RuleRecord): SyslogLine | null {
  if (event.topic !== 'network' || !isSyslogWrite(event) || event.record.payload === null) return null
  const match = /^<([0-9]{1,3})>([^]*)$/.exec(byteTextOf(event.record.payload))
  if (match?.[1] === undefined) return null
  const priority = Number(match[1])
  return { facility: priority >> 3, severity: priority & 7, message: match[2] ?? '' }
}

/** Name of a facility; undefined for an invalid number. */
export function facilityText(facility: number): string | undefined {
  return FACILITIES[facility]
}

/** Name of a severity; undefined for an invalid number. */
export function severityText(severity: number): string | undefined {
  return SEVERITIES[severity]
}
