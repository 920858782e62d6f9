// The alert of a correlation: the alert of the event that completed it, with what the correlation says in the place of what the rule said.
import type { Alert, CorrelationMatch, Origin } from '../../../schemas/generated/types.js'
import { firingId } from './firing-identity.js'
import { firingText } from './firing-text.js'
import type { Firing } from './judge-window.js'

/** Most ids of events in one alert: the first ones; their number is told besides. */
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
