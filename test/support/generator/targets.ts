// Rules as targets: what an event must contain to match each rule, in the names of the field catalogue.
import type { Condition } from '../oracle/falco/condition.js'
import { falcoRules } from '../oracle/falco/rule-files.js'
import { sigmaRules, type OracleSigmaRule } from '../oracle/sigma/sigma-rule.js'
import type { Random } from './random.js'
import { sigmaWishFor } from './wish/sigma-wish.js'
import { wishFor, type Wish } from './wish/wish.js'

/** A rule that events can be aimed at. */
export interface Target {
  readonly rule: string
  wish(random: Random): Wish
}

/** Sigma's names, by the fields with the same value. */
const SIGMA_NAMES: Readonly<Record<string, string>> = {
  Image: 'proc.exepath',
  CommandLine: 'proc.exeline',
  ParentImage: 'proc.pexepath',
  ParentCommandLine: 'proc.pcmdline',
  CurrentDirectory: 'proc.cwd',
  User: 'user.name',
  LogonId: 'user.uid',
  TargetFilename: 'fd.name',
}

/** What the log source requires of an event, besides the detection. */
const SIGMA_SOURCES: Readonly<Record<string, readonly (readonly [field: string, value: string])[]>> = {
  process_creation: [['evt.type', 'execve']],
  file_event: [
    ['evt.type', 'openat'],
    ['evt.is_open_write', 'true'],
    ['evt.is_open_create', 'true'],
  ],
}

/** Targets for all rules of Falco files, loaded together. */
export function falcoTargets(texts: readonly string[]): Target[] {
  return falcoRules(texts).map(({ name, condition }) => falcoTarget(name, condition))
}

/** A target for a condition without macros. */
export function falcoTarget(rule: string, condition: Condition): Target {
  return { rule, wish: (random) => wishFor(condition, random) }
}

/** Targets for the rules of Sigma files whose log source records cover. */
export function sigmaTargets(texts: readonly string[]): Target[] {
  return texts.flatMap(sigmaRules).flatMap((rule) => {
    const source = rule.category === null ? undefined : SIGMA_SOURCES[rule.category]
    return source === undefined ? [] : [{ rule: rule.id, wish: (random: Random) => translated(rule, source, random) }]
  })
}

function translated({ detection }: OracleSigmaRule, source: readonly (readonly [string, string])[], random: Random): Wish {
  const wish: Wish = new Map(source)
  for (const [field, value] of sigmaWishFor(detection, random)) {
    const name = SIGMA_NAMES[field]
    if (name !== undefined) wish.set(name, value)
  }
  return wish
}
