// What follows from a judgement: nothing, alerts now, or a wait for facts.
import type { CompiledRule } from '../../rule-engine/rule-set/compiled-rule.js'
import type { Evaluator } from '../../rule-engine/evaluate/evaluator.js'
import type { JudgedEvent } from '../../rule-engine/fields/judged-event.js'

/** What is done with an event. */
export type Verdict =
  | { readonly kind: 'none' }
  | { readonly kind: 'alert'; readonly rules: readonly CompiledRule[] }
  | { readonly kind: 'wait'; readonly rules: readonly CompiledRule[] }

const NONE: Verdict = { kind: 'none' }

/**
 * Judges an event. One whose container is unknown waits also when a rule holds for certain: an alert names its container, and is the same
 * bytes whether the facts came before or after the event.
 */
export function verdictOn(event: JudgedEvent, evaluator: Evaluator): Verdict {
  const { matched, waiting } = evaluator.judge(event)
  if (matched.length === 0 && waiting.length === 0) return NONE
  if (event.container.state === 'unknown') return { kind: 'wait', rules: [...matched, ...waiting] }
  if (waiting.length > 0) throw new TypeError(`a rule waits for facts of a container that is ${event.container.state}`)
  return { kind: 'alert', rules: matched }
}
