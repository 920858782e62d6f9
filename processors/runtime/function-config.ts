// How a function runs, and what it stands on: the two things that whoever starts one must say.
import type { Logger } from '../../infra/process/logger.js'
import type { Metrics } from '../../infra/process/metrics.js'
import type { TopicLog } from '../../infra/topic-log/topic-log.js'
import type { Codec } from '../../schemas/codec.js'
import type { BackoffOptions } from '../../infra/waiting/backoff.js'
import type { Clock } from '../../infra/waiting/clock.js'
import type { Membership } from '../membership/membership.js'
import type { OutputBounds } from './outputs.js'

/** How a function runs. */
export interface FunctionConfig {
  /** Consumer group; default `eunomia.` and the name of the function. */
  readonly group?: string
  /** Where a group that never committed begins; default `earliest`, so that nothing is passed over. */
  readonly from?: 'earliest' | 'latest'
  /** Most bytes of one fetch per partition; default that of the log. */
  readonly maxBatchBytes?: number
  /** Default 50 ms to 2 s: the bound is well below the time that pending events wait for what is written after an outage. */
  readonly backoff?: Partial<BackoffOptions>
  readonly outputs?: OutputBounds
}

/** What a running function stands on. */
export interface FunctionDependencies {
  readonly log: TopicLog
  readonly codec: Codec
  readonly membership: Membership
  readonly logger: Logger
  readonly metrics: Metrics
  /** Default: the clock of this machine. */
  readonly clock?: Clock
}
