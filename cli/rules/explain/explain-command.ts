// `eunomia rules explain`: everything that is known of one rule: its condition as a tree with macros and lists expanded, the fields it reads.
import type { Command } from 'commander'
import type { CompiledCorrelation } from '../../../processors/rule-engine/rule-set/compiled-correlation.js'
import type { CompiledRule } from '../../../processors/rule-engine/rule-set/compiled-rule.js'
import type { RuleSet } from '../../../processors/rule-engine/rule-set/rule-set.js'
import { colorsFor, widthOf } from '../../terminal/terminal-text.js'
import { partNames } from '../../../processors/rule-engine/workbench/explain/condition-tree.js'
import { addRuleFlags, resolvedRules, loadGoodRules, type RuleFlags } from '../rule-flags.js'
import { correlationText, explanationText } from './explanation-text.js'
import { correlationExplanation, explanation } from '../../../processors/rule-engine/workbench/explain/explanation.js'
import { engineExplanation } from '../../../processors/rule-engine/workbench/explain/engine-explanation.js'
import { engineText } from './engine-text.js'
import { findRuleOrCorrelation } from '../../../processors/rule-engine/workbench/wanted-rules.js'

const EXAMPLES = `
Examples:
  eunomia rules explain 'Shell with a terminal in a container'
  eunomia rules explain 'Terminal shell in container' falco_rules.yaml
  eunomia rules explain 86157017-c2b1-4d4a-8c33-93b8e67e4af4 sigma/rules      a Sigma rule by its id
  eunomia rules explain 'Write below etc' falco-sandbox_rules.yaml --full     every value of long lists
  eunomia rules explain 'Write below etc' falco-sandbox_rules.yaml --engine   what the filter looks for in the bytes`

/** Adds `rules explain` to the rules commands. */
export function registerExplainCommand(rules: Command): void {
  addRuleFlags(rules.command('explain'))
    .description('show one rule: what it detects, its full condition, the fields it reads, why it cannot fire')
    .argument('<rule>', 'name or id of the rule')
    .argument('[paths...]', 'rule files and folders (default: rules.folders of the settings, else the rules that ship with Eunomia)')
    .option('--full', 'show long value lists in full', false)
    .option('--engine', 'show what the engine looks for in records of each event type before it evaluates the rule', false)
    .option('--json', 'print one JSON object', false)
    .addHelpText('after', EXAMPLES)
    .action(async (name: string, paths: string[], options: ExplainFlags, command: Command) => {
      const loaded = await loadGoodRules(paths, resolvedRules(command, options))
      const rule = findRuleOrCorrelation(name, loaded.ruleSet)
      const names = partNames(loaded)
      if ('members' in rule) printCorrelation(rule, loaded.ruleSet, options.json)
      else if (options.engine) printEngine(rule, options)
      else if (options.json) process.stdout.write(`${JSON.stringify(explanation(rule, loaded, names))}\n`)
      else {
        const style = { width: widthOf(process.stdout), colors: colorsFor(process.stdout), names, isFull: options.full }
        process.stdout.write(explanationText(rule, loaded, style))
      }
    })
}

interface ExplainFlags extends RuleFlags {
  readonly full: boolean
  readonly engine: boolean
  readonly json: boolean
}

function printEngine(rule: CompiledRule, { json, full }: ExplainFlags): void {
  const described = engineExplanation(rule)
  process.stdout.write(json ? `${JSON.stringify(described)}\n` : engineText(rule.name, described, full))
}

function printCorrelation(correlation: CompiledCorrelation, ruleSet: RuleSet, isJson: boolean): void {
  const style = { width: widthOf(process.stdout), colors: colorsFor(process.stdout) }
  const text = isJson ? `${JSON.stringify(correlationExplanation(correlation))}\n` : correlationText(correlation, ruleSet, style)
  process.stdout.write(text)
}
