// What the engine does with a rule before it evaluates it: the output of `rules explain --engine --json`.
import { describeFilter, type DescribedRows } from '../../compiled/filter-description.js'
import { COLLECTED_TYPES_OF } from '../../fields/record/event-type.js'
import { RULE_TOPICS } from '../../fields/rule-event.js'
import type { CompiledRule } from '../../rule-set/compiled-rule.js'

/** The filter of a rule for event types for which it is the same. */
export interface EngineExplanation {
  readonly eventTypes: readonly string[]
  readonly rows: DescribedRows
}

/** In the order of the event types of the rule. */
export function engineExplanation(rule: CompiledRule): readonly EngineExplanation[] {
  const found = new Map<string, { readonly eventTypes: string[]; readonly rows: DescribedRows }>()
  for (const type of rule.eventTypes) {
    const topic = RULE_TOPICS.find((each) => COLLECTED_TYPES_OF[each].includes(type)) ?? 'process'
    const rows = describeFilter(rule, type, topic)
    const key = JSON.stringify(rows)
    const known = found.get(key)
    if (known === undefined) found.set(key, { eventTypes: [type], rows })
    else known.eventTypes.push(type)
  }
  return [...found.values()]
}
