// Times of an event as the `evt.*time*` fields show them. Always UTC, so that a replay elsewhere gives the same text.
import type { RuleRecord } from '../judged-event.js'
import { nanoseconds } from '../field-value.js'

const pad = (value: number, digits: number): string => String(value).padStart(digits, '0')

/** Date, time of day, and the nine digits behind the second. */
function parts(event: RuleRecord): { date: string; time: string; fraction: string } {
  const us = event.record.origin.wallTimeUs
  const [date = '', rest = ''] = new Date(Math.floor(us / 1000)).toISOString().split('T')
  return { date, time: rest.slice(0, 8), fraction: `${pad(us % 1_000_000, 6)}000` }
}

export const eventTimeText = {
  time: (event: RuleRecord): string => `${parts(event).time}.${parts(event).fraction}`,
  timeSeconds: (event: RuleRecord): string => parts(event).time,
  iso8601: (event: RuleRecord): string => `${parts(event).date}T${parts(event).time}.${parts(event).fraction}+0000`,
  dateTime: (event: RuleRecord): string => `${parts(event).date} ${parts(event).time}.${parts(event).fraction}`,
  dateTimeSeconds: (event: RuleRecord): string => `${parts(event).date} ${parts(event).time}`,
}

/** Nanoseconds since 1970. */
export function eventTimeNs(event: RuleRecord): number | bigint {
  return nanoseconds(event.record.origin.wallTimeUs)
}
