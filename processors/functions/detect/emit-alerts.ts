// Gives the alerts of one event.
import type { FunctionContext } from '../../function.js'
import { alertOf } from '../../rule-engine/alert.js'
import type { CompiledRule } from '../../rule-engine/compiled-rule.js'
import type { JudgedEvent } from '../../rule-engine/judged-event.js'

/** Emits an alert for each rule. Its time in the topic is that of the event, so that processing again gives the same record. */
export function emitAlerts(context: FunctionContext, judged: JudgedEvent, rules: readonly CompiledRule[], ruleSetHash: string): void {
  const { origin } = judged.event.record
  const timestampMs = Math.max(0, Math.floor(origin.wallTimeUs / 1000))
  const counter = context.metrics.counter(
    'eunomia_detect_alerts_total',
    'Alerts by rule and by whether all facts were known',
    'rule',
    'facts',
  )
  for (const rule of rules) {
    const alert = alertOf(judged, rule, ruleSetHash)
    context.emit('alerts', origin.hostId, alert, timestampMs)
    counter.with(rule.name, alert.facts).add()
  }
}
