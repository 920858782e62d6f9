// Fields of the event `drop`: which events of a host were dropped or refused, and how many. Falco does not have them.
import type { KernelEvent } from '../../../../schemas/generated/types.js'
import { toByteText } from '../../text/byte-text.js'
import { field, from, type FieldDefinition, type FieldReading } from '../field.js'
import { nanoseconds, type FieldValue } from '../field-value.js'

const A_DROP = { kinds: { kernel: ['drop'] }, isOwn: true } as const

/** A property of the event; null is absent. */
const ofDrop = <Key extends keyof KernelEvent>(key: Key, change: (value: NonNullable<KernelEvent[Key]>) => FieldValue): FieldReading =>
  from(`KernelEvent.type KernelEvent.${key}`, (event) => {
    const value = event.topic === 'kernel' && event.record.type === 'drop' ? event.record[key] : null
    return value === null ? undefined : change(value)
  })

/** The fields of this group, as lists show them. */
export const DROP_FIELDS: readonly FieldDefinition[] = [
  field(
    'drop.kinds',
    'CHARBUF',
    'Kinds of the events that were dropped or refused, as the ledger names them, the most frequent first.',
    ofDrop('droppedKinds', (kinds) => kinds.map(toByteText)),
    { ...A_DROP, plurality: 'list' },
  ),
  field(
    'drop.dropped',
    'UINT64',
    'Events of these kinds that found no room in a ring, in the collector or in its spool within the interval.',
    ofDrop('droppedEvents', (count) => count),
    A_DROP,
  ),
  field(
    'drop.refused',
    'UINT64',
    'Events of these kinds over the budget of their process or cgroup within the interval.',
    ofDrop('refusedEvents', (count) => count),
    A_DROP,
  ),
  field(
    'drop.process_events',
    'UINT64',
    'How many of both the process of the event made, the noisiest one; absent if nobody is known.',
    ofDrop('processEvents', (count) => count),
    A_DROP,
  ),
  field('drop.interval', 'RELTIME', 'Length of the interval that ends with the event.', ofDrop('intervalUs', nanoseconds), A_DROP),
]
