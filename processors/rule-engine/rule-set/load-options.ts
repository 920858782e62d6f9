// What loaders of rules are told besides the files.
import type { RulePriority } from './priority.js'
import type { RuleFile } from '../read/rule-file.js'
import type { RuleSwitch } from './rule-switches.js'

export interface LoadOptions {
  /** Rules less urgent are left out. */
  readonly minPriority?: RulePriority
  /** Values of the placeholders of Sigma rules (`%name%` with the modifier `expand`), by name. A rule without its values loads and waits. */
  readonly placeholders?: Readonly<Record<string, readonly string[]>>
  /** Field mappings for Sigma rules, in the form of pySigma pipelines. */
  readonly pipelines?: readonly RuleFile[]
  /** Rules switched on and off, the later over the earlier. */
  readonly switches?: readonly RuleSwitch[]
  /** Language of all files; by default each document is looked at. */
  readonly language?: 'falco' | 'sigma'
}
