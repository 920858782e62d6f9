// Matches of one batch that feed correlations. They are handed on once, when the batch is judged; where nobody correlates they are counted, so that
// a correlation is never half right in silence.
import type { TopicKey } from '../../../infra/topic-log/topics.js'
import type { Alert } from '../../../schemas/generated/types.js'
import type { FunctionContext } from '../../function.js'
import { eventIdOf } from '../../rule-engine/correlation/correlation-alert.js'
import { observationOf } from '../../rule-engine/correlation/group-window.js'
import type { Observation } from '../../rule-engine/correlation/group-window.js'
import { readTap } from '../../rule-engine/rule-set/tap.js'
import type { Feeds } from '../../rule-engine/rule-set/tap.js'
import type { CompiledRule } from '../../rule-engine/rule-set/compiled-rule.js'
import { RecordSource } from '../../rule-engine/fields/field-source.js'
import type { JudgedEvent } from '../../rule-engine/fields/judged-event.js'

/** Who correlates. All of it may be told again for the same events. */
export interface CorrelationSink {
  /** Takes the matches of a batch. */
  add(observations: readonly Observation<Alert>[]): Promise<void>
  /** All events of the topic up to this wall time, Unix microseconds, were looked at. */
  reached(topic: TopicKey, timeUs: number): void
  /** An event waits for facts, until its deadline, and may match then. */
  hold(id: string, timeUs: number, deadlineUs: number): void
  /** An event does not wait any more. */
  release(id: string): void
}

/** Gathers the matches of one batch for the sink; without a sink it counts them. */
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

  /** @param alert of the rule and the event, also when it is given to nobody: a correlation that fires shows the event with it */
  take({ taps }: Feeds, judged: JudgedEvent, alert: Alert): void {
    const active = taps.filter(({ correlation }) => correlation.isEnabled && correlation.unavailable.length === 0)
    if (active.length === 0) return
    if (this.#sink === null) {
      const unfed = this.#context.metrics.counter(
        'eunomia_correlation_unfed_total',
        'Matches that feed correlations which nobody judges here',
      )
      unfed.with().add(active.length)
      return
    }
    const { origin } = alert
    const moment = { timeUs: origin.wallTimeUs, tie: origin.bootTimeUs, id: eventIdOf(alert.eventTopic, origin) }
    const source = new RecordSource(judged)
    this.#observations.push(...active.map((tap) => observationOf(readTap(tap, source), moment, alert)))
  }

  /** The batch has an event of this time, Unix milliseconds. */
  saw(timestampMs: number): void {
    this.#newestMs = Math.max(this.#newestMs, timestampMs)
  }

  /** An event of which a rule that feeds correlations may yet hold waits for facts. */
  hold({ event }: JudgedEvent, topic: string, rules: readonly CompiledRule[], deadlineUs: number): void {
    if (this.#sink === null || rules.every(({ feeds }) => feeds === undefined)) return
    const { origin } = event.record
    this.#sink.hold(eventIdOf(topic, origin), origin.wallTimeUs, deadlineUs)
  }

  /** An event that waited is judged. */
  release({ event }: JudgedEvent, topic: string): void {
    if (this.#sink !== null) this.#released.push(eventIdOf(topic, event.record.origin))
  }

  /** Hands on what the batch gave: what its events mean first, then that they were looked at. */
  async flush(topic: TopicKey): Promise<void> {
    if (this.#sink === null) return
    if (this.#observations.length > 0) await this.#sink.add(this.#observations)
    for (const id of this.#released) this.#sink.release(id)
    if (this.#newestMs > 0 && topic !== 'pending') this.#sink.reached(topic, this.#newestMs * 1000)
  }
}
