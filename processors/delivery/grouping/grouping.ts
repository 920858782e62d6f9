// Groups of alerts for sinks that people read: which alerts belong together, when the next message is due, and what it says. The first alert of a
// group is sent at once, then one summary after each pause. Every alert is counted in exactly one message, so the counts add up to the topic's.
import { createHash } from 'node:crypto'
import { type Shaped, Type } from '../../../infra/config/json-shape.js'
import { stableIdOf } from '../../../schemas/alert-parts.js'
import type { Alert } from '../../../schemas/generated/types.js'
import type { GroupMessage, Names, PartitionRanges, TopicAlert } from '../sink.js'
import type { GroupedAlerts, OffsetPair, TakenWindow } from './group-store.js'

/** `grouping` of a sink that takes messages. */
export const GROUPING = Type.Object(
  {
    /** What alerts of a group have in common. Default rule and image. */
    by: Type.Optional(Type.Array(Type.Enum(['rule', 'priority', 'host', 'container', 'image', 'namespace']), { minItems: 1, maxItems: 6 })),
    /** Pauses before the summaries, seconds; the last one repeats. Default 10, 60, 600. A group without alerts for a pause ends. */
    summaries: Type.Optional(Type.Array(Type.Integer({ minimum: 1, maximum: 86_400 }), { minItems: 1, maxItems: 10 })),
    /** New groups of a minute; alerts beyond them share one group, so that a storm of kinds is not a storm of messages. Default 15. */
    newPerMinute: Type.Optional(Type.Integer({ minimum: 1, maximum: 1_000 })),
  },
  { additionalProperties: false },
)
export type GroupingSettings = Shaped<typeof GROUPING>
type GroupField = NonNullable<GroupingSettings['by']>[number]

const DEFAULT_BY: readonly GroupField[] = ['rule', 'image']
const DEFAULT_SUMMARIES: readonly number[] = [10, 60, 600]

const VALUE_OF: Readonly<Record<GroupField, (alert: Alert) => string | null>> = {
  rule: ({ ruleId }) => ruleId,
  priority: ({ priority }) => priority,
  host: ({ origin }) => origin.hostId,
  container: ({ containerId }) => containerId,
  image: ({ container }) => container?.image ?? null,
  namespace: ({ container }) => container?.pod?.namespace ?? null,
}

/** Groups the alerts of a sink. */
export class Grouping {
  readonly #by: readonly GroupField[]
  readonly #summaries: readonly number[]

  constructor({ by = DEFAULT_BY, summaries = DEFAULT_SUMMARIES }: GroupingSettings) {
    this.#by = by
    this.#summaries = summaries
  }

  /** Identity of the group of an alert, 32 hex digits. */
  groupIdOf(alert: Alert): string {
    return hashOf(this.#by.map((field) => [field, VALUE_OF[field](alert)]))
  }

  /**
   * The groups in alerts of one partition, which are in the order of their offsets.
   * @param repeatsUntilMs alerts up to this time may have been in messages before, Unix milliseconds; 0 for none
   */
  groupsOf(alerts: readonly TopicAlert[], repeatsUntilMs: number): GroupedAlerts[] {
    const groups = new Map<string, TopicAlert[]>()
    for (const one of alerts) {
      const groupId = this.groupIdOf(one.alert)
      const group = groups.get(groupId)
      if (group === undefined) groups.set(groupId, [one])
      else group.push(one)
    }
    return [...groups].map(([groupId, group]) => groupedOf(groupId, group, repeatsUntilMs))
  }

  /** When the message after this one is due, milliseconds after it. @param sequence of the message, from 0 */
  pauseMs(sequence: number): number {
    const { length } = this.#summaries
    return (this.#summaries[Math.min(sequence, length - 1)] ?? 0) * 1_000
  }
}

function groupedOf(groupId: string, group: readonly TopicAlert[], repeatsUntilMs: number): GroupedAlerts {
  const alerts = group.map(({ alert }) => alert)
  const times = alerts.map(({ origin }) => origin.wallTimeUs)
  const [first] = group
  const last = group.at(-1)
  if (first === undefined || last === undefined) throw new RangeError('a group has alerts')
  return {
    groupId,
    alertIds: alerts.map(stableIdOf),
    partition: first.partition,
    ranges: mergedRanges(group.map(({ offset }) => [offset, offset])),
    firstUs: Math.min(...times),
    lastUs: Math.max(...times),
    hosts: distinct(alerts.map(({ origin }) => origin.hostName)),
    containers: distinct(alerts.flatMap(({ container, containerId }) => container?.name ?? containerId ?? [])),
    rules: distinct(alerts.map(({ rule }) => rule)),
    first: first.bytes,
    last: last.bytes,
    mayRepeat: Math.min(...times) <= repeatsUntilMs * 1000,
  }
}

/** The message about a window. @param alert the decoded alert of the window */
export function messageOf(window: TakenWindow, alert: Alert): GroupMessage {
  const { groupId, begunMs, sequence, count, sentBefore, firstUs, lastUs, hasMoreNames, mayRepeat, thread } = window
  const ranges = rangesOf(window)
  const isEmpty = count === 0
  const namesOf = (names: readonly string[]): Names => ({ count: names.length, names: [...names].sort(), hasMore: hasMoreNames })
  return {
    kind: sequence === 0 ? 'first' : isEmpty ? 'resolved' : 'summary',
    id: hashOf([groupId, begunMs, sequence, count, ranges]),
    groupId,
    alert,
    count,
    total: sentBefore + count,
    firstUs: isEmpty ? alert.origin.wallTimeUs : firstUs,
    lastUs: isEmpty ? alert.origin.wallTimeUs : lastUs,
    hosts: namesOf(window.hosts),
    containers: namesOf(window.containers),
    rules: namesOf(window.rules),
    ranges,
    mayRepeat,
    thread,
  }
}

/** The offsets of a window by partition, merged. */
export function rangesOf({ ranges }: Pick<TakenWindow, 'ranges'>): PartitionRanges[] {
  const partitions = new Map<number, OffsetPair[]>()
  for (const { partition, range } of ranges) {
    const found = partitions.get(partition)
    if (found === undefined) partitions.set(partition, [range])
    else found.push(range)
  }
  return [...partitions].sort(([a], [b]) => a - b).map(([partition, found]) => ({ partition, ranges: mergedRanges(found) }))
}

function mergedRanges(ranges: readonly OffsetPair[]): OffsetPair[] {
  const merged: [number, number][] = []
  for (const [first, last] of [...ranges].sort(([a], [b]) => a - b)) {
    const before = merged.at(-1)
    if (before !== undefined && first <= before[1] + 1) before[1] = Math.max(before[1], last)
    else merged.push([first, last])
  }
  return merged
}

function distinct(names: readonly string[]): string[] {
  return [...new Set(names)]
}

function hashOf(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, 32)
}
