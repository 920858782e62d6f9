// What checks say of values, prepared once for each check of a rule set: the same check serves the events of every type.
import type { BoundCheck } from '../../compile/bound-tree.js'
import { compileMatcher, compileTextMatcher } from '../matcher.js'
import type { Matcher, TextMatcher } from '../matcher.js'
import { prepareDecision } from '../prepare.js'
import type { Decision } from '../prepare.js'

/** A prepared check. */
export interface PreparedCheck {
  readonly decide: Decision
  /** The same for a single value that is there; null for checks that need more than it. */
  readonly matches: Matcher | null
  /** The same where values are texts; null where they are not. */
  readonly matchesText: TextMatcher | null
}

/** Prepares each check once. */
export class Decisions {
  readonly #prepared = new Map<BoundCheck, PreparedCheck>()

  of(check: BoundCheck): PreparedCheck {
    const known = this.#prepared.get(check)
    if (known !== undefined) return known
    const prepared = { decide: prepareDecision(check), matches: matcherOf(check), matchesText: textMatcherOf(check) }
    this.#prepared.set(check, prepared)
    return prepared
  }
}

function matcherOf(check: BoundCheck): Matcher | null {
  if (check.kind === 'exists') return () => true
  const { operator, modifier, left, right } = check
  return right.kind === 'constants' ? compileMatcher(operator, modifier, left.type, right.constants) : null
}

function textMatcherOf(check: BoundCheck): TextMatcher | null {
  if (check.kind === 'exists' || check.right.kind !== 'constants') return null
  return compileTextMatcher(check.operator, check.modifier, check.left.type, check.right.constants)
}
