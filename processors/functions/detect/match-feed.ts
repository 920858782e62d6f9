// Matches of one batch that feed correlations. They are passed on once, after the batch is evaluated. Without a correlator they are counted, so that
// an incomplete correlation never goes unnoticed.
import type { TopicKey } from '../../../infra/topic-log/topics.js'
import type { Alert } from '../../../schemas/generated/types.js'
import type { FunctionContext } from '../../function.js'
import { eventIdOf } from '../../rule-engine/correlation/correlation-alert.js'
import { observationOf, type Observation } from '../../rule-engine/correlation/group-window.js'
import { readTap, type Feeds } from '../../rule-engine/rule-set/tap.js'
import type { CompiledRule } from '../../rule-engine/rule-set/compiled-rule.js'
import { RecordSource } from '../../rule-engine/fields/field-source.js'
import type { RuleEvent } from '../../rule-engine/fields/rule-event.js'

/** The receiver of matches. Calls may be repeated for the same events. */
export interface CorrelationSink {
  /** Takes the matches of a batch. */
  add(observations: readonly Observation<Alert>[]): Promise<void>
  /** All events of the topic up to this wall time, Unix microseconds, were evaluated. */
  reached(topic: TopicKey, timeUs: number): void
  /** An event waits for facts, until its deadline, and may match then. */
  hold(id: string, timeUs: number, deadlineUs: number): void
  /** An event no longer waits. */
  release(id: string): void
}

/** Collects the matches of one batch for the sink; without a sink it counts them. */
export class MatchFeed {
  readonly #sink: CorrelationSink | null
  readonly #context: FunctionContext
  readonly #observations: Observation<Alert>[] = []
  readonly #released: string[] = []
  #newestMs = 0

  constructor(sink: CorrelationSink | null, context: FunctionContext) {
    this.#sink = sink
    this.#context = context
  }

  /** @param alert of the rule and the event, also when it is not emitted: a correlation that fires shows the event with it */
  take({ taps }: Feeds, ruleEvent: RuleEvent, alert: Alert): void {
    const active = taps.filter(({ correlation }) => correlation.isEnabled && correlation.unavailable.length === 0)
    if (active.length === 0) return
    if (this.#sink === null) {
      const unfed = this.#context.metrics.counter('eunomia_correlation_unfed_total', 'Matches for correlations that are not evaluated here')
      unfed.with().add(active.length)
      return
    }
    const { origin } = alert
    const moment = { timeUs: origin.wallTimeUs, tie: origin.bootTimeUs, id: eventIdOf(alert.eventTopic, origin) }
    const source = new RecordSource(ruleEvent)
    this.#observations.push(...active.map((tap) => observationOf(readTap(tap, source), moment, alert)))
  }

  /** The batch has an event of this time, Unix milliseconds. */
  saw(timestampMs: number): void {
    this.#newestMs = Math.max(this.#newestMs, timestampMs)
  }

  /** An event that a rule that feeds correlations may still match waits for facts. */
  hold({ event }: RuleEvent, topic: string, rules: readonly CompiledRule[], deadlineUs: number): void {
    if (this.#sink === null || rules.every(({ feeds }) => feeds === undefined)) return
    const { origin } = event.record
    this.#sink.hold(eventIdOf(topic, origin), origin.wallTimeUs, deadlineUs)
  }

  /** A waiting event was evaluated. */
  release({ event }: RuleEvent, topic: string): void {
    if (this.#sink !== null) this.#released.push(eventIdOf(topic, event.record.origin))
  }

  /** Passes on the results of the batch: the matches first, then that its events were evaluated. */
  async flush(topic: TopicKey): Promise<void> {
    if (this.#sink === null) return
    if (this.#observations.length > 0) await this.#sink.add(this.#observations)
    for (const id of this.#released) this.#sink.release(id)
    if (this.#newestMs > 0 && topic !== 'pending') this.#sink.reached(topic, this.#newestMs * 1000)
  }
}
