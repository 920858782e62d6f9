// Rule files to one rule set, whatever their languages: each document goes to the loader of its language. Falco's rules come first, in
// load order, then Sigma's in theirs; every mistake of all files is told in one go.
import type { LoadError, LoadWarning } from './diagnostics.js'
import { FalcoLoader } from './falco/load-falco.js'
import type { FalcoDefinitions } from './falco/load-falco.js'
import type { CompiledRule } from './compiled-rule.js'
import type { LoadOptions } from './load-options.js'
import { LoadReport } from './load-report.js'
import type { RuleFile } from './read/rule-file.js'
import { readYamlFile } from './read/yaml-file.js'
import { createRuleSet } from './rule-set.js'
import type { RuleSet } from './rule-set.js'
import { SigmaLoader } from './sigma/load-sigma.js'
import { isSigmaDocument } from './sigma/read/read-document.js'

/** What became of the files. `ruleSet` is null when there are errors: a set is loaded whole or not at all. */
export interface LoadResult extends FalcoDefinitions {
  readonly ruleSet: RuleSet | null
  readonly errors: readonly LoadError[]
  readonly warnings: readonly LoadWarning[]
}

export function loadRules(files: readonly RuleFile[], options: LoadOptions = {}): LoadResult {
  const report = new LoadReport()
  const falco = new FalcoLoader(report, options)
  const sigma = new SigmaLoader(report, options)
  const sigmaRules: CompiledRule[] = []
  for (const { name, text } of files) {
    const yaml = readYamlFile(name, text)
    if ('problem' in yaml) {
      report.error('LOAD_ERR_YAML_PARSE', yaml.problem, null, yaml.place)
      continue
    }
    for (const document of yaml.documents) {
      if (document.kind === 'null') continue
      if (options.language !== 'sigma' && (options.language === 'falco' || !isSigmaDocument(document))) falco.read(document)
      else sigmaRules.push(...sigma.load(document))
    }
  }
  const falcoRules = falco.compile()
  const errors = withoutRepeats(report.errors)
  return {
    ruleSet: errors.length === 0 ? createRuleSet([...falcoRules, ...sigmaRules]) : null,
    errors,
    warnings: report.warnings,
    ...falco.definitions(),
  }
}

/** A mistake in a macro shows in every rule that uses it; it is told once. */
function withoutRepeats(errors: readonly LoadError[]): LoadError[] {
  const seen = new Set<string>()
  return errors.filter(({ code, message, place }) => {
    const key = JSON.stringify([code, message, place.file, place.line, place.column])
    return seen.size < seen.add(key).size
  })
}
