// Fields of sent and received data: `evt.buffer`, `evt.buflen*`, `evt.is_io*`. Only calls on sockets are events, so files have none.
import type { RuleRecord } from '../rule-event.js'
import { byteTextOf } from '../../text/byte-text.js'
import { field, from, missing, type FieldDefinition, type RecordReader } from '../field.js'
import { socketKind, SOCKET_KIND_SOURCE } from '../descriptor/socket.js'

const IO = 'NetworkEvent.type'
const LENGTH = `${IO} NetworkEvent.result`
const KIND = SOCKET_KIND_SOURCE.split(' ')
  .filter((name) => name.startsWith('NetworkEvent.'))
  .join(' ')
const TRANSFERS = { kinds: { network: ['send', 'receive'] } } as const
const SENDS = { kinds: { network: ['send'] }, unit: 'bytes' } as const
const RECEIVES = { kinds: { network: ['receive'] }, unit: 'bytes' } as const
const BOTH = { ...TRANSFERS, unit: 'bytes' } as const
const NO_FILES = 'reads and writes of files are no events'

type Direction = (event: RuleRecord) => boolean
const isReceive: Direction = (event) => event.topic === 'network' && event.record.type === 'receive'
const isSend: Direction = (event) => event.topic === 'network' && event.record.type === 'send'
const isTransfer: Direction = (event) => isSend(event) || isReceive(event)

const direction = (event: RuleRecord): string | undefined => (isSend(event) ? 'write' : isReceive(event) ? 'read' : undefined)
const payload = (event: RuleRecord): string | undefined =>
  event.topic === 'network' && event.record.payload !== null ? byteTextOf(event.record.payload) : undefined

/** Bytes of a successful transfer. */
function length(isWanted: Direction): RecordReader {
  return (event) => (event.topic === 'network' && isWanted(event) && event.record.result >= 0 ? event.record.result : undefined)
}

/** The same over IP: Falco counts no other sockets as network. */
function lengthOverIp(isWanted: Direction): RecordReader {
  const lengthOf = length(isWanted)
  return (event, argument) => {
    const kind = event.topic === 'network' ? socketKind(event.record) : null
    return kind === 'ipv4' || kind === 'ipv6' ? lengthOf(event, argument) : undefined
  }
}

/** The fields of this group, as lists show them. */
export const TRANSFER_FIELDS: readonly FieldDefinition[] = [
  field(
    'evt.buffer',
    'BYTEBUF',
    'First bytes of what was sent or received; absent if the collector records none.',
    from('NetworkEvent.payload', payload),
    { kinds: { network: 'all' } },
  ),
  field(
    'evt.buflen',
    'UINT64',
    'Bytes that were sent or received, including those that evt.buffer lacks.',
    from(LENGTH, length(isTransfer)),
    BOTH,
  ),
  field('evt.buflen.in', 'UINT64', 'Bytes that were received.', from(LENGTH, length(isReceive)), RECEIVES),
  field('evt.buflen.out', 'UINT64', 'Bytes that were sent.', from(LENGTH, length(isSend)), SENDS),
  field('evt.buflen.net', 'UINT64', 'Bytes that were sent or received over IP.', from(`${LENGTH} ${KIND}`, lengthOverIp(isTransfer)), BOTH),
  field('evt.buflen.net.in', 'UINT64', 'Bytes that were received over IP.', from(`${LENGTH} ${KIND}`, lengthOverIp(isReceive)), RECEIVES),
  field('evt.buflen.net.out', 'UINT64', 'Bytes that were sent over IP.', from(`${LENGTH} ${KIND}`, lengthOverIp(isSend)), SENDS),
  missing('evt.buflen.file', 'UINT64', 'Bytes that were read from a file or written to one.', NO_FILES, { unit: 'bytes' }),
  missing('evt.buflen.file.in', 'UINT64', 'Bytes that were read from a file.', NO_FILES, { unit: 'bytes' }),
  missing('evt.buflen.file.out', 'UINT64', 'Bytes that were written to a file.', NO_FILES, { unit: 'bytes' }),
  field('evt.is_io', 'BOOL', 'The call sends or receives.', from(IO, isTransfer)),
  field('evt.is_io_read', 'BOOL', 'The call receives.', from(IO, isReceive)),
  field('evt.is_io_write', 'BOOL', 'The call sends.', from(IO, isSend)),
  field('evt.io_dir', 'CHARBUF', 'read or write, for calls that receive or send.', from(IO, direction), TRANSFERS),
]
