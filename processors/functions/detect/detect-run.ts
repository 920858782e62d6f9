// What detect works with while it handles one batch.
import type { EventBatch, FunctionContext } from '../../function.js'
import type { Evaluator } from '../../rule-engine/evaluate/evaluator.js'
import type { MatchFeed } from './match-feed.js'
import type { EventReader } from './event-reader.js'
import type { PendingSettings } from './pending-settings.js'

/** One batch for detect. */
export interface DetectRun {
  readonly batch: EventBatch
  readonly context: FunctionContext
  readonly reader: EventReader
  /** The rules in force: the same for the whole batch. */
  readonly evaluator: Evaluator
  readonly settings: PendingSettings
  /** Where matches go that feed correlations. */
  readonly feed: MatchFeed
}
