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
      'Memory of a group member for fetched records: answers of brokers and unpacked batches. A batch that unpacks to more than half of it can not be read.',
  }),
}
