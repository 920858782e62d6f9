// What rule loaders receive besides the files: the minimum priority, Sigma placeholders and pipelines, and switches. A switch turns rules
// on or off by name, id (with wildcards) or tag, without a change to their files.
import type { RulePriority } from './priority.js'
import type { RuleFile } from '../read/rule-file.js'
import { nearestName } from '../../../infra/text/nearest.js'
import type { CompiledRule } from './compiled-rule.js'
import { withSwitched, type RuleSet } from './rule-set.js'
import { toByteText } from '../text/byte-text.js'
import { compileGlob } from '../../../infra/text/glob.js'

export interface LoadOptions {
  /** Rules with a lower priority are left out. */
  readonly minPriority?: RulePriority
  /** Values of the placeholders of Sigma rules (`%name%` with the modifier `expand`), by name. A rule without its values loads and waits. */
  readonly placeholders?: Readonly<Record<string, readonly string[]>>
  /** Field mappings for Sigma rules, in the form of pySigma pipelines. */
  readonly pipelines?: readonly RuleFile[]
  /** Rules switched on and off, the later over the earlier. */
  readonly switches?: readonly RuleSwitch[]
  /** Language of all files; by default, it is detected for each document. */
  readonly language?: 'falco' | 'sigma'
}

/** One switch: `enable tag:container`, `disable Shell *`. */
export interface RuleSwitch {
  readonly text: string
  readonly isOn: boolean
  readonly fits: (rule: SwitchedRule) => boolean
}

type SwitchedRule = Pick<CompiledRule, 'id' | 'name' | 'tags'>

/** Maximum length of a switch, characters. */
const MAX_LENGTH = 1000
const FORM = /^(enable|disable)\s+(\S.*)$/s

/** The switches of texts, or a sentence that describes the mistake in one. */
export function parseSwitches(texts: readonly string[]): readonly RuleSwitch[] | { readonly problem: string } {
  const switches: RuleSwitch[] = []
  for (const text of texts) {
    const [, verb, what] = FORM.exec(text.trim()) ?? []
    if (verb === undefined || what === undefined || text.length > MAX_LENGTH) return { problem: problemOf(text) }
    switches.push({ text: text.trim(), isOn: verb === 'enable', fits: fitsOf(what) })
  }
  return switches
}

function problemOf(text: string): string {
  const [verb = ''] = text.trim().split(/\s/)
  const near = nearestName(verb, ['enable', 'disable'])
  const hint = near === undefined || near === verb ? '' : `; did you mean '${near}'?`
  return `'${text.slice(0, 100)}' is no switch: expected 'enable NAME' or 'disable NAME'; NAME is a name or id with * as wildcard, or tag:TAG${hint}`
}

function fitsOf(what: string): RuleSwitch['fits'] {
  if (what.startsWith('tag:')) {
    const fits = compileGlob(toByteText(what.slice('tag:'.length).trim()))
    return ({ tags }) => tags.some((tag) => fits(toByteText(tag)))
  }
  const fits = compileGlob(toByteText(what))
  return ({ id, name }) => fits(toByteText(name)) || fits(toByteText(id))
}

/** The set with the switches applied in order, and the switches that match no rule. */
export function switchRules(
  ruleSet: RuleSet,
  switches: readonly RuleSwitch[],
): { readonly ruleSet: RuleSet; readonly idle: readonly string[] } {
  if (switches.length === 0) return { ruleSet, idle: [] }
  const used = new Set<RuleSwitch>()
  const isOn = (rule: SwitchedRule & Pick<CompiledRule, 'isEnabled'>): boolean => {
    let isEnabled = rule.isEnabled
    for (const one of switches) {
      if (!one.fits(rule)) continue
      used.add(one)
      isEnabled = one.isOn
    }
    return isEnabled
  }
  const switched = withSwitched(ruleSet, isOn)
  return {
    ruleSet: switched,
    idle: switches.filter((one) => !used.has(one)).map(({ text }) => text),
  }
}
