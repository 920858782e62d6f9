// Which rules `rules eval` asks, and which correlations may speak: those of the paths, or those that a person named.
import { existsSync } from 'node:fs'
import { UsageError } from '../../../infra/process/errors.js'
import type { CompiledRule } from '../../../processors/rule-engine/rule-set/compiled-rule.js'
import type { CompiledCorrelation } from '../../../processors/rule-engine/rule-set/compiled-correlation.js'
import type { Tap } from '../../../processors/rule-engine/rule-set/tap.js'
import { loadRules } from '../../../processors/rule-engine/load/load-rules.js'
import type { RuleSet } from '../../../processors/rule-engine/rule-set/rule-set.js'
import { printable } from '../../../infra/text/printable.js'
import { findRuleOrCorrelation } from '../../../processors/rule-engine/workbench/explain/find-rule.js'
import { loadGoodRules } from '../rule-paths.js'
import type { RuleSource } from '../rule-paths.js'

/** Rules to ask, and correlations of their matches. */
export interface WantedRules {
  readonly rules: readonly CompiledRule[]
  readonly correlations: readonly CompiledCorrelation[]
}

/** How a person says which. */
export interface RuleWish {
  /** Names, ids and files. */
  readonly rule?: readonly string[]
  readonly condition?: string
}

/** Rules that a person asked for by name stand also when they are off: that is what is to be tried out. @throws UsageError */
export function wantedRules(paths: readonly string[], { condition, rule: wanted = [] }: RuleWish, source: RuleSource): WantedRules {
  if (condition !== undefined) {
    if (wanted.length + paths.length > 0) throw new UsageError('--condition stands in place of rules: leave --rule and paths away')
    return { rules: conditionRule(condition), correlations: [] }
  }
  const files = wanted.filter((one) => existsSync(one))
  const names = wanted.filter((one) => !files.includes(one))
  const fromFiles = files.length === 0 ? [] : [ofSet(loadGoodRules(files, source).ruleSet)]
  if (wanted.length > 0 && names.length === 0 && paths.length === 0) return joined(fromFiles)
  const { ruleSet } = loadGoodRules(paths, source)
  if (wanted.length === 0) return { rules: ruleSet.rules.filter((rule) => rule.isEnabled), correlations: ruleSet.activeCorrelations }
  return joined([...fromFiles, ...names.map((name) => named(name, ruleSet))])
}

function ofSet({ rules, activeCorrelations }: RuleSet): WantedRules {
  return { rules, correlations: activeCorrelations }
}

/** Of a rule also what it feeds; of a correlation what feeds it, and itself. */
function named(name: string, ruleSet: RuleSet): WantedRules {
  const found = findRuleOrCorrelation(name, ruleSet)
  if (!('members' in found)) return { rules: [found], correlations: (found.feeds?.taps ?? []).flatMap(reached) }
  if (!found.isEnabled) process.stderr.write(`'${printable(found.name)}' is off and does not fire (--enable)\n`)
  else if (found.isSilent) process.stderr.write(`'${printable(found.name)}' only feeds another correlation and gives no alert of its own\n`)
  return { rules: feeding(found, ruleSet), correlations: [found] }
}

function reached({ correlation, above }: Tap): CompiledCorrelation[] {
  return [correlation, ...above.flatMap(reached)]
}

/** Members come before what they feed, so that this ends. */
function feeding({ members }: CompiledCorrelation, ruleSet: Pick<RuleSet, 'rules' | 'correlations'>): CompiledRule[] {
  const ids = new Set(members.map(({ id }) => id))
  const below = ruleSet.correlations.filter(({ id }) => ids.has(id)).flatMap((one) => feeding(one, ruleSet))
  return [...ruleSet.rules.filter(({ id }) => ids.has(id)), ...below]
}

function joined(all: readonly WantedRules[]): WantedRules {
  return {
    rules: [...new Set(all.flatMap(({ rules }) => rules))],
    correlations: [...new Map(all.flatMap(({ correlations }) => correlations).map((one) => [one.id, one])).values()],
  }
}

function conditionRule(condition: string): readonly CompiledRule[] {
  const text = JSON.stringify([
    { rule: 'the condition', desc: 'given on the command line', condition, output: 'it holds', priority: 'INFO' },
  ])
  const { ruleSet, errors } = loadRules([{ name: '--condition', text }])
  const [error] = errors
  if (error !== undefined) throw new UsageError(`--condition: ${errors.map(({ message }) => message).join('; ')}`)
  return ruleSet.rules
}
