// The function `detect`: judges process, file, network and kernel events by the rules in force, with what is known of their containers, and gives alerts.
// What hangs on facts that are not there yet goes to the topic `pending`, which it reads too.
import type { Codec } from '../../../schemas/codec.js'
import { defineFunction, type FunctionDefinition } from '../../function.js'
import type { RulesProvider } from '../../rule-engine/load/rules-in-force.js'
import { RULE_TOPICS } from '../../rule-engine/fields/judged-event.js'
import { EventReader } from './event-reader.js'
import { judgeEvents } from './judge-events.js'
import { judgePending } from './judge-pending.js'
import { MatchFeed } from './match-feed.js'
import type { CorrelationSink } from './match-feed.js'
import { DEFAULT_PENDING, type PendingSettings } from './pending-settings.js'

/** What detect is made with. */
export interface DetectOptions {
  readonly codec: Codec
  readonly rules: RulesProvider
  /** Read anew for each batch. */
  readonly pending?: Partial<PendingSettings>
  /** Who judges correlations; without one their matches are only counted. */
  readonly correlations?: CorrelationSink
}

/** Makes the function. */
export function detectFunction({ codec, rules, pending, correlations }: DetectOptions): FunctionDefinition {
  const reader = new EventReader(codec)
  return defineFunction({
    name: 'detect',
    inputs: [...RULE_TOPICS, 'pending'],
    outputs: ['alerts', 'pending'],
    async handle(batch, context) {
      const settings = { ...DEFAULT_PENDING, ...pending }
      const feed = new MatchFeed(correlations ?? null, context)
      const run = { batch, context, reader, settings, feed, evaluator: rules.current() }
      await (batch.topic === 'pending' ? judgePending(run) : judgeEvents(run))
      await feed.flush(batch.topic)
    },
  })
}
