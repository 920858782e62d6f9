// What rules and correlations have in common: identity, version, priority, place in a file. Knows nothing of what they evaluate.
import { createHash } from 'node:crypto'
import type { Priority } from '../../../schemas/generated/types.js'
import type { FilePlace } from '../read/rule-file.js'
/** The part of a compiled rule, or of a compiled correlation, that lists, alerts and reports show. */
export interface RuleHead {
  /** Identity across versions: the name of a Falco rule, the id of a Sigma rule. */
  readonly id: string
  readonly name: string
  /** Hash of everything that decides what the rule does, 16 hex digits. */
  readonly version: string
  readonly source: string
  readonly priority: Exclude<Priority, 'UNKNOWN'>
  /** Sigma level; null for Falco rules, and if the file has none. */
  readonly level: string | null
  readonly tags: readonly string[]
  /** Author and sources of the rule, shown in its alerts: the license of public Sigma rules requires it. */
  readonly author: string | null
  readonly references: readonly string[]
  readonly desc: string
  /** Condition and output as written, after append and override. */
  readonly conditionText: string
  readonly outputText: string
  readonly isEnabled: boolean
  /** Why the rule can't be evaluated on records yet; empty if it can. */
  readonly unavailable: readonly string[]
  readonly place: FilePlace
}

/** 16 hex digits over everything that decides what a rule does. It changes whenever the rule's behavior does, and is part of alert ids. */
export function versionOf(parts: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 16)
}
