// Fields of the file or connection of the event: `fd.*`. Files come from opens; connections are not collected yet.
import type { JudgedEvent, RuleRecord } from '../../judged-event.js'
import { containerIdValue } from '../record/container-knowledge.js'
import { BOTH_SIDES, NETWORK, field, missing } from '../field.js'
import type { FieldDefinition, FieldExtractor } from '../field.js'
import { UNKNOWN, wholeNumber } from '../field-value.js'
import { directoryOf, givenPath, isDirectoryOpen, openedPath, openOf } from '../record/opened-file.js'

const of =
  (read: (event: RuleRecord) => ReturnType<FieldExtractor>): FieldExtractor =>
  (judged: JudgedEvent) =>
    read(judged.event)

const NET = 'connections are not collected yet'
const DNS = 'names of addresses are not collected yet'
const TABLE = 'the descriptors of a process are not collected'
const NO_DNS = { isWithoutRightSide: true, isWithoutTransformer: true }
const FACTS = { needsFacts: true }

/** A successful open, where its descriptor exists. */
const opened = (event: RuleRecord): ReturnType<typeof openOf> => (event.record.result < 0 ? null : openOf(event))

function deviceOf(event: RuleRecord): number | undefined {
  return openOf(event)?.device ?? undefined
}

function fileName(event: RuleRecord): string | undefined {
  if (opened(event) === null) return undefined
  const path = openedPath(event)
  return path?.slice(path.lastIndexOf('/') + 1)
}

function inContainer(read: (event: RuleRecord) => string | undefined): FieldExtractor {
  return (judged) => {
    const text = read(judged.event)
    const id = containerIdValue(judged)
    if (text === undefined || id === undefined || id === UNKNOWN) return text === undefined ? undefined : id
    return `${id === 'host' ? '' : id}:${text}`
  }
}

const directory = (event: RuleRecord): string | undefined => {
  const path = openedPath(event)
  return path === undefined ? undefined : directoryOf(path)
}

export const DESCRIPTOR_FIELDS: readonly FieldDefinition[] = [
  field(
    'fd.num',
    'INT64',
    'Number of the descriptor; -1 when the open failed.',
    of((event) => (openOf(event) === null ? undefined : Math.max(event.record.result, -1))),
  ),
  field(
    'fd.type',
    'CHARBUF',
    'file or directory.',
    of((event) => describe(event, 'directory', 'file')),
  ),
  field(
    'fd.typechar',
    'CHARBUF',
    'f for a file, d for a directory.',
    of((event) => (openOf(event) !== null && event.record.result < 0 ? 'f' : describe(event, 'd', 'f'))),
  ),
  field('fd.name', 'CHARBUF', 'Absolute path of the file, without dots and doubled slashes.', of(openedPath)),
  field('fd.directory', 'CHARBUF', 'Folder of the file.', of(directory)),
  field('fd.filename', 'CHARBUF', 'Name of the file without its folder.', of(fileName)),
  field('fd.nameraw', 'CHARBUF', 'Path as the process gave it.', of(givenPath)),
  field('fd.dev', 'INT32', 'Device number of the file system.', of(deviceOf)),
  field(
    'fd.dev.major',
    'INT32',
    'Major device number.',
    of((event) => shift(deviceOf(event), (device) => Math.floor(device / 2 ** 20))),
  ),
  field(
    'fd.dev.minor',
    'INT32',
    'Minor device number.',
    of((event) => shift(deviceOf(event), (device) => device % 2 ** 20)),
  ),
  field(
    'fd.ino',
    'INT64',
    'Inode number of the file.',
    of((event) => inodeNumber(openOf(event)?.inode ?? null)),
  ),
  field(
    'fd.uid',
    'CHARBUF',
    'Thread id and descriptor number, joined.',
    of((event) =>
      event.topic === 'file' && opened(event) !== null ? `${String(event.record.threadId)}${String(event.record.result)}` : undefined,
    ),
  ),
  field('fd.containername', 'CHARBUF', 'Container id and path, joined by a colon.', inContainer(openedPath), FACTS),
  field('fd.containerdirectory', 'CHARBUF', 'Container id and folder, joined by a colon.', inContainer(directory), FACTS),
  missing('fd.ip', 'IPADDR', 'Address of either side.', NET, BOTH_SIDES),
  missing('fd.cip', 'IPADDR', 'Address of the client.', NET),
  missing('fd.sip', 'IPADDR', 'Address of the server.', NET),
  missing('fd.lip', 'IPADDR', 'Local address.', NET),
  missing('fd.rip', 'IPADDR', 'Remote address.', NET),
  missing('fd.port', 'PORT', 'Port of either side.', NET, BOTH_SIDES),
  missing('fd.cport', 'PORT', 'Port of the client.', NET),
  missing('fd.sport', 'PORT', 'Port of the server.', NET),
  missing('fd.lport', 'PORT', 'Local port.', NET),
  missing('fd.rport', 'PORT', 'Remote port.', NET),
  missing('fd.l4proto', 'CHARBUF', 'tcp, udp, icmp or raw.', NET),
  missing('fd.sockfamily', 'CHARBUF', 'ip or unix.', NET),
  missing('fd.is_server', 'BOOL', 'The process is the server of the connection.', NET),
  missing('fd.proto', 'PORT', 'Well-known protocol of either side.', NET, BOTH_SIDES),
  missing('fd.cproto', 'CHARBUF', 'Well-known protocol of the client port.', NET),
  missing('fd.sproto', 'CHARBUF', 'Well-known protocol of the server port.', NET),
  missing('fd.lproto', 'CHARBUF', 'Well-known protocol of the local port.', NET),
  missing('fd.rproto', 'CHARBUF', 'Well-known protocol of the remote port.', NET),
  missing('fd.net', 'IPNET', 'Network of either side.', NET, BOTH_SIDES),
  missing('fd.cnet', 'IPNET', 'Network of the client.', NET, NETWORK),
  missing('fd.snet', 'IPNET', 'Network of the server.', NET, NETWORK),
  missing('fd.lnet', 'IPNET', 'Local network.', NET, NETWORK),
  missing('fd.rnet', 'IPNET', 'Remote network.', NET, NETWORK),
  missing('fd.connected', 'BOOL', 'The socket is connected.', NET),
  missing('fd.name_changed', 'BOOL', 'The event changed the name of the descriptor.', NET),
  missing('fd.cip.name', 'CHARBUF', 'Name of the client address.', DNS, NO_DNS),
  missing('fd.sip.name', 'CHARBUF', 'Name of the server address.', DNS, NO_DNS),
  missing('fd.lip.name', 'CHARBUF', 'Name of the local address.', DNS, NO_DNS),
  missing('fd.rip.name', 'CHARBUF', 'Name of the remote address.', DNS, NO_DNS),
  missing('fd.types', 'CHARBUF', 'Kinds of the open descriptors.', TABLE, { plurality: 'list', argument: 'index' }),
  missing('fdlist.nums', 'CHARBUF', 'Descriptors of a poll.', TABLE),
  missing('fdlist.names', 'CHARBUF', 'Names of the descriptors of a poll.', TABLE),
  missing('fdlist.cips', 'CHARBUF', 'Client addresses of a poll.', TABLE),
  missing('fdlist.sips', 'CHARBUF', 'Server addresses of a poll.', TABLE),
  missing('fdlist.cports', 'CHARBUF', 'Client ports of a poll.', TABLE),
  missing('fdlist.sports', 'CHARBUF', 'Server ports of a poll.', TABLE),
]

function describe(event: RuleRecord, directoryWord: string, fileWord: string): string | undefined {
  const open = opened(event)
  if (open === null) return undefined
  return isDirectoryOpen(open) ? directoryWord : fileWord
}

function shift(value: number | undefined, change: (value: number) => number): number | undefined {
  return value === undefined ? undefined : change(value)
}

/** An inode number from its decimal text. */
export function inodeNumber(text: string | null): number | bigint | undefined {
  return text === null || !/^[0-9]{1,20}$/.test(text) ? undefined : wholeNumber(BigInt(text))
}
