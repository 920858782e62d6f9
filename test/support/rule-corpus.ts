// The public rules next to the checkout: Falco's 93 and the archive, Sigma's 248 for Linux.
import { readRuleFiles } from '../../processors/rule-engine/load/rule-files.js'
import type { RuleFile } from '../../processors/rule-engine/read/rule-file.js'
import { sharedPath } from './shared-folder.js'

/** Files of rules, in load order. */
export interface RuleCorpus {
  /** Stable, incubating and sandbox rules: each file loads alone, and all three together. */
  readonly falco: readonly RuleFile[]
  /** Rules that Falco gave up, each file loaded alone. */
  readonly archive: readonly RuleFile[]
  readonly sigma: readonly RuleFile[]
}

const FALCO_FILES = ['falco_rules.yaml', 'falco-incubating_rules.yaml', 'falco-sandbox_rules.yaml']

/** The corpus; null where it is absent. */
export function ruleCorpus(): RuleCorpus | null {
  const falco = FALCO_FILES.map((name) => sharedPath('corpora', 'falco', name))
  const archive = sharedPath('corpora', 'falco', 'archive')
  const sigma = sharedPath('corpora', 'sigma')
  if (archive === null || sigma === null) return null
  const paths = falco.filter((path) => path !== null)
  if (paths.length < falco.length) return null
  return { falco: filesOf(paths), archive: filesOf([archive]), sigma: filesOf([sigma]) }
}

function filesOf(paths: readonly string[]): readonly RuleFile[] {
  const { files, errors } = readRuleFiles(paths)
  if (errors.length > 0) throw new Error(errors.map(({ message, place }) => `${place.file}: ${message}`).join('\n'))
  return files
}
