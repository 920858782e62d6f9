// What the probes of a host report: kinds and filters, from the settings, from a watch plan and from operators. Shared by `run` and `collect`.
// A plan becomes kinds of ring records (event types by the rules' table, kinds by the collector's), outcomes, and filters of opens by intent and path.
import { KIND } from '../native/generated/layout.js'
import { kindFacts } from '../collector/ring-events/event-kinds.js'
import type { EventSource } from '../collector/source/event-source.js'
import { ChangeTrail } from '../collector/watch/change-trail.js'
import { eventFiltersOf, NO_EVENT_FILTERS } from '../collector/watch/event-filters.js'
import { FilterSwitch } from '../collector/watch/filter-switch.js'
import { KindSwitch } from '../collector/watch/kind-switch.js'
import type { PlannedFilters } from '../collector/watch/planned-filters.js'
import { SWITCHED_KINDS } from '../collector/watch/trackers.js'
import type { Config } from '../infra/config/config-schema.js'
import { messageOf } from '../infra/process/errors.js'
import type { Part } from '../infra/process/lifecycle.js'
import type { Logger } from '../infra/process/logger.js'
import { FileWatch, type FileWatchConfig } from '../infra/waiting/file-watch.js'
import { type PlannedWatch, type PlannedWatches, readWatchPlan } from '../infra/watch-plan/watch-plan-file.js'
import type { Watch } from '../infra/watch-plan/watch-plan.js'
import { RECORD_KINDS } from '../schemas/generated/calls.js'

/** What is reported, and the switches that change it. */
export interface Watching {
  readonly kinds: KindSwitch
  readonly filters: FilterSwitch
  /** Every change of them. */
  readonly trail: ChangeTrail
}

/** Starts from a source that reports everything and applies the filters of the settings. @throws EventFilterError for invalid filters */
export function openWatching(source: EventSource, { filters: { only, except, outcome } }: Config['collector'], log: Logger): Watching {
  const kinds = new KindSwitch(source)
  const filters = new FilterSwitch(source, kinds, log)
  const wanted = eventFiltersOf(only, except, outcome)
  if (!filters.canFilter && wanted.outcome + only.join() + except.join() !== 'all') {
    log.warn({ only, except, outcome }, 'collector.filters are ignored: a recording is replayed completely')
  }
  filters.set(wanted)
  const trail = new ChangeTrail()
  trail.record({ action: 'filters', target: '', actor: 'settings', before: NO_EVENT_FILTERS, after: wanted })
  return { kinds, filters, trail }
}

/** Applies a plan and logs it. @throws the kernel's error; the previous plan then stays in force */
export function applyPlan(plan: PlannedWatches, { kinds, filters, trail }: Watching, log: Logger): void {
  const before = filters.planned
  const watchedBefore = namesOf(kinds.watched)
  filters.plan(filtersOfPlan(plan))
  try {
    kinds.plan(kindsOfPlan(plan))
  } catch (error) {
    filters.plan(before)
    throw error
  }
  const change = { action: 'watch_plan', target: plan.mode, actor: 'plan' } as const
  trail.record({ ...change, before: { kinds: watchedBefore }, after: { ruleSet: plan.ruleSetHash, kinds: namesOf(kinds.watched) } })
  log.info({ mode: plan.mode, ruleSet: plan.ruleSetHash, leftOut: leftOutBy({ kinds, filters }) }, 'a watch plan is in force')
}

/** What the plan leaves out: kinds, and opens that no rule can match. */
export function leftOutBy({ kinds, filters }: Pick<Watching, 'kinds' | 'filters'>): readonly string[] {
  const off = namesOf(new Set([...SWITCHED_KINDS].filter((kind) => !kinds.watched.has(kind))))
  const areOpensFiltered = filters.planned !== null && kinds.watched.has(KIND.open)
  return areOpensFiltered ? ['opens that no rule can match', ...off] : off
}

const namesOf = (kinds: ReadonlySet<number>): readonly string[] => [...kinds].map((kind) => kindFacts(kind)?.name ?? String(kind)).sort()

/** Follows a plan file; an invalid change leaves the previous plan in force. @throws WatchPlanError if the file is invalid at the start */
export function startWatchedPlan(path: string, watching: Watching, log: Logger, patience: Omit<FileWatchConfig, 'paths'> = {}): Part {
  let seen = JSON.stringify(applyPlanFile(path, watching, log))
  let failure: string | null = null
  const watch = new FileWatch({ ...patience, paths: [path] }, () => {
    try {
      const plan = readWatchPlan(path)
      failure = null
      const text = JSON.stringify(plan)
      if (text === seen) return
      applyPlan(plan, watching, log)
      seen = text
    } catch (error) {
      // The same mistake is logged once.
      if (failure !== messageOf(error)) log.error({ err: error }, 'the new watch plan is invalid; the previous one stays in force')
      failure = messageOf(error)
    }
  })
  return watch
}

function applyPlanFile(path: string, watching: Watching, log: Logger): PlannedWatches {
  const plan = readWatchPlan(path)
  applyPlan(plan, watching, log)
  return plan
}

/** Filters that the plan allows; null for none: everything is reported. More is reported than a plan asks for, never less. */
export function filtersOfPlan(plan: PlannedWatches): PlannedFilters | null {
  const { mode, watches } = plan
  if (mode === 'forensic') return null
  const filtered = watches.filter((watch) => !isReportedByRoute(watch))
  const kindsWith = (outcome: 'succeeded' | 'failed'): ReadonlySet<number> =>
    withRemovals(
      kindsOfWatches(
        plan,
        filtered.filter((watch) => isOf(watch, outcome)),
      ),
    )
  return {
    succeeded: kindsWith('succeeded'),
    failed: kindsWith('failed'),
    opens: filtered.filter((watch) => kindsOfWatch(watch).includes(KIND.open) && !watch.eventTypes.every(isAlwaysReported)),
  }
}

/** No filter by outcome, intent or path applies to calls of the x32 ABI. */
const isReportedByRoute = ({ topic, routes }: PlannedWatch): boolean =>
  topic !== 'network' && routes?.every((route) => route === 'x32') === true

/** Opens of this type are filtered neither by intent nor by path. */
const isAlwaysReported = (type: string): boolean => type === 'open_by_handle_at'

/** The state of a socket is derived from all calls on it, whatever their outcome. */
function isOf({ topic, outcome }: PlannedWatch, wanted: 'succeeded' | 'failed'): boolean {
  return topic === 'network' || (outcome ?? wanted) === wanted
}

/** unlinkat removes files and folders; its arguments decide which, and they are read later. */
function withRemovals(kinds: ReadonlySet<number>): ReadonlySet<number> {
  return kinds.has(KIND.unlink) || kinds.has(KIND.rmdir) ? new Set([...kinds, KIND.unlink, KIND.rmdir]) : kinds
}

const EXEC_TYPES: readonly string[] = ['execve', 'execveat']

/** Kinds that the plan needs; null for all. */
export function kindsOfPlan(plan: PlannedWatches): ReadonlySet<number> | null {
  return plan.mode === 'forensic' ? null : kindsOfWatches(plan, plan.watches)
}

/** Kinds that some watches of a plan need, with the kinds that those are derived from. */
export function kindsOfWatches({ dnsNames }: Pick<PlannedWatches, 'dnsNames'>, watches: readonly PlannedWatch[]): ReadonlySet<number> {
  const kinds = new Set(watches.flatMap(kindsOfWatch))
  const needed = [...kinds].flatMap((kind) => [kind, ...(MADE_OF.get(kind) ?? [])])
  // The name of an address comes from an earlier DNS answer.
  const isNamed = dnsNames && kindsOfTopic('network').some((kind) => kinds.has(kind))
  return new Set([...needed, ...(isNamed ? NAMES : [])])
}

/** These show which side began: the one that connected, or sent first. */
const SIDES = [KIND.send, KIND.receive, KIND.connect]
const NAMES = [KIND.dns, ...SIDES]

/** A close carries what was known when the connection was made; a send may make one. DNS is sent and received, also by the accepting side. */
const MADE_OF: ReadonlyMap<number, readonly number[]> = new Map([
  [KIND.close, [...SIDES, KIND.accept]],
  [KIND.dns, [...SIDES, KIND.accept]],
  [KIND.connect, [KIND.send]],
  [KIND.send, SIDES],
  [KIND.receive, SIDES],
])

/** Kinds that one watch needs. */
export function kindsOfWatch({ topic, eventTypes }: Pick<PlannedWatch, 'topic' | 'eventTypes'>): readonly number[] {
  if (topic === 'process') return eventTypes.some((type) => EXEC_TYPES.includes(type)) ? [KIND.execRefused] : []
  return eventTypes.flatMap((type) => kindsOfType(topic, type))
}

/** Made by the collector itself, about whatever is watched. */
const DROP = 'drop'

/** A type that is unknown to this version may be of any kind of its topic. */
function kindsOfType(topic: 'file' | 'network' | 'kernel', type: string): readonly number[] {
  const record = Object.entries(RECORD_KINDS[topic]).find(([, types]) => types.includes(type))?.[0]
  if (record === DROP) return []
  const kinds = kindsOfTopic(topic).filter((kind) => kindFacts(kind)?.name === record)
  return kinds.length === 0 ? kindsOfTopic(topic) : kinds
}

function kindsOfTopic(topic: Watch['topic']): readonly number[] {
  return Object.values(KIND).filter((kind) => kindFacts(kind)?.topic === topic)
}
