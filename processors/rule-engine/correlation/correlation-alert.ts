// The alert of a correlation: the alert of the event that completed it, with the correlation's own rule, message and identity.
import { createHash } from 'node:crypto'
import type { Firing } from './evaluate-window.js'
import { observationOf, type Observation } from './group-window.js'
import type { OutputFields } from '../output/fill-template.js'
import { thresholdsText, type CompiledCorrelation, type CorrelationType } from '../rule-set/compiled-correlation.js'
import type { Alert, CorrelationMatch, Origin } from '../../../schemas/generated/types.js'

/** Most event ids in one alert: the first ones. The alert has their number, too. */
const MAX_EVENT_IDS = 100

/** The event id as one text. */
export function eventIdOf(topic: string, { hostId, bootId, epoch, cpu, seq }: Origin): string {
  return [hostId, bootId, String(epoch), topic, String(cpu), String(seq)].join('/')
}

/** @param firing with the alerts of the rules that fed it as evidence */
export function correlationAlert(firing: Firing<Alert>): Alert {
  const { correlation, completing } = firing
  const { name, id, version, priority, tags, author, references } = correlation
  const { output, outputFields } = firingText(firing)
  return {
    ...completing.evidence,
    alertId: firingId(firing),
    rule: name,
    ruleId: id,
    ruleVersion: version,
    priority,
    language: 'sigma',
    tags,
    author,
    references,
    output,
    outputFields,
    correlation: matchOf(firing),
  }
}

function matchOf({ correlation, group, startUs, endUs, count, events, eventCount }: Firing<Alert>): CorrelationMatch {
  const groupBy: Record<string, string> = {}
  for (const [index, name] of correlation.groupBy.entries()) {
    const value = group[index] ?? ''
    Object.defineProperty(groupBy, name, { value, enumerable: true, writable: true, configurable: true })
  }
  const ids = new Set(events.slice(0, MAX_EVENT_IDS).map((event) => event.id))
  return {
    type: correlation.type,
    ruleIds: correlation.members.map((member) => member.id),
    groupBy,
    windowStartUs: startUs,
    windowEndUs: endUs,
    count,
    eventIds: [...ids],
    eventCount,
  }
}

/** Longest value in a message, in characters; the fields have the whole value. */
const MAX_SHOWN = 200
/** Placeholder for a field that the events do not have. */
const MISSING = '<NA>'

const RECKONED: Readonly<Partial<Record<CorrelationType, string>>> = {
  value_sum: 'sum',
  value_max: 'maximum',
  value_min: 'minimum',
  value_avg: 'average',
  value_median: 'median',
}

/** `Many failed logins: 5 events in 1m (User=root)`, and the fields in it. */
export function firingText({ correlation, group, count, events }: Firing<unknown>): {
  readonly output: string
  readonly outputFields: OutputFields
} {
  const fields = correlation.groupBy.map((name, index): [string, string | null] => [name, group[index] ?? null])
  const shown = fields.map(([name, value]) => `${name}=${shorten(value ?? MISSING)}`).join(', ')
  const { members, type } = correlation
  const matched = [...new Set(events.map(({ member }) => member))]
  if (type === 'temporal_ordered') matched.sort((a, b) => a - b)
  const titles = matched.map((member) => members[member]?.title ?? '')
  const which = type === 'temporal' || type === 'temporal_ordered' ? `: ${titles.join(', ')}` : ''
  const what = `${countText(correlation, count)} in ${correlation.timespan.text}${which}`
  return {
    output: `${correlation.name}: ${what}${shown === '' ? '' : ` (${shown})`}`,
    outputFields: fieldsOf([...fields, ['count', count]]),
  }
}

function countText({ type, members, valueFields, percentile }: CompiledCorrelation, count: number): string {
  const fields = valueFields.join('+')
  switch (type) {
    case 'event_count':
      return count === 1 ? '1 event' : `${String(count)} events`
    case 'value_count':
      return `${String(count)} different values of ${fields}`
    case 'temporal':
      return `${String(count)} of ${String(members.length)} rules`
    case 'temporal_ordered':
      return `${String(count)} of ${String(members.length)} rules in order`
    case 'value_percentile':
      return `percentile ${String(percentile)} of ${fields} is ${String(count)}`
    default:
      return `${RECKONED[type] ?? type} of ${fields} is ${String(count)}`
  }
}

/** `event_count of 'Failed login' by User in 5m >= 10`: the correlation in lists. */
export function conditionTextOf(
  correlation: Pick<CompiledCorrelation, 'type' | 'members' | 'groupBy' | 'valueFields' | 'percentile' | 'timespan' | 'thresholds'>,
): string {
  const { type, members, groupBy, valueFields, percentile, timespan, thresholds } = correlation
  const rules = members.map(({ title }) => `'${title}'`).join(type === 'temporal_ordered' ? ' then ' : ', ')
  const values = valueFields.length === 0 ? '' : `(${valueFields.join(', ')}${percentile === null ? '' : `, ${String(percentile)}`})`
  const by = groupBy.length === 0 ? '' : ` by ${groupBy.join(', ')}`
  return `${type}${values} of ${rules}${by} in ${timespan.text} ${thresholdsText(thresholds)}`
}

function shorten(text: string): string {
  return text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}...` : text
}

/** Users choose the names of fields: `__proto__` is an ordinary name. */
function fieldsOf(entries: readonly (readonly [string, string | number | null])[]): OutputFields {
  const fields: OutputFields = {}
  for (const [name, value] of entries) Object.defineProperty(fields, name, { value, enumerable: true, writable: true, configurable: true })
  return fields
}

/** Id of the alert: 32 hex digits over (rule, version, group, start of the window). It is the same for any order of events and any number of runs. */
export function firingId({ correlation, group, startUs }: Pick<Firing<unknown>, 'correlation' | 'group' | 'startUs'>): string {
  const parts = [correlation.id, correlation.version, group, startUs]
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 32)
}

/** A firing as an event for the correlations that it feeds: at the time when it was known, with the fields of the event that completed it. */
export function observationsAbove<Evidence>(firing: Firing<Evidence>): Observation<Evidence>[] {
  const { completing, atUs } = firing
  const moment = { timeUs: atUs, tie: completing.tie, id: firingId(firing) }
  return completing.above.map((reading) => observationOf(reading, moment, completing.evidence))
}
