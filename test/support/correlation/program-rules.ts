// Rules with correlations for tests: the real loader over a text, and events as maps of fields that are evaluated in order.
import assert from 'node:assert/strict'
import { EventSequence, timeOfFields } from '../../../processors/rule-engine/correlation/event-sequence.js'
import type { Firing } from '../../../processors/rule-engine/correlation/evaluate-window.js'
import { FieldMapSource, type FieldMap } from '../../../processors/rule-engine/evaluate/field-map.js'
import { prepareExpression } from '../../../processors/rule-engine/evaluate/prepare.js'
import { loadRules, type LoadResult } from '../../../processors/rule-engine/load/load-rules.js'
import type { RuleSet } from '../../../processors/rule-engine/rule-set/rule-set.js'

/** A rule over starts of the program `/NAME`, named so. */
export function programRule(name: string, more = ''): string {
  return `title: ${name} ran\nname: ${name}\nlogsource: {product: linux, category: process_creation}\n${more}detection: {s: {Image: /${name}}, condition: s}\n`
}

/** @param correlation the mapping below `correlation`, in flow style, braces left out */
export function correlation(title: string, text: string, more = ''): string {
  return `title: ${title}\n${more}correlation: {${text}}\n`
}

export function load(...documents: string[]): LoadResult {
  return loadRules([{ name: 'rules.yml', text: documents.join('---\n') }])
}

export function ruleSetOf(...documents: string[]): RuleSet {
  const { ruleSet, errors } = load(...documents)
  assert.deepEqual(errors, [])
  return ruleSet
}

/** A start of a program, `second` seconds after a fixed time. */
export function start(program: string, second: number, fields: FieldMap = {}): FieldMap {
  return { Image: `/${program}`, User: 'root', timestamp: 1_800_000_000 + second, ...fields }
}

/** The firings of the correlations for the events, in time order. */
export function firingsOf(ruleSet: RuleSet, events: readonly FieldMap[]): Firing<number>[] {
  const sequence = new EventSequence()
  const rules = ruleSet.rules.map((rule) => ({ rule, holds: prepareExpression(rule.condition) }))
  for (const event of events) {
    const source = new FieldMapSource(event)
    sequence.next(timeOfFields(event))
    for (const { rule, holds } of rules) if (holds(source) === true) sequence.matched(rule, source)
  }
  return sequence.firings()
}

/** `TITLE @SECOND..SECOND (group) = count` of each. */
export function firingTexts(firings: readonly Firing<unknown>[]): string[] {
  const second = (us: number): string => String(us / 1e6 - 1_800_000_000)
  return firings.map(({ correlation: { name }, startUs, endUs, group, count }) => {
    return `${name} @${second(startUs)}..${second(endUs)} (${group.join()}) = ${String(count)}`
  })
}
