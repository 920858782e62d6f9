// Rule files to one rule set, whatever their languages: each document goes to the loader of its language. Falco's rules come first, in
// load order, then Sigma's in theirs. All mistakes of all files are reported in one run, and exclude only what depends on them.
import type { CompiledRule } from '../rule-set/compiled-rule.js'
import { settleCorrelations } from '../correlation/settle-correlations.js'
import { SearchMemory, costProblem } from '../compile/condition-cost.js'
import type { LoadError, LoadWarning } from '../read/diagnostics.js'
import { FalcoLoader, type FalcoDefinitions } from '../falco/load-falco.js'
import { type LoadOptions, switchRules } from '../rule-set/load-options.js'
import { LoadReport } from '../read/load-report.js'
import type { RuleFile } from '../read/rule-file.js'
import { readYamlFile } from '../read/yaml-file.js'
import { createRuleSet, type RuleSet } from '../rule-set/rule-set.js'
import { SigmaLoader } from '../sigma/load-sigma.js'
import { isSigmaDocument } from '../sigma/read/read-document.js'
/** The result: the rules without mistakes, and every mistake. The caller decides whether a set with mistakes is used. */
export interface LoadResult extends FalcoDefinitions {
  readonly ruleSet: RuleSet
  readonly errors: readonly LoadError[]
  readonly warnings: readonly LoadWarning[]
  /** Switches that fit none of the rules, as given. */
  readonly idleSwitches: readonly string[]
}

/** @param unreadable files that could not be read: they are excluded like files that are not YAML */
export function loadRules(files: readonly RuleFile[], options: LoadOptions = {}, unreadable: readonly LoadError[] = []): LoadResult {
  const report = new LoadReport()
  for (const { code, message, item, place } of unreadable) keepOut(report, report.error(code, message, item, place))
  const falco = new FalcoLoader(report, options)
  const sigma = new SigmaLoader(report, options)
  for (const { name, text } of files) {
    const yaml = readYamlFile(name, text)
    if ('problem' in yaml) {
      keepOut(report, report.error('LOAD_ERR_YAML_PARSE', yaml.problem, null, yaml.place))
      continue
    }
    for (const document of yaml.documents) {
      if (document.kind === 'null') continue
      if (options.language !== 'sigma' && (options.language === 'falco' || !isSigmaDocument(document))) falco.read(document)
      else sigma.read(document)
    }
  }
  const falcoRules = falco.compile()
  const { rules: sigmaRules, correlations } = settleCorrelations(sigma.compile(), report, options)
  const affordable = sigmaRules.filter((rule) => isAffordable(rule, report))
  const memory = new SearchMemory()
  const rules = [...falcoRules, ...affordable].filter((rule) => isWithin(memory, rule, report))
  const { errors, warnings, quarantined } = report
  const { ruleSet, idle } = switchRules(createRuleSet(rules, quarantined, correlations), options.switches ?? [])
  return { ruleSet, errors, warnings, idleSwitches: idle, ...falco.definitions() }
}

/** Falco's rules were checked when they were compiled; the condition of Sigma's is known only now. */
function isAffordable(rule: CompiledRule, report: LoadReport): boolean {
  return isWithoutProblem(rule, costProblem(rule.condition), report)
}

function isWithin(memory: SearchMemory, rule: CompiledRule, report: LoadReport): boolean {
  return isWithoutProblem(rule, memory.problemWith(rule.condition), report)
}

function isWithoutProblem({ name, place }: CompiledRule, problem: string | null, report: LoadReport): boolean {
  if (problem !== null) report.quarantine('rule', name, report.error('LOAD_ERR_COMPILE_CONDITION', problem, name, place))
  return problem === null
}

function keepOut(report: LoadReport, error: LoadError): void {
  report.quarantine('file', error.place.file, error)
}
