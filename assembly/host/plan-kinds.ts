// From a watch plan to kinds of ring records: event types by the table that rules use, kinds by that of the collector. What a plan says
// besides is plan-filters.ts.
import { KIND, kindFacts } from '../../collector/ring-events/event-kinds.js'
import type { Watch } from '../../infra/watch-plan/watch-plan.js'
import type { PlannedWatch, PlannedWatches } from '../../infra/watch-plan/watch-plan-file.js'
import { RECORD_KINDS } from '../../processors/rule-engine/fields/record/event-type.js'

const EXEC_TYPES: readonly string[] = ['execve', 'execveat']

/** Kinds that the plan needs; null for everything. */
export function kindsOfPlan(plan: PlannedWatches): ReadonlySet<number> | null {
  return plan.mode === 'forensic' ? null : kindsOfWatches(plan, plan.watches)
}

/** Kinds that some watches of a plan need, with those that they are made of. */
export function kindsOfWatches({ captures }: Pick<PlannedWatches, 'captures'>, watches: readonly PlannedWatch[]): ReadonlySet<number> {
  const kinds = new Set(watches.flatMap(kindsOfWatch))
  const needed = [...kinds].flatMap((kind) => [kind, ...(MADE_OF.get(kind) ?? [])])
  // The name of an address is in an answer that the host was given before.
  const isNamed = captures.dnsNames && kindsOfTopic('network').some((kind) => kinds.has(kind))
  return new Set([...needed, ...(isNamed ? NAMES : [])])
}

/** Who of two began to send: the one that connected, or sent first. */
const SIDES = [KIND.send, KIND.receive, KIND.connect]
const NAMES = [KIND.dns, ...SIDES]

/** The end of a connection is told with what was known of it when it was made; DNS is what is sent and received, also by whoever accepted. */
const MADE_OF: ReadonlyMap<number, readonly number[]> = new Map([
  [KIND.close, [...SIDES, KIND.accept]],
  [KIND.dns, [...SIDES, KIND.accept]],
  [KIND.send, SIDES],
  [KIND.receive, SIDES],
])

/** Kinds that one watch needs. */
export function kindsOfWatch({ topic, eventTypes }: Pick<PlannedWatch, 'topic' | 'eventTypes'>): readonly number[] {
  if (topic === 'process') return eventTypes.some((type) => EXEC_TYPES.includes(type)) ? [KIND.execRefused] : []
  return eventTypes.flatMap((type) => kindsOfType(topic, type))
}

/** A type that this version does not know may be of any kind of its topic. */
function kindsOfType(topic: 'file' | 'network' | 'kernel', type: string): readonly number[] {
  const record = Object.entries(RECORD_KINDS[topic]).find(([, types]) => types.includes(type))?.[0]
  const kinds = kindsOfTopic(topic).filter((kind) => kindFacts(kind)?.name === record)
  return kinds.length === 0 ? kindsOfTopic(topic) : kinds
}

function kindsOfTopic(topic: Watch['topic']): readonly number[] {
  return Object.values(KIND).filter((kind) => kindFacts(kind)?.topic === topic)
}
