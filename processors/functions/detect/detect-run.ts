// One batch under evaluation, and what both kinds of batches do with an event: decide the verdict, emit the alerts.
import { MAX_AHEAD_MS } from '../../../infra/topic-log/topics.js'
import type { EventBatch, FunctionContext } from '../../function.js'
import type { Candidates, Evaluator } from '../../rule-engine/evaluate/evaluator.js'
import type { RuleEvent } from '../../rule-engine/fields/rule-event.js'
import { alertOf } from '../../rule-engine/output/alert.js'
import type { CompiledRule } from '../../rule-engine/rule-set/compiled-rule.js'
import type { EventReader } from './event-reader.js'
import type { KnownContainers } from './known-containers.js'
import type { MatchFeed } from './match-feed.js'

/** How long an event waits for the facts of its container, and how often it is evaluated meanwhile. */
export interface PendingSettings {
  /**
   * From the first evaluation to the one with the facts absent, milliseconds. A longer wait names more containers of a slow runtime, and delays
   * the alerts of those that never get facts. It restarts after an outage of the membership store, so it must be longer than the time
   * in which the function `membership` then catches up.
   */
  readonly deadlineMs: number
  /** The longest wait, also while the membership store is unavailable, milliseconds. Well below the retention of the topic `pending`. */
  readonly longestWaitMs: number
  /**
   * Time to the second evaluation of what still waits, milliseconds; doubles each time. A shorter time finds
   * facts sooner and writes waiting events more often.
   */
  readonly firstRestMs: number
  /** Longest such time before the deadline, milliseconds: what follows events that have waited long is delayed by it. */
  readonly maxRestMs: number
  /** No more facts will arrive, as at the end of a log that ends with its process: what still waits is decided immediately. */
  readonly isEnding: boolean
}

/** The default settings. */
export const DEFAULT_PENDING: PendingSettings = {
  deadlineMs: 10_000,
  longestWaitMs: 3_600_000,
  firstRestMs: 50,
  maxRestMs: 400,
  isEnding: false,
}

/** What detect works with while it handles one batch. */
export interface DetectRun {
  readonly batch: EventBatch
  readonly context: FunctionContext
  readonly reader: EventReader
  readonly containers: KnownContainers
  /** The rules in force: the same for the whole batch. */
  readonly evaluator: Evaluator
  readonly settings: PendingSettings
  /** Where matches that feed correlations go. */
  readonly feed: MatchFeed
}

/** What happens to an event. */
export type Verdict =
  | { readonly kind: 'none' }
  | { readonly kind: 'alert'; readonly rules: readonly CompiledRule[] }
  | { readonly kind: 'wait'; readonly rules: readonly CompiledRule[] }

const NONE: Verdict = { kind: 'none' }

/**
 * Evaluates the rules on an event. An event whose container is unknown waits even when a rule certainly matches: an alert names its container,
 * and has the same bytes whether the facts arrive before or after the event.
 */
export function verdictOn(event: RuleEvent, evaluator: Evaluator, candidates: Candidates | null = null): Verdict {
  const { matched, waiting } = evaluator.evaluate(event, candidates)
  if (matched.length === 0 && waiting.length === 0) return NONE
  if (event.container.state === 'unknown') return { kind: 'wait', rules: [...matched, ...waiting] }
  if (waiting.length > 0) throw new TypeError(`a rule waits for facts of a container that is ${event.container.state}`)
  return { kind: 'alert', rules: matched }
}

/**
 * Emits an alert for each rule except those that only feed correlations. Its time in the topic is that of the event, so that processing it
 * again produces the same record.
 */
export function emitAlerts({ context, evaluator, feed }: DetectRun, ruleEvent: RuleEvent, rules: readonly CompiledRule[]): void {
  const { origin } = ruleEvent.event.record
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
    const alert = alertOf(ruleEvent, rule, evaluator.ruleSetHash)
    if (rule.feeds !== undefined) feed.take(rule.feeds, ruleEvent, alert)
    if (rule.feeds?.isSilent === true) continue
    context.emit('alerts', origin.hostId, alert, timestampMs)
    counter.with(rule.name, alert.facts).add()
  }
}
