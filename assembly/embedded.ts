// The functions in the process of `run`: membership and windows in memory, and detect, over the memory log that the collector writes to.
import type { Lifecycle } from '../infra/process/lifecycle.js'
import type { Logger } from '../infra/process/logger.js'
import type { Metrics } from '../infra/process/metrics.js'
import type { TopicLog } from '../infra/topic-log/topic-log.js'
import { SYSTEM_CLOCK } from '../infra/waiting/clock.js'
import { Correlator } from '../processors/rule-engine/correlation/correlator.js'
import { MemoryWindowStore } from '../processors/rule-engine/correlation/memory-window-store.js'
import { startCorrelator, type CorrelatorPart } from '../processors/runtime/start-correlator.js'
import { detectFunction } from '../processors/functions/detect/detect.js'
import type { PendingSettings } from '../processors/functions/detect/detect-run.js'
import { membershipFunction } from '../processors/functions/membership.js'
import { MemoryStore } from '../processors/membership/memory-store.js'
import { valueReader, Membership } from '../processors/membership/membership.js'
import type { RulesProvider } from '../processors/rule-engine/load/rules-in-force.js'
import type { FunctionConfig } from '../processors/runtime/function-runner.js'
import { RuleScreen } from '../processors/functions/detect/rule-screen.js'
import { startFunction } from '../processors/runtime/start-function.js'
import type { Codec } from '../schemas/codec.js'

/** What the functions need. */
export interface EmbeddedDeps {
  readonly topicLog: TopicLog
  readonly codec: Codec
  readonly rules: RulesProvider
  readonly log: Logger
  readonly metrics: Metrics
  /** How events wait for facts; read again for each batch. */
  readonly pending: Partial<PendingSettings>
  /** Memberships in the near-cache. */
  readonly nearCacheEntries: number
}

/** The running functions. */
export interface EmbeddedFunctions {
  readonly correlating: CorrelatorPart
  /** What they need of the events. */
  readonly screen: RuleScreen
}

/** In small batches: the collector reads its rings in the same thread, between two of them. */
const BATCHES: FunctionConfig = { maxBatchBytes: 64 * 1024 }

/** Starts the functions and the correlator of their matches. */
export async function startEmbeddedFunctions(deps: EmbeddedDeps, lifecycle: Lifecycle): Promise<EmbeddedFunctions> {
  const { codec, rules, log, metrics, topicLog, pending } = deps
  const evicted = metrics.counter('eunomia_membership_store_evicted_total', 'Memberships that left the store in memory at its bound').with()
  const membership = new Membership(new MemoryStore({ evicted }), valueReader(codec), metrics, log, { maxEntries: deps.nearCacheEntries })
  const functionDeps = { topicLog, codec, membership, log, metrics }
  await lifecycle.start('membership', () => startFunction(membershipFunction(codec), functionDeps, BATCHES))
  const correlator = memoryCorrelator(log, metrics)
  const correlating = await lifecycle.start('correlations', () =>
    startCorrelator({ correlator, topicLog, codec, log, clock: SYSTEM_CLOCK }),
  )
  const detect = detectFunction({ codec, rules, pending, correlations: correlator })
  await lifecycle.start('detect', () => startFunction(detect, functionDeps, BATCHES))
  return { correlating, screen: new RuleScreen(codec, rules, membership) }
}

/** All events of the host come through this process: its windows are whole. */
function memoryCorrelator(log: Logger, metrics: Metrics): Correlator {
  const forgotten = metrics
    .counter('eunomia_correlation_groups_forgotten_total', 'Groups of correlations that were forgotten at a bound')
    .with()
  return new Correlator({ store: new MemoryWindowStore({ forgotten }), clock: SYSTEM_CLOCK, log, metrics })
}
