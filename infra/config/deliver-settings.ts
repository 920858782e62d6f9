// Settings of delivery, a part of config-schema.ts. Sinks and routes are in a file of their own.
import { Type } from 'typebox'
import { REDIS_URL_PATTERN } from '../redis/redis-url.js'

/** Settings `deliver.*`. */
export const DELIVER_SETTINGS = Type.Object(
  {
    file: Type.Union([Type.String({ minLength: 1 }), Type.Null()], {
      default: null,
      description:
        'File with the sinks and routes of `eunomia deliver`, as in docs/siem.md. Unset: deliver.yaml next to the settings file.',
    }),
    redisUrl: Type.Union([Type.String({ pattern: REDIS_URL_PATTERN }), Type.Null()], {
      default: null,
      secretUrl: true,
      description:
        'Redis for the queues of sinks, which must not evict keys (maxmemory-policy noeviction), in the form of redis.url. Unset: redis.url.',
    }),
    maxDeadJobs: Type.Integer({
      default: 1_000,
      minimum: 1,
      maximum: 1_000_000,
      description:
        'Batches of refused alerts per sink that `eunomia deliver dead redrive` can send again. Older ones are removed and counted; the dead letters stay in their topic.',
    }),
  },
  { description: 'Delivery of alerts to receivers: `eunomia deliver`.' },
)
