// A rule by what people call it: its name, its id, in any case; and for what no rule is called, the nearest.
import { UsageError } from '../../../../infra/process/errors.js'
import { nearestName } from '../../../../infra/text/nearest.js'
import type { CompiledRule } from '../../rule-set/compiled-rule.js'
import { diagnosticText } from '../../read/diagnostics.js'
import type { CompiledCorrelation } from '../../rule-set/compiled-correlation.js'
import type { RuleSet } from '../../rule-set/rule-set.js'

/** Most rules that are named where a part of a name fits several. */
const MAX_NAMED = 5

type Set = Pick<RuleSet, 'rules' | 'quarantined'>

/** A rule of events. @throws UsageError with the nearest name, or with the mistake that keeps the rule out of the set */
export function findRule(wanted: string, { rules, quarantined }: Set): CompiledRule {
  return findIn(wanted, rules, quarantined)
}

/** A rule, or a correlation of rules. @throws UsageError as findRule does */
export function findRuleOrCorrelation(
  wanted: string,
  { rules, correlations, quarantined }: Set & Pick<RuleSet, 'correlations'>,
): CompiledRule | CompiledCorrelation {
  return findIn<CompiledRule | CompiledCorrelation>(wanted, [...rules, ...correlations], quarantined)
}

function findIn<Rule extends Pick<CompiledRule, 'name' | 'id'>>(
  wanted: string,
  rules: readonly Rule[],
  quarantined: RuleSet['quarantined'],
): Rule {
  const lower = wanted.toLowerCase()
  const found =
    rules.find((rule) => rule.name === wanted || rule.id === wanted) ??
    rules.find((rule) => rule.name.toLowerCase() === lower || rule.id.toLowerCase() === lower)
  if (found !== undefined) return found
  const broken = quarantined.find(({ name }) => name.toLowerCase() === lower)
  if (broken !== undefined) throw new UsageError(`rule '${broken.name}' is kept out for a mistake: ${diagnosticText(broken.error)}`)
  throw new UsageError(`no rule is named '${wanted}'; ${hint(wanted, rules)}`)
}

function hint(wanted: string, rules: readonly Pick<CompiledRule, 'name'>[]): string {
  const names = rules.map((rule) => rule.name)
  const holding = names.filter((name) => name.toLowerCase().includes(wanted.toLowerCase()))
  const near = nearestName(wanted, names) ?? (holding.length === 1 ? holding[0] : undefined)
  if (near !== undefined) return `did you mean '${near}'?`
  if (holding.length === 0) return 'eunomia rules list shows their names'
  const shown = holding.slice(0, MAX_NAMED).map((name) => `'${name}'`)
  const rest = holding.length - shown.length
  return `${String(holding.length)} hold it: ${shown.join(', ')}${rest > 0 ? ` and ${String(rest)} more` : ''}`
}
