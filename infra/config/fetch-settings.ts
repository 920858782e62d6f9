// Settings of how groups read topics: a part of `kafka`.
import { Type } from 'typebox'

const MIB = 1024 * 1024

/** Into the section `kafka`. */
export const FETCH_SETTINGS = {
  fetchBytes: Type.Integer({
    default: 32 * MIB,
    minimum: 2 * MIB,
    maximum: 2048 * MIB,
    unit: 'bytes',
    description:
      'Memory of a group member for fetched records: answers of brokers and unpacked batches; a quarter of it more is kept for the next answers. A batch that unpacks to more than half of it can not be read.',
  }),
  instanceId: Type.Union([Type.String({ pattern: '^[a-zA-Z0-9._-]{1,100}$' }), Type.Null()], {
    default: null,
    description:
      'Name of this instance of `process` in its consumer groups (group.instance.id), a different one for each instance. With it, a stop keeps the partitions for the next start, for sessionTimeoutMs; `eunomia process NAME --leave` gives them to the others. Unset: each start is a new member, and a stop gives the partitions away at once.',
  }),
  sessionTimeoutMs: Type.Union([Type.Integer({ minimum: 6_000, maximum: 1_800_000 }), Type.Null()], {
    default: null,
    unit: 'ms',
    description:
      'How long a group member may be silent until its partitions go to the others. Brokers bound it (group.min.session.timeout.ms, group.max.session.timeout.ms). Unset: 15 s, and 60 s with instanceId, which must cover a restart.',
  }),
}
