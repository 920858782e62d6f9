// Gives the alerts of one event, and feeds correlations with its matches.
import { MAX_AHEAD_MS } from '../../../infra/topic-log/topics.js'
import { alertOf } from '../../rule-engine/output/alert.js'
import type { CompiledRule } from '../../rule-engine/rule-set/compiled-rule.js'
import type { JudgedEvent } from '../../rule-engine/fields/judged-event.js'
import type { DetectRun } from './detect-run.js'

/**
 * Emits an alert for each rule but those that only feed correlations. Its time in the topic is that of the event, so that processing again gives the same
 * record.
 */
export function emitAlerts({ context, evaluator, feed }: DetectRun, judged: JudgedEvent, rules: readonly CompiledRule[]): void {
  const { origin } = judged.event.record
  // An event of a host whose clock is ahead must not pin the retention of the alerts.
  const latestMs = context.clock.nowUs() / 1000 + MAX_AHEAD_MS
  const timestampMs = Math.max(0, Math.floor(Math.min(origin.wallTimeUs / 1000, latestMs)))
  const counter = context.metrics.counter(
    'eunomia_detect_alerts_total',
    'Alerts by rule and by whether all facts were known',
    'rule',
    'facts',
  )
  for (const rule of rules) {
    const alert = alertOf(judged, rule, evaluator.ruleSetHash)
    if (rule.feeds !== undefined) feed.take(rule.feeds, judged, alert)
    if (rule.feeds?.isSilent === true) continue
    context.emit('alerts', origin.hostId, alert, timestampMs)
    counter.with(rule.name, alert.facts).add()
  }
}
