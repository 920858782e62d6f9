// Fields of an event's time: `evt.*time*`, `evt.latency*`. Always UTC, so that a replay elsewhere produces the same text.
import type { RuleRecord } from '../rule-event.js'
import { nanoseconds } from '../field-value.js'
import { constant, field, from, missing, type FieldDefinition } from '../field.js'

const pad = (value: number, digits: number): string => String(value).padStart(digits, '0')

/** Date, time of day, and the nine digits after the second. */
function parts(event: RuleRecord): { date: string; time: string; fraction: string } {
  const us = event.record.origin.wallTimeUs
  const [date = '', rest = ''] = new Date(Math.floor(us / 1000)).toISOString().split('T')
  return { date, time: rest.slice(0, 8), fraction: `${pad(us % 1_000_000, 6)}000` }
}

const eventTimeText = {
  time: (event: RuleRecord): string => `${parts(event).time}.${parts(event).fraction}`,
  timeSeconds: (event: RuleRecord): string => parts(event).time,
  iso8601: (event: RuleRecord): string => `${parts(event).date}T${parts(event).time}.${parts(event).fraction}+0000`,
  dateTime: (event: RuleRecord): string => `${parts(event).date} ${parts(event).time}.${parts(event).fraction}`,
  dateTimeSeconds: (event: RuleRecord): string => `${parts(event).date} ${parts(event).time}`,
}

/** Nanoseconds since 1970. */
function eventTimeNs(event: RuleRecord): number | bigint {
  return nanoseconds(event.record.origin.wallTimeUs)
}

const WALL = 'Origin.wallTimeUs'
const NO_ENTER = { deprecated: 'is not available due to the drop of enter events' }
const NO_CAPTURE = 'a stream of events has no beginning to count from'

/** The fields of this group, as lists show them. */
export const EVENT_TIME_FIELDS: readonly FieldDefinition[] = [
  field('evt.time', 'CHARBUF', 'Time of day of the event, UTC, with nanoseconds.', from(WALL, eventTimeText.time)),
  field('evt.time.s', 'CHARBUF', 'Time of day of the event, UTC.', from(WALL, eventTimeText.timeSeconds)),
  field('evt.time.iso8601', 'CHARBUF', 'Time of the event in ISO 8601, UTC, with nanoseconds.', from(WALL, eventTimeText.iso8601)),
  field('evt.datetime', 'CHARBUF', 'Date and time of the event, UTC, with nanoseconds.', from(WALL, eventTimeText.dateTime)),
  field('evt.datetime.s', 'CHARBUF', 'Date and time of the event, UTC.', from(WALL, eventTimeText.dateTimeSeconds)),
  field('evt.rawtime', 'ABSTIME', 'Time of the event: nanoseconds since 1970.', from(WALL, eventTimeNs)),
  field(
    'evt.rawtime.s',
    'ABSTIME',
    'Time of the event: whole seconds since 1970.',
    from(WALL, (event) => Math.floor(event.record.origin.wallTimeUs / 1_000_000)),
    { unit: 's since 1970' },
  ),
  field(
    'evt.rawtime.ns',
    'ABSTIME',
    'Nanoseconds after evt.rawtime.s.',
    from(WALL, (event) => (event.record.origin.wallTimeUs % 1_000_000) * 1000),
    { unit: 'ns' },
  ),
  missing('evt.reltime', 'RELTIME', 'Nanoseconds since the beginning of the capture.', NO_CAPTURE),
  missing('evt.reltime.s', 'RELTIME', 'Seconds since the beginning of the capture.', NO_CAPTURE, { unit: 's' }),
  missing('evt.reltime.ns', 'RELTIME', 'Nanoseconds after evt.reltime.s.', NO_CAPTURE),
  missing('evt.deltatime', 'RELTIME', 'Nanoseconds since the event before.', NO_CAPTURE),
  missing('evt.deltatime.s', 'RELTIME', 'Seconds since the event before.', NO_CAPTURE, { unit: 's' }),
  missing('evt.deltatime.ns', 'RELTIME', 'Nanoseconds after evt.deltatime.s.', NO_CAPTURE),
  field('evt.outputtime', 'CHARBUF', 'The same as evt.time.', from(WALL, eventTimeText.time)),
  field('evt.latency', 'RELTIME', 'Always 0.', constant(0), NO_ENTER),
  field('evt.latency.s', 'RELTIME', 'Always 0.', constant(0), { ...NO_ENTER, unit: 's' }),
  field('evt.latency.ns', 'RELTIME', 'Always 0.', constant(0), NO_ENTER),
  field('evt.latency.quantized', 'UINT64', 'Always 0.', constant(0), NO_ENTER),
  field('evt.latency.human', 'CHARBUF', 'Always 0ns.', constant('0ns'), NO_ENTER),
  field('evt.wait_latency', 'RELTIME', 'Always 0.', constant(0), NO_ENTER),
]
