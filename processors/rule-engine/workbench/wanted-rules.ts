// The rules that a person asks for: by name or id in any case, by file, or as a condition. For an unknown name, the nearest one is suggested.
import { existsSync } from 'node:fs'
import { UsageError } from '../../../infra/process/errors.js'
import type { CompiledRule } from '../rule-set/compiled-rule.js'
import type { CompiledCorrelation } from '../rule-set/compiled-correlation.js'
import type { Tap } from '../rule-set/tap.js'
import { loadRules } from '../load/load-rules.js'
import type { RuleSet } from '../rule-set/rule-set.js'
import { nearestName } from '../../../infra/text/nearest.js'
import { diagnosticText } from '../read/diagnostics.js'

/** Rules to evaluate, and correlations of their matches. */
export interface WantedRules {
  readonly rules: readonly CompiledRule[]
  readonly correlations: readonly CompiledCorrelation[]
  /** For the person who asked: why a correlation will not fire. */
  readonly notes: readonly string[]
}

/** How a person names rules. */
export interface RuleWish {
  /** Names, ids and files. */
  readonly rule?: readonly string[]
  readonly condition?: string
}

/**
 * Rules that a person names are evaluated even if they are off.
 *
 * @param load loads the rules of paths; without paths, those that the settings name
 * @throws UsageError
 */
export async function wantedRules(
  paths: readonly string[],
  { condition, rule: wanted = [] }: RuleWish,
  load: (paths: readonly string[]) => Promise<RuleSet>,
): Promise<WantedRules> {
  if (condition !== undefined) {
    if (wanted.length + paths.length > 0) throw new UsageError('--condition replaces rules: leave out --rule and paths')
    return { rules: conditionRule(condition), correlations: [], notes: [] }
  }
  const files = wanted.filter((one) => existsSync(one))
  const names = wanted.filter((one) => !files.includes(one))
  const fromFiles = files.length === 0 ? [] : [ofSet(await load(files))]
  if (wanted.length > 0 && names.length === 0 && paths.length === 0) return joined(fromFiles)
  const ruleSet = await load(paths)
  if (wanted.length === 0)
    return { rules: ruleSet.rules.filter((rule) => rule.isEnabled), correlations: ruleSet.activeCorrelations, notes: [] }
  return joined([...fromFiles, ...names.map((name) => named(name, ruleSet))])
}

function ofSet({ rules, activeCorrelations }: RuleSet): WantedRules {
  return { rules, correlations: activeCorrelations, notes: [] }
}

/** A rule with the correlations that it feeds, or a correlation with the rules that feed it. */
function named(name: string, ruleSet: RuleSet): WantedRules {
  const found = findRuleOrCorrelation(name, ruleSet)
  if (!('members' in found)) return { rules: [found], correlations: (found.feeds?.taps ?? []).flatMap(reached), notes: [] }
  const notes = found.isEnabled
    ? found.isSilent
      ? [`'${found.name}' only feeds another correlation and creates no alert of its own`]
      : []
    : [`'${found.name}' is off and does not fire (--enable)`]
  return { rules: feeding(found, ruleSet), correlations: [found], notes }
}

function reached({ correlation, above }: Tap): CompiledCorrelation[] {
  return [correlation, ...above.flatMap(reached)]
}

/** Ends because members come before what they feed. */
function feeding({ members }: CompiledCorrelation, ruleSet: Pick<RuleSet, 'rules' | 'correlations'>): CompiledRule[] {
  const ids = new Set(members.map(({ id }) => id))
  const below = ruleSet.correlations.filter(({ id }) => ids.has(id)).flatMap((one) => feeding(one, ruleSet))
  return [...ruleSet.rules.filter(({ id }) => ids.has(id)), ...below]
}

function joined(all: readonly WantedRules[]): WantedRules {
  return {
    rules: [...new Set(all.flatMap(({ rules }) => rules))],
    correlations: [...new Map(all.flatMap(({ correlations }) => correlations).map((one) => [one.id, one])).values()],
    notes: all.flatMap(({ notes }) => notes),
  }
}

function conditionRule(condition: string): readonly CompiledRule[] {
  const text = JSON.stringify([
    { rule: 'the condition', desc: 'given on the command line', condition, output: 'it matches', priority: 'INFO' },
  ])
  const { ruleSet, errors } = loadRules([{ name: '--condition', text }])
  const [error] = errors
  if (error !== undefined) throw new UsageError(`--condition: ${errors.map(({ message }) => message).join('; ')}`)
  return ruleSet.rules
}

const LISTS_NAMES = 'eunomia rules list shows all names'
/** Maximum rules that are named if a part of a name matches several. */
const MAX_NAMED = 5

/** Finds a rule or a correlation. @throws UsageError with the nearest name, or with the error that excludes the rule from the set */
export function findRuleOrCorrelation(
  wanted: string,
  { rules: single, correlations, quarantined }: Pick<RuleSet, 'rules' | 'correlations' | 'quarantined'>,
): CompiledRule | CompiledCorrelation {
  const rules = [...single, ...correlations]
  const lower = wanted.toLowerCase()
  const found =
    rules.find((rule) => rule.name === wanted || rule.id === wanted) ??
    rules.find((rule) => rule.name.toLowerCase() === lower || rule.id.toLowerCase() === lower)
  if (found !== undefined) return found
  const broken = quarantined.find(({ name }) => name.toLowerCase() === lower)
  if (broken !== undefined) throw new UsageError(`rule '${broken.name}' is excluded because of an error: ${diagnosticText(broken.error)}`)
  throw new UsageError(`no rule is named '${wanted}'; ${hint(wanted, rules)}`)
}

function hint(wanted: string, rules: readonly Pick<CompiledRule, 'name'>[]): string {
  const names = rules.map((rule) => rule.name)
  const holding = names.filter((name) => name.toLowerCase().includes(wanted.toLowerCase()))
  const near = nearestName(wanted, names) ?? (holding.length === 1 ? holding[0] : undefined)
  if (near !== undefined) return `did you mean '${near}'? ${LISTS_NAMES}`
  if (holding.length === 0) return LISTS_NAMES
  const shown = holding.slice(0, MAX_NAMED).map((name) => `'${name}'`)
  const rest = holding.length - shown.length
  return `${String(holding.length)} contain it: ${shown.join(', ')}${rest > 0 ? ` and ${String(rest)} more` : ''}`
}
