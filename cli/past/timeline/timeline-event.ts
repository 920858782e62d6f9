// An event of a timeline: its kind, a sentence, and its fields as flat columns, which are those of the archive. All texts are untrusted.
import { TOPICS } from '../../../infra/topic-log/topics.js'
import { ARCHIVE_COLUMNS, type ArchiveTopic } from '../../../processors/forensics/columns.js'
import type { PastRecordOf } from '../../../processors/forensics/history/past-reader.js'
import { RULE_TOPICS, type RuleRecord } from '../../../processors/rule-engine/fields/rule-event.js'
import type { Process } from '../../../schemas/generated/types.js'
import { detailOf, isOfKind, kindOf } from '../../collect/details.js'

/** Topics of a timeline. */
export const TIMELINE_TOPICS = ['process', 'file', 'network', 'kernel', 'container', 'alerts', 'host'] as const
export type TimelineTopic = (typeof TIMELINE_TOPICS)[number]

/** A record of one of them. */
export type TimelineEvent = PastRecordOf<TimelineTopic>

/** A value of a column. */
export type FlatValue = string | number | boolean | null

/** True for an event of a process that rules are evaluated on. */
export function isRuleEvent(event: TimelineEvent): event is RuleRecord {
  return (RULE_TOPICS as readonly string[]).includes(event.topic)
}

/** `exec`, `open-write`, `connect`, `started`, `alert`, `heartbeat`. */
export function kindOfEvent(event: TimelineEvent): string {
  if (isRuleEvent(event)) return kindOf(event)
  return event.topic === 'container' ? event.record.type : event.topic === 'alerts' ? 'alert' : 'heartbeat'
}

/** Whether it is of one of the kinds. */
export function isOfKinds(event: TimelineEvent, kinds: ReadonlySet<string>): boolean {
  return kinds.has(event.topic) || kinds.has(kindOfEvent(event)) || (isRuleEvent(event) && isOfKind(event, kinds))
}

/** The process of an event; null for one of a container or host. */
export function processOfEvent(event: TimelineEvent): Process | null {
  return event.topic === 'container' || event.topic === 'host' ? null : event.record.process
}

/** The container of an event; null for none. */
export function containerOfEvent(event: TimelineEvent): string | null {
  return event.topic === 'container' ? event.record.containerId : (processOfEvent(event)?.containerId ?? null)
}

/** What happened, without who did it. */
export function detailOfEvent(event: TimelineEvent): string {
  if (isRuleEvent(event)) return detailOf(event)
  switch (event.topic) {
    case 'alerts':
      return `${event.record.priority}: ${event.record.rule}: ${event.record.output}`
    case 'container':
      return `${event.record.facts?.name ?? event.record.containerId} ${event.record.facts?.image ?? ''}`.trimEnd()
    default:
      return `collector ${'collectorVersion' in event.record ? event.record.collectorVersion : ''}`
  }
}

/** The event as a sentence. */
export function messageOfEvent(event: TimelineEvent): string {
  const process = processOfEvent(event)
  const who = process === null ? '' : `${process.name} (${String(process.pid)}, ${process.user ?? String(process.uid)}) `
  return `${who}${kindOfEvent(event)} ${detailOfEvent(event)}`.trimEnd()
}

/** Columns of the archive in the order of the export. */
export const FLAT_COLUMNS: readonly string[] = [
  ...new Set((TIMELINE_TOPICS satisfies readonly ArchiveTopic[]).flatMap((topic) => ARCHIVE_COLUMNS[topic].map(({ name }) => name))),
]

/** The columns of the event; absent ones are null. */
export function flatFields(event: TimelineEvent): Record<string, FlatValue> {
  const fields: Record<string, FlatValue> = { topic: TOPICS[event.topic].name }
  for (const { name, field } of ARCHIVE_COLUMNS[event.topic]) fields[name] = valueAt(event.record, field)
  return fields
}

function valueAt(record: object, path: string): FlatValue {
  let value: unknown = record
  for (const part of path.split('.')) {
    if (typeof value !== 'object' || value === null) return null
    value = (value as Readonly<Record<string, unknown>>)[part]
  }
  if (Array.isArray(value)) return value.map(String).join(' ')
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? value : null
}
