// Settings of the aggregates, a part of config-schema.ts.
import { Type } from 'typebox'

/** A bound, because each aggregate is compared with all of them. */
export const MAX_FILTERED = 256
/** Characters of the name of a container. */
export const MAX_CONTAINER_NAME = 255

/** Settings `collector.usage.*`. */
export const USAGE_SETTINGS = Type.Object(
  {
    trackers: Type.Array(Type.String({ minLength: 1 }), {
      default: [],
      description:
        'Trackers of aggregates that run from the start, by name as in `eunomia trackers list`: syscall-usage, file-usage, tcp-usage, capability-usage. Each costs time at every call that it counts, tcp-usage at each connection and reading. A stopped tracker costs nothing.',
    }),
    ready: Type.Array(Type.String({ minLength: 1 }), {
      default: [],
      description:
        'Trackers that are loaded but not started, so that `eunomia trackers start` can start them: with collector.privileges=least, nothing can be loaded later. Each adds about 50 ms to the start.',
    }),
    intervalMs: Type.Integer({
      default: 10_000,
      minimum: 100,
      maximum: 3_600_000,
      unit: 'ms',
      description:
        'Interval at which counts are read and reported. A longer interval means fewer records, and more entries of ended processes in the tables.',
    }),
    maxEntries: Type.Integer({
      default: 16_384,
      minimum: 64,
      maximum: 1_048_576,
      description:
        'Entries of a kernel table per interval, one per process and counted item; 130 to 240 bytes each, twice, while the tracker runs. Counts beyond it are reported as the sum `overflow`.',
    }),
    top: Type.Integer({
      default: 500,
      minimum: 1,
      maximum: 100_000,
      description:
        'Maximum aggregates of one type and interval that are reported individually, the largest ones. The others are reported as the sum `rest`.',
    }),
    pids: Type.Array(Type.String({ pattern: '^[1-9]\\d{0,9}$' }), {
      default: [],
      maxItems: MAX_FILTERED,
      description: 'Report only aggregates of these processes (host namespace). Empty: of all.',
    }),
    containers: Type.Array(Type.String({ pattern: `^[^]{1,${String(MAX_CONTAINER_NAME)}}$` }), {
      default: [],
      maxItems: MAX_FILTERED,
      description:
        'Report only aggregates of these containers, by name or by at least six leading digits of the id. Empty: of all, and of the host.',
    }),
  },
  {
    description:
      'Aggregates: counts of what processes do, per interval. `eunomia trackers usage` changes interval and filters at run time.',
  },
)
