// Settings of SQL over the archive, a part of config-schema.ts.
import { Type } from 'typebox'

const MIB = 1024 * 1024

/** Settings `query.*`. */
export const QUERY_SETTINGS = Type.Object(
  {
    memoryBytes: Type.Integer({
      default: 512 * MIB,
      minimum: 64 * MIB,
      maximum: 65_536 * MIB,
      unit: 'bytes',
      description: 'Memory of a query. At the bound it ends with an error.',
    }),
    threads: Type.Integer({ default: 2, minimum: 1, maximum: 256, description: 'Threads of a query.' }),
    timeoutMs: Type.Integer({
      default: 60_000,
      minimum: 100,
      maximum: 86_400_000,
      unit: 'milliseconds',
      description: 'Longest time of a query. At the bound it ends with an error.',
    }),
    cacheFolder: Type.Union([Type.String({ minLength: 1 }), Type.Null()], {
      default: null,
      description:
        'Folder for objects that were fetched from a bucket, and for what is known of checked ones. Unset: query below stateFolder.',
    }),
    cacheBytes: Type.Integer({
      default: 8192 * MIB,
      minimum: MIB,
      maximum: 16_777_216 * MIB,
      unit: 'bytes',
      description: 'Size of that folder. What was not used for longest is removed; a query that needs more is refused.',
    }),
  },
  { description: 'SQL over the archive: `eunomia query`.' },
)
