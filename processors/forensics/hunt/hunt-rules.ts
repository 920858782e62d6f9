// The rules of a hunt as data: the content of their files and how they are loaded, so that any process compiles the same set from them.
import { createCompiledEvaluator } from '../../rule-engine/compiled/compiled-evaluator.js'
import type { Evaluator } from '../../rule-engine/evaluate/evaluator.js'
import type { RuleMatching } from '../../rule-engine/evaluate/plain-evaluator.js'
import { loadRules } from '../../rule-engine/load/load-rules.js'
import { RulesInvalidError } from '../../rule-engine/read/diagnostics.js'
import type { RuleFile } from '../../rule-engine/read/rule-file.js'
import { parseSwitches } from '../../rule-engine/rule-set/load-options.js'
import type { RulePriority } from '../../rule-engine/rule-set/priority.js'
import type { RuleSet } from '../../rule-engine/rule-set/rule-set.js'

/** Rules as JSON. */
export interface HuntRules {
  /** In load order. They were tried before: see loadUntrustedFiles. */
  readonly files: readonly RuleFile[]
  readonly pipelines?: readonly RuleFile[]
  readonly placeholders?: Readonly<Record<string, readonly string[]>>
  /** As `rules.switches`. */
  readonly switches?: readonly string[]
  readonly minPriority?: RulePriority
  readonly matching: RuleMatching
}

/** A rule of a condition that was given as text, as a file. */
export function ruleOfCondition(condition: string): RuleFile {
  const item = {
    rule: 'hunt',
    desc: 'A condition of the command line',
    condition,
    output: '%evt.type by %proc.cmdline (user=%user.name exe=%proc.exepath parent=%proc.pname container=%container.name)',
    priority: 'NOTICE',
  }
  // JSON is YAML.
  return { name: 'condition', text: JSON.stringify([item]) }
}

/** Compiles them. @throws RulesInvalidError with every mistake */
export function loadHuntRules({ files, pipelines, placeholders, switches, minPriority, matching }: HuntRules): {
  readonly ruleSet: RuleSet
  readonly evaluator: Evaluator
} {
  const parsed = parseSwitches(switches ?? [])
  const { ruleSet, errors } = loadRules(files, {
    ...(pipelines && { pipelines }),
    ...(placeholders && { placeholders }),
    ...(minPriority !== undefined && { minPriority }),
    ...('problem' in parsed ? {} : { switches: parsed }),
  })
  if (errors.length > 0 && ruleSet.rules.length === 0) throw new RulesInvalidError(errors)
  return { ruleSet, evaluator: createCompiledEvaluator(ruleSet, { matching }) }
}
