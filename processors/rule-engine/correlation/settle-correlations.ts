// Connects the correlations of a load with its compiled rules: which rules feed which correlations with which fields, which of them give no alerts of their
// own, and what prevents a correlation from being evaluated.
import type { ResolvedField } from '../fields/catalogue.js'
import type { LoadReport } from '../read/load-report.js'
import { leastCount, type CompiledCorrelation } from '../rule-set/compiled-correlation.js'
import type { CompiledRule } from '../rule-set/compiled-rule.js'
import type { LoadOptions } from '../rule-set/load-options.js'
import { isAtLeast } from '../rule-set/priority.js'
import type { Tap } from '../rule-set/tap.js'
import type { SigmaDocuments, SourcedRule } from '../sigma/load-sigma.js'
import { correlatedFieldOf } from '../sigma/sigma-field.js'
import { ownObstacles } from './compile-correlation.js'
import { resolveCorrelations, type UnsettledCorrelation } from './resolve-correlations.js'

/** Most paths on which one rule may feed correlations: each match of the rule costs as many steps. */
const MAX_WAYS = 1000

/** The Sigma part of a rule set. */
export interface SettledRules {
  /** In load order. */
  readonly rules: readonly CompiledRule[]
  /** Each after those that feed it. */
  readonly correlations: readonly CompiledCorrelation[]
}

/** Compiles the correlations and connects the rules that feed them. An item below the minimum priority is loaded only if it feeds one above it. */
export function settleCorrelations(documents: SigmaDocuments, report: LoadReport, { minPriority }: LoadOptions): SettledRules {
  const isMuted = ({ priority }: Pick<CompiledRule, 'priority'>): boolean => minPriority !== undefined && !isAtLeast(priority, minPriority)
  const resolved = resolveCorrelations(documents, report)
  const rules = [...documents.rules.values()]
  const needed = new Set([...rules.map(({ rule }) => rule), ...resolved].filter((item) => !isMuted(item)).map(({ id }) => id))
  for (const { id, members } of [...resolved].reverse()) if (needed.has(id)) for (const member of members) needed.add(member.id)
  return settle(
    withinWays(
      resolved.filter(({ id }) => needed.has(id)),
      report,
    ),
    rules.filter(({ rule }) => needed.has(rule.id)),
    { report, isMuted },
  )
}

interface SettleOptions {
  readonly report: LoadReport
  /** Loaded only for what it feeds. */
  isMuted(item: Pick<CompiledRule, 'priority'>): boolean
}

/** @param unsettled in the order of evaluation */
function settle(
  unsettled: readonly UnsettledCorrelation[],
  rules: readonly SourcedRule[],
  { report, isMuted }: SettleOptions,
): SettledRules {
  const speakers = speakersOf(unsettled)
  const fed = new Set(unsettled.flatMap(({ members }) => members.map(({ id }) => id)))
  const correlations = new Map<string, CompiledCorrelation>()
  const sourced = new Map(rules.map((one) => [one.rule.id, one]))
  for (const correlation of unsettled) {
    const unavailable = [...ownObstacles(correlation), ...memberObstacles(correlation, sourced, correlations, report)]
    const fields = unavailable.length > 0 ? [] : fieldObstacles(correlation, sourced, correlations)
    correlations.set(correlation.id, {
      ...correlation,
      isMuted: isMuted(correlation),
      isSilent: isMuted(correlation) || (fed.has(correlation.id) && !speakers.has(correlation.id)),
      unavailable: [...unavailable, ...fields],
    })
  }
  const above = parentsOf([...correlations.values()])
  return {
    correlations: [...correlations.values()],
    rules: rules.map(({ rule, source }) => {
      if (!above.has(rule.id)) return rule
      const taps = tapsOf(rule.id, above, (name) => correlatedFieldOf(name, source))
      return { ...rule, feeds: { taps, isMuted: isMuted(rule), isSilent: isMuted(rule) || !speakers.has(rule.id) } }
    }),
  }
}

type Parents = ReadonlyMap<string, readonly { readonly correlation: CompiledCorrelation; readonly member: number }[]>

function parentsOf(correlations: readonly CompiledCorrelation[]): Parents {
  const parents = new Map<string, { correlation: CompiledCorrelation; member: number }[]>()
  for (const correlation of correlations) {
    for (const [member, { id }] of correlation.members.entries()) {
      const known = parents.get(id)
      if (known === undefined) parents.set(id, [{ correlation, member }])
      else known.push({ correlation, member })
    }
  }
  return parents
}

/** A name is resolved from the top down: an alias of a correlation, then an alias of the one that feeds it, then a field of the event. */
function tapsOf(id: string, above: Parents, resolve: (name: string) => ResolvedField): Tap[] {
  return (above.get(id) ?? []).map(({ correlation, member }) => {
    const fieldIn = (name: string): ResolvedField => resolve(correlation.aliases.get(name)?.get(id) ?? name)
    return {
      correlation,
      member,
      group: correlation.groupBy.map(fieldIn),
      values: correlation.valueFields.map(fieldIn),
      above: tapsOf(correlation.id, above, fieldIn),
    }
  })
}

/** Rules that emit their own alerts, too, since at least one correlation asks for it. */
function speakersOf(correlations: readonly UnsettledCorrelation[]): ReadonlySet<string> {
  return new Set(correlations.filter(({ isGenerating }) => isGenerating).flatMap(({ members }) => members.map(({ id }) => id)))
}

/** Quarantines a correlation with which a rule would feed too many, and drops what depends on it. */
function withinWays(correlations: readonly UnsettledCorrelation[], report: LoadReport): UnsettledCorrelation[] {
  const accepted = new Map<string, ReadonlyMap<string, number>>()
  const total = new Map<string, number>()
  return correlations.filter(({ id, name, members, place }) => {
    const ways = new Map<string, number>()
    for (const member of members) {
      const below = member.kind === 'rule' ? new Map([[member.id, 1]]) : accepted.get(member.id)
      if (below === undefined) return false
      for (const [rule, count] of below) ways.set(rule, (ways.get(rule) ?? 0) + count)
    }
    const over = [...ways].find(([rule, count]) => (total.get(rule) ?? 0) + count > MAX_WAYS)
    if (over !== undefined) {
      const message = `with it rule '${over[0]}' feeds correlations in more than ${String(MAX_WAYS)} ways`
      report.quarantine('rule', name, report.error('LOAD_ERR_VALIDATE', message, name, place))
      return false
    }
    for (const [rule, count] of ways) total.set(rule, (total.get(rule) ?? 0) + count)
    accepted.set(id, ways)
    return true
  })
}

/** Members that can't fire. The correlation can't be evaluated either if too few others are left, or if it counts what did not happen. */
function memberObstacles(
  correlation: UnsettledCorrelation,
  rules: ReadonlyMap<string, SourcedRule>,
  correlations: ReadonlyMap<string, CompiledCorrelation>,
  report: LoadReport,
): string[] {
  const { type, members, thresholds, verdictAt, name, place } = correlation
  const lame = members.flatMap(({ id, title, kind }) => {
    const [reason] = (kind === 'rule' ? rules.get(id)?.rule : correlations.get(id))?.unavailable ?? []
    return reason === undefined ? [] : [`'${title}' can't fire: ${reason}`]
  })
  if (lame.length === 0) return []
  const isTemporal = type === 'temporal' || type === 'temporal_ordered'
  const needed = isTemporal ? leastCount(thresholds) : 1
  if (verdictAt === 'close' || members.length - lame.length < needed) return lame
  report.warn('LOAD_PARTLY_EVALUATED', `it is evaluated without some of its rules: ${lame.join('; ')}`, name, place)
  return []
}

/** Fields that the events of a member do not have: all of them would be in one group, or without a value. */
function fieldObstacles(
  correlation: UnsettledCorrelation,
  rules: ReadonlyMap<string, SourcedRule>,
  correlations: ReadonlyMap<string, CompiledCorrelation>,
): string[] {
  const reasons = new Set<string>()
  const check = (memberId: string, names: readonly string[]): void => {
    const sourced = rules.get(memberId)
    if (sourced !== undefined) {
      if (sourced.rule.unavailable.length > 0) return
      for (const name of names) {
        const { unavailable } = correlatedFieldOf(name, sourced.source).definition
        if (unavailable !== null) reasons.add(`${name} of '${sourced.rule.name}': ${unavailable}`)
      }
      return
    }
    const below = correlations.get(memberId)
    for (const { id } of below?.members ?? [])
      check(
        id,
        names.map((name) => below?.aliases.get(name)?.get(id) ?? name),
      )
  }
  const { members, groupBy, valueFields, aliases } = correlation
  for (const { id } of members)
    check(
      id,
      [...groupBy, ...valueFields].map((name) => aliases.get(name)?.get(id) ?? name),
    )
  return [...reasons]
}
