// What rules and correlations have in common: identity, version, priority, place in a file. Knows nothing of what they evaluate.
import { createHash } from 'node:crypto'
import type { Priority } from '../../../schemas/generated/types.js'
import type { FilePlace } from '../read/rule-file.js'
/** The part of a compiled rule, or of a compiled correlation, that lists, alerts and reports show. */
export interface RuleHead {
  /** Identity across versions: the name of a Falco rule, the id of a Sigma rule. */
  readonly id: string
  readonly name: string
  /** Hash of all that decides what the rule does, 16 hex digits. */
  readonly version: string
  readonly source: string
  readonly priority: Exclude<Priority, 'UNKNOWN'>
  /** Level of a Sigma rule, by its own name; null for Falco rules, and where the file says none. */
  readonly level: string | null
  readonly tags: readonly string[]
  /** Who wrote the rule and what it rests on, for whoever reads its alerts: the licence of public Sigma rules asks for it. */
  readonly author: string | null
  readonly references: readonly string[]
  readonly desc: string
  /** Condition and output as written, after append and override. */
  readonly conditionText: string
  readonly outputText: string
  readonly isEnabled: boolean
  /** Why records can't be judged by the rule yet; empty when they can. */
  readonly unavailable: readonly string[]
  readonly place: FilePlace
}

/** 16 hex digits over all that decides what a rule does. */
export function versionOf(parts: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 16)
}
