// Compares two rule sets rule by rule: which rules are new, which are gone, and what changed in the others. Conditions are compared by
// meaning: the order of terms, repeated terms, and groups within groups of the same kind make no difference.
import type { CompiledRule } from '../../rule-set/compiled-rule.js'
import { priorityName } from '../../rule-set/priority.js'
import type { RuleSet } from '../../rule-set/rule-set.js'
import type { CompiledCorrelation } from '../../rule-set/compiled-correlation.js'
import type { Expression } from '../../language/tree.js'
import { printCondition } from '../../language/printer.js'

/** What can differ in a rule. wording: the condition is written differently but means the same. */
const ASPECTS = ['meaning', 'wording', 'output', 'priority', 'tags', 'state', 'place in order'] as const
/** One of them. */
export type Aspect = (typeof ASPECTS)[number]

/** A rule, or a correlation of rules. */
export type DiffedRule = CompiledRule | CompiledCorrelation

/** A rule that differs between the sets. */
export interface ChangedRule {
  readonly before: DiffedRule
  readonly after: DiffedRule
  readonly aspects: readonly Aspect[]
}

/** The difference. */
export interface RuleSetDiff {
  readonly added: readonly DiffedRule[]
  readonly removed: readonly DiffedRule[]
  readonly changed: readonly ChangedRule[]
  readonly same: number
}

/** Compares two sets. Rules with the same language and id are the same rule. */
export function diffRuleSets(before: RuleSet, after: RuleSet): RuleSetDiff {
  const old = new Map(rulesOf(before).map((rule) => [keyOf(rule), rule]))
  const current = new Map(rulesOf(after).map((rule) => [keyOf(rule), rule]))
  const both = [...current].flatMap(([key, rule]) => {
    const earlier = old.get(key)
    return earlier === undefined ? [] : [{ before: earlier, after: rule }]
  })
  const moved = movedRules(
    both.map(({ before: rule }) => rule),
    [...old.values()],
  )
  const changed = both.flatMap((pair) => {
    const aspects = aspectsOf(pair.before, pair.after, moved)
    return aspects.length === 0 ? [] : [{ ...pair, aspects }]
  })
  return {
    added: [...current].flatMap(([key, rule]) => (old.has(key) ? [] : [rule])),
    removed: [...old].flatMap(([key, rule]) => (current.has(key) ? [] : [rule])),
    changed,
    same: both.length - changed.length,
  }
}

function rulesOf({ rules, correlations }: RuleSet): readonly DiffedRule[] {
  return [...rules, ...correlations]
}

function keyOf({ language, id }: DiffedRule): string {
  return `${language} ${id}`
}

function aspectsOf(before: DiffedRule, after: DiffedRule, moved: ReadonlySet<DiffedRule>): Aspect[] {
  const isMeaningSame = meaning(before) === meaning(after)
  const isDifferent: Readonly<Record<Aspect, boolean>> = {
    meaning: !isMeaningSame,
    wording: isMeaningSame && wordingOf(before) !== wordingOf(after),
    output: before.outputText !== after.outputText,
    priority: priorityName(before.priority) !== priorityName(after.priority) || before.level !== after.level,
    tags: JSON.stringify([...before.tags].sort()) !== JSON.stringify([...after.tags].sort()),
    state: stateOf(before) !== stateOf(after),
    'place in order': moved.has(before),
  }
  return ASPECTS.filter((aspect) => isDifferent[aspect])
}

/** The meaning of a correlation, or of a rule including the events that it applies to. */
function meaning(rule: DiffedRule): string {
  if (!('tree' in rule)) return JSON.stringify(correlationLines(rule))
  return JSON.stringify([rule.source, rule.eventTypes, meaningOf(rule.tree)])
}

function wordingOf(rule: DiffedRule): string {
  return 'tree' in rule ? rule.compiledText : rule.conditionText
}

/** On, off, or why the rule can't fire. */
export function stateOf({ isEnabled, unavailable }: DiffedRule): string {
  if (!isEnabled) return 'off'
  return unavailable.length === 0 ? 'on' : `waits: ${unavailable.join('; ')}`
}

/**
 * Falco rules whose position changed, which matters because the first match wins. Returns the smallest set that explains the new order:
 * all rules outside the longest run that is still in order.
 */
function movedRules(common: readonly DiffedRule[], before: readonly DiffedRule[]): ReadonlySet<DiffedRule> {
  const falco = common.filter(({ language }) => language === 'falco')
  const place = new Map(before.map((rule, index) => [rule, index]))
  const inOrder = longestAscending(falco.map((rule) => place.get(rule) ?? 0))
  return new Set(falco.filter((_rule, index) => !inOrder.has(index)))
}

/** Indices of a longest ascending run of distinct numbers. */
function longestAscending(numbers: readonly number[]): ReadonlySet<number> {
  const ends: number[] = []
  const previous: number[] = []
  for (const [index, number] of numbers.entries()) {
    let length = ends.findIndex((end) => (numbers[end] ?? 0) > number)
    if (length < 0) length = ends.length
    previous[index] = length === 0 ? -1 : (ends[length - 1] ?? -1)
    ends[length] = index
  }
  const run = new Set<number>()
  for (let at = ends.at(-1) ?? -1; at >= 0; at = previous[at] ?? -1) run.add(at)
  return run
}

/** A text that is equal for two conditions with the same meaning. */
function meaningOf(tree: Expression): string {
  return printCondition(normal(tree), 'parseable')
}

/** A condition as lines, one for each check, so that a diff shows the checks that differ. */
export function linesOf(tree: Expression, depth = 0): string[] {
  const indent = '  '.repeat(depth)
  switch (tree.kind) {
    case 'and':
    case 'or': {
      const name = tree.kind === 'and' ? 'all of' : 'any of'
      return [indent + name, ...tree.children.flatMap((child) => linesOf(child, depth + 1))]
    }
    case 'not': {
      const [first = '', ...rest] = linesOf(tree.child, depth)
      return [`${indent}not ${first.slice(indent.length)}`, ...rest]
    }
    default:
      return [indent + printCondition(tree)]
  }
}

/** The parts of a correlation, one line each. */
export function correlationLines({
  type,
  members,
  groupBy,
  aliases,
  valueFields,
  percentile,
  timespan,
  thresholds,
  isGenerating,
}: CompiledCorrelation): string[] {
  const isOrdered = type === 'temporal_ordered'
  const ids = members.map(({ id }) => id)
  return [
    `type ${type}`,
    ...(isOrdered ? [`rules in the order ${ids.join(', ')}`] : [...ids].sort().map((id) => `rule ${id}`)),
    ...[...groupBy].sort().map((field) => `group by ${field}`),
    ...[...aliases].flatMap(([alias, fields]) => [...fields].map(([rule, field]) => `alias ${alias} is ${field} of ${rule}`)).sort(),
    ...[...valueFields].sort().map((field) => `values of ${field}`),
    ...(percentile === null ? [] : [`percentile ${String(percentile)}`]),
    `timespan ${timespan.text}`,
    `condition ${thresholds.map(({ operator, value }) => `${operator} ${String(value)}`).join(' and ')}`,
    ...(isGenerating ? ['its rules also create their own alerts'] : []),
  ]
}

function normal(tree: Expression): Expression {
  switch (tree.kind) {
    case 'and':
    case 'or': {
      const children = tree.children.map(normal).flatMap((child) => (child.kind === tree.kind ? child.children : [child]))
      const byText = new Map(children.map((child) => [printCondition(child, 'parseable'), child]))
      const sorted = [...byText.keys()].sort().flatMap((text) => byText.get(text) ?? [])
      const [only] = sorted
      return only !== undefined && sorted.length === 1 ? only : { ...tree, children: sorted }
    }
    case 'not': {
      const child = normal(tree.child)
      return child.kind === 'not' ? child.child : { ...tree, child }
    }
    case 'comparison': {
      const { operator, right } = tree
      if (right.kind !== 'values' || (operator !== 'in' && operator !== 'intersects' && operator !== 'pmatch' && tree.modifier === null))
        return tree
      return { ...tree, right: { ...right, texts: [...new Set(right.texts)].sort() } }
    }
    default:
      return tree
  }
}
