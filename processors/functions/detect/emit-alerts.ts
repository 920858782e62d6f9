// Gives the alerts of one event.
import type { FunctionContext } from '../../function.js'
import { alertOf } from '../../rule-engine/alert.js'
import type { CompiledRule } from '../../rule-engine/compiled-rule.js'
import type { JudgedEvent } from '../../rule-engine/evaluator.js'

/** Emits an alert for each rule. Its time in the topic is that of the event, so that processing again gives the same record. */
export function emitAlerts(context: FunctionContext, judged: JudgedEvent, rules: readonly CompiledRule[], ruleSetHash: string): void {
  const { origin } = judged.event.record
  const timestampMs = Math.max(0, Math.floor(origin.wallTimeUs / 1000))
  for (const rule of rules) context.emit('alerts', origin.hostId, alertOf(judged, rule, ruleSetHash), timestampMs)
}
