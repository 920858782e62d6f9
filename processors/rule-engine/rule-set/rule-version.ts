// The version of a rule: another one whenever the rule does something else. It is part of the identity of alerts.
import { createHash } from 'node:crypto'

/** 16 hex digits over all that decides what a rule does. */
export function versionOf(parts: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 16)
}
