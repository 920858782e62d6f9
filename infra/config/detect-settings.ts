// Settings of the function detect, a part of config-schema.ts.
import { Type } from 'typebox'

const HOUR_MS = 3_600_000

/** Settings `detect.*`. */
export const DETECT_SETTINGS = Type.Object(
  {
    factsDeadlineMs: Type.Integer({
      default: 10_000,
      minimum: 100,
      maximum: 600_000,
      unit: 'ms',
      description:
        'How long a verdict waits for the facts of a container. After that, rules are evaluated without them, and the alert says so.',
    }),
    longestWaitMs: Type.Integer({
      default: HOUR_MS,
      minimum: 1000,
      maximum: 7 * 24 * HOUR_MS,
      unit: 'ms',
      description:
        'How long an event waits for those facts, also while Redis is unavailable; in a queue, up to twice as long. It must be less than half of the retention of the topic eunomia.pending.v1 (one day; in the cluster, retention.ms), or `process` does not start.',
    }),
    nearCacheEntries: Type.Integer({
      default: 20_000,
      minimum: 100,
      maximum: 10_000_000,
      description: 'Maximum containers whose facts an instance caches in memory.',
    }),
  },
  { description: 'The function detect.' },
)
