// Settings of the aggregates, a part of config-schema.ts.
import { Type } from 'typebox'

/** Each aggregate of a reading is compared with all of them. */
const MAX_FILTERED = 256

/** Settings `collector.usage.*`. */
export const USAGE_SETTINGS = Type.Object(
  {
    trackers: Type.Array(Type.String({ minLength: 1 }), {
      default: [],
      description:
        'Trackers of aggregates that are on from the start, by their names in `eunomia trackers list`: syscall-usage, file-usage, tcp-usage, capability-usage. Each costs at every call that it counts, tcp-usage at each connection and reading; what is off costs nothing.',
    }),
    ready: Type.Array(Type.String({ minLength: 1 }), {
      default: [],
      description:
        'Trackers that are loaded at the start and not on, so that `eunomia trackers start` can start them: with collector.privileges=least nothing can be loaded later. Each makes the start some 50 ms longer.',
    }),
    intervalMs: Type.Integer({
      default: 10_000,
      minimum: 100,
      maximum: 3_600_000,
      unit: 'ms',
      description: 'How often counts are read and told. Longer: fewer records, and more entries of ended processes in the tables.',
    }),
    maxEntries: Type.Integer({
      default: 16_384,
      minimum: 64,
      maximum: 1_048_576,
      description:
        'Entries of a table in the kernel per interval, one per process and what is counted; 130 to 240 bytes each, twice, while the tracker is on. What finds no room is told as the sum `overflow`.',
    }),
    top: Type.Integer({
      default: 500,
      minimum: 1,
      maximum: 100_000,
      description: 'Most aggregates of one type and interval that are told one by one, the largest; the others are told as the sum `rest`.',
    }),
    pids: Type.Array(Type.String({ pattern: '^[1-9]\\d{0,9}$' }), {
      default: [],
      maxItems: MAX_FILTERED,
      description: 'Tell only aggregates of these processes (host namespace). Empty: of all.',
    }),
    containers: Type.Array(Type.String({ pattern: '^[^]{1,255}$' }), {
      default: [],
      maxItems: MAX_FILTERED,
      description:
        'Tell only aggregates of these containers, by name, or by the first six or more digits of their id. Empty: of all, and of the host.',
    }),
  },
  {
    description:
      'Aggregates: counts of what processes do, by intervals. Interval and filters are changed at any time by `eunomia trackers usage`.',
  },
)
