// The values of membership entries, read again. Facts are kept as the container event that told them, in wire format: nothing is encoded
// anew, and what schema evolution there is, is the codec's.
import { RecordUnreadableError } from '../../schemas/record-errors.js'
import type { Codec } from '../../schemas/codec.js'
import type { ContainerFacts } from '../../schemas/generated/types.js'
import type { MembershipKey } from './membership-key.js'

/** What an entry tells: facts, or a text (the id of a container, or the path of its cgroup). */
export type MembershipValue = ContainerFacts | string

/** Reads the value of an entry. @throws RecordUnreadableError, SchemaUnknownError */
export type ValueReader = (key: MembershipKey, bytes: Uint8Array) => MembershipValue

/** True for facts. */
export function isFacts(value: MembershipValue | undefined): value is ContainerFacts {
  return typeof value === 'object'
}

/** The reader of what the function `membership` writes. */
export function valueReader(codec: Codec): ValueReader {
  const readFacts = codec.projection('container', ['facts'])
  return (key, bytes) => {
    if (key.kind !== 'facts') return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString()
    const { facts } = readFacts(bytes, 0, bytes.length)
    if (facts === null) throw new RecordUnreadableError('it tells no facts', { topic: 'container', offset: 0, field: 'facts' })
    return facts
  }
}
