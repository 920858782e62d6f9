// Counts of the rules of each file by state, and what the rules that can't fire wait for. Data for the tables and the JSON of `rules check`.
import { listedRules, type ListedRule } from '../rule-list.js'
import { isEmitted } from '../../fields/record/event-type.js'
import type { Quarantined } from '../../read/load-report.js'
import type { LoadResult } from '../../load/load-rules.js'

/** Counts of the rules of a file, or of all files. `rules` = loaded + excluded + skipped; enabled rules are evaluable or waiting. */
export interface RuleCounts {
  readonly rules: number
  readonly loaded: number
  readonly enabled: number
  /** Enabled, and records hold everything that the rule needs. */
  readonly evaluable: number
  /** Evaluable rules about an event that this collector version emits. */
  readonly live: number
  readonly waiting: number
  /** Excluded because of an error. */
  readonly excluded: number
  /** Skipped without an error: because of its priority, its source, or an unknown field that it allows. */
  readonly skipped: number
}

/** A file with its counts. */
export interface FileCounts extends RuleCounts {
  readonly name: string
  /** False if the file has an error. */
  readonly isOk: boolean
  /** Nothing in the file could be read. */
  readonly isUnreadable: boolean
  /** Languages of its rules; none for a file that has only lists and macros. */
  readonly languages: readonly string[]
}

/** Something that enabled rules need and records don't hold. */
export interface WaitingFor {
  readonly reason: string
  readonly rules: number
  /** Rules that need nothing else: they can fire once it is available. */
  readonly onlyThis: number
}

type Loaded = Pick<LoadResult, 'ruleSet' | 'definitions' | 'errors'>

/** The counts of each file. @param names the files that were read, in load order */
export function fileCounts(loaded: Loaded, names: readonly string[]): FileCounts[] {
  const { ruleSet, definitions, errors } = loaded
  const failed = new Set(errors.map((error) => error.place.file))
  const unreadable = new Set(ruleSet.quarantined.flatMap(({ kind, name }) => (kind === 'file' ? [name] : [])))
  const rulesOf = grouped(listedRules(ruleSet), (rule) => rule.place.file)
  const placeOf = new Map(definitions.map((definition) => [definition.name, definition.place.file]))
  const excludedOf = grouped(
    ruleSet.quarantined.filter(({ kind }) => kind === 'rule'),
    (one) => placeOf.get(one.name) ?? one.error.place.file,
  )
  const definedIn = grouped(definitions, (definition) => definition.place.file)
  return [...new Set([...names, ...failed])].map((name) => {
    const rules = rulesOf.get(name) ?? []
    const excluded = excludedOf.get(name) ?? []
    const falco = definedIn.get(name) ?? []
    const known = new Set([...rules.map((rule) => rule.name), ...excluded.map((one) => one.name)])
    const skipped = falco.filter((definition) => !known.has(definition.name)).length
    const languages = [...new Set([...rules.map((rule) => rule.language), ...(falco.length > 0 ? ['falco'] : [])])]
    return { name, isOk: !failed.has(name), isUnreadable: unreadable.has(name), languages, ...countsOf(rules, excluded, skipped) }
  })
}

function countsOf(rules: readonly ListedRule[], excluded: readonly Quarantined[], skipped: number): RuleCounts {
  const enabled = rules.filter((rule) => rule.isEnabled)
  const ready = rules.filter(isReady)
  const evaluable = ready.length
  return {
    rules: rules.length + excluded.length + skipped,
    loaded: rules.length,
    enabled: enabled.length,
    evaluable,
    live: ready.filter(({ eventTypes }) => eventTypes.some(isEmitted)).length,
    waiting: enabled.length - evaluable,
    excluded: excluded.length,
    skipped,
  }
}

/** The sum of counts. */
export function totalCounts(all: readonly RuleCounts[]): RuleCounts {
  const sum = (key: keyof RuleCounts): number => all.reduce((total, counts) => total + counts[key], 0)
  return {
    rules: sum('rules'),
    loaded: sum('loaded'),
    enabled: sum('enabled'),
    evaluable: sum('evaluable'),
    live: sum('live'),
    waiting: sum('waiting'),
    excluded: sum('excluded'),
    skipped: sum('skipped'),
  }
}

/** What enabled rules wait for, most frequent first. */
export function waitingFor({ ruleSet }: Pick<LoadResult, 'ruleSet'>): WaitingFor[] {
  const counts = new Map<string, { rules: number; onlyThis: number }>()
  for (const rule of listedRules(ruleSet)) {
    if (!rule.isEnabled) continue
    for (const reason of rule.unavailable) {
      const count = counts.get(reason) ?? { rules: 0, onlyThis: 0 }
      counts.set(reason, { rules: count.rules + 1, onlyThis: count.onlyThis + (rule.unavailable.length === 1 ? 1 : 0) })
    }
  }
  return [...counts].map(([reason, count]) => ({ reason, ...count })).sort((a, b) => b.rules - a.rules || (a.reason < b.reason ? -1 : 1))
}

/** An evaluable rule about events that this collector version does not emit. */
export interface NotLiveRule {
  readonly name: string
  readonly eventTypes: readonly string[]
}

/** Rules that are evaluable but not live. */
export function notLiveRules({ ruleSet }: Pick<LoadResult, 'ruleSet'>): NotLiveRule[] {
  return listedRules(ruleSet)
    .filter(isReady)
    .flatMap(({ name, eventTypes }) => (eventTypes.some(isEmitted) ? [] : [{ name, eventTypes }]))
}

/** Enabled, and records hold everything that the rule needs. */
function isReady({ isEnabled, unavailable }: ListedRule): boolean {
  return isEnabled && unavailable.length === 0
}

function grouped<Item>(items: readonly Item[], key: (item: Item) => string): Map<string, Item[]> {
  const groups = new Map<string, Item[]>()
  for (const item of items) {
    const group = groups.get(key(item))
    if (group === undefined) groups.set(key(item), [item])
    else group.push(item)
  }
  return groups
}
