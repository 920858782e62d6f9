// Fields of the event's descriptor, of any kind: `fd.*`. Fields of connections are in socket-fields.ts.
import type { BytePlans } from '../bytes/byte-plan.js'
import type { RuleRecord } from '../rule-event.js'
import { field, from, fromEvent, missing, type FieldDefinition, type FieldExtractor, type FieldReading } from '../field.js'
import { UNKNOWN, inodeNumber } from '../field-value.js'
import { directoryOf, fullPath, givenPath, GIVEN_PATH_SOURCE, openOf, PATH_SOURCE } from '../descriptor/call-path.js'
import { CONTAINER_ID_SOURCE, containerIdValue } from '../record/container-knowledge.js'
import {
  descriptorKind,
  descriptorName,
  descriptorNumber,
  descriptorTypeChar,
  descriptorTypeText,
  DESCRIPTOR_KINDS,
  isFile,
  kindWord,
  KIND_SOURCE,
  NAME_SOURCE,
  NUMBER_SOURCE,
} from '../descriptor/descriptor.js'
import { streamSource, streamType } from '../process/standard-streams.js'
import { threadId, DESCRIPTOR_THREAD_SOURCE } from '../process/process-identity.js'

const WITH_DESCRIPTOR = { kinds: DESCRIPTOR_KINDS }
const WITH_FILE = { kinds: { file: DESCRIPTOR_KINDS.file, kernel: ['dup', 'setns', 'module_load', 'ioctl'] } } as const
const WITH_LAYER = { kinds: { ...DESCRIPTOR_KINDS, kernel: DESCRIPTOR_KINDS.kernel.filter((type) => type !== 'module_load') } }
const A_FILE = { kinds: { file: 'all' } } as const
const FACTS = { needsFacts: true }
const POLLS = 'calls that wait for descriptors are no events'

/** An opened folder itself, else the folder of the file, including a file that could not be opened. */
function directory(event: RuleRecord): string | undefined {
  const path = descriptorKind(event) === null ? (openOf(event) === null ? undefined : fullPath(event)) : fullPath(event)
  if (path === undefined) return undefined
  if (descriptorKind(event) === 'directory') return path
  return isFile(event) || openOf(event) !== null ? directoryOf(path) : undefined
}

function fileName(event: RuleRecord): string | undefined {
  const path = isFile(event) ? fullPath(event) : undefined
  if (path === undefined || path.endsWith('/')) return path
  return path.slice(path.lastIndexOf('/') + 1)
}

function rawName(event: RuleRecord): string | undefined {
  return isFile(event) || openOf(event) !== null ? givenPath(event) : undefined
}

function inContainer(read: (event: RuleRecord) => string | undefined): FieldExtractor {
  return (ruleEvent) => {
    const text = read(ruleEvent.event)
    const id = containerIdValue(ruleEvent)
    if (text === undefined || id === undefined || id === UNKNOWN) return text === undefined ? undefined : id
    return `${id === 'host' ? '' : id}:${text}`
  }
}

function descriptorId(event: RuleRecord): string | undefined {
  const number = descriptorNumber(event)
  return number === undefined || number < 0 ? undefined : `${String(threadId(event))}${String(number)}`
}

/** False for descriptors outside file systems; not known for files that the event did not open. */
function isInLayer(event: RuleRecord, layer: 'isUpperLayer' | 'isLowerLayer'): boolean | undefined {
  const kind = descriptorKind(event)
  if (kind === null) return undefined
  if (event.topic === 'file') return event.record[layer] ?? undefined
  const word = kindWord(kind)
  return word === 'file' || word === 'directory' ? undefined : false
}

/** Of an open, and of other calls on a descriptor. */
const ofDevice = (change: (device: number) => number): FieldReading =>
  from('FileEvent.device', (event) => {
    const device = event.topic === 'file' ? event.record.device : null
    return device === null ? undefined : change(device)
  })
const READINGS = {
  device: ofDevice((device) => device),
  major: ofDevice((device) => Math.floor(device / 2 ** 20)),
  minor: ofDevice((device) => device % 2 ** 20),
  inode: from('FileEvent.inode', (event) => inodeNumber(event.topic === 'file' ? event.record.inode : null)),
}
const layer = (key: 'isUpperLayer' | 'isLowerLayer'): FieldReading =>
  from(`${KIND_SOURCE} FileEvent.${key}`, (event) => isInLayer(event, key))

const FOLDER: BytePlans = { file: { kind: 'path', which: 'directory' } }
const FILE_NAME: BytePlans = { file: { kind: 'path', which: 'fileName' } }

/** The fields of this group, as lists show them. */
export const DESCRIPTOR_FIELDS: readonly FieldDefinition[] = [
  field(
    'fd.num',
    'INT64',
    'Number of the descriptor; -1 if the call failed to create one.',
    from(NUMBER_SOURCE, descriptorNumber, { file: { kind: 'fileDescriptor' } }),
    WITH_DESCRIPTOR,
  ),
  field(
    'fd.type',
    'CHARBUF',
    'file, directory, ipv4, ipv6, unix, netlink, pipe, memfd, event, signalfd, timerfd, eventpoll, inotify, bpf, io_uring, userfaultfd or pidfd.',
    from(KIND_SOURCE, descriptorTypeText, { file: { kind: 'openedKind', form: 'word' }, network: { kind: 'socketKind', form: 'word' } }),
    WITH_DESCRIPTOR,
  ),
  field(
    'fd.typechar',
    'CHARBUF',
    'The same as one character: f d 4 6 u n p m e s t l i b r u P; o for any other.',
    from(KIND_SOURCE, descriptorTypeChar, { file: { kind: 'openedKind', form: 'char' }, network: { kind: 'socketKind', form: 'char' } }),
    WITH_DESCRIPTOR,
  ),
  field(
    'fd.name',
    'CHARBUF',
    'Absolute path of the file, without dots and repeated slashes; client:port->server:port of a connection; path of a unix socket.',
    from(NAME_SOURCE, descriptorName, { file: { kind: 'path', which: 'descriptor' } }),
    WITH_DESCRIPTOR,
  ),
  field(
    'fd.directory',
    'CHARBUF',
    'Folder of the file; of a folder itself.',
    from(`${KIND_SOURCE} ${PATH_SOURCE}`, directory, FOLDER),
    WITH_FILE,
  ),
  field(
    'fd.filename',
    'CHARBUF',
    'Name of the file without its folder.',
    from(`${KIND_SOURCE} ${PATH_SOURCE}`, fileName, FILE_NAME),
    WITH_FILE,
  ),
  field(
    'fd.nameraw',
    'CHARBUF',
    'Path of the file as the process gave it.',
    from(`${KIND_SOURCE} ${GIVEN_PATH_SOURCE}`, rawName, { file: { kind: 'path', which: 'given' } }),
    WITH_FILE,
  ),
  field('fd.dev', 'INT32', 'Device number of the file system.', READINGS.device, A_FILE),
  field('fd.dev.major', 'INT32', 'Major device number.', READINGS.major, A_FILE),
  field('fd.dev.minor', 'INT32', 'Minor device number.', READINGS.minor, A_FILE),
  field('fd.ino', 'INT64', 'Inode number of the file.', READINGS.inode, A_FILE),
  field(
    'fd.is_upper_layer',
    'BOOL',
    'The file was changed or created in the container: it is in the upper layer of an overlay.',
    layer('isUpperLayer'),
    WITH_LAYER,
  ),
  field(
    'fd.is_lower_layer',
    'BOOL',
    'The file is unchanged from the image of the container: it is only in a lower layer of an overlay.',
    layer('isLowerLayer'),
    WITH_LAYER,
  ),
  field(
    'fd.uid',
    'CHARBUF',
    'Thread id and descriptor number, joined.',
    from(`${NUMBER_SOURCE} ${DESCRIPTOR_THREAD_SOURCE}`, descriptorId),
    WITH_DESCRIPTOR,
  ),
  field(
    'fd.containername',
    'CHARBUF',
    'Container id and fd.name, joined by a colon.',
    fromEvent(`${NAME_SOURCE} ${CONTAINER_ID_SOURCE}`, inContainer(descriptorName)),
    { ...FACTS, ...WITH_DESCRIPTOR },
  ),
  field(
    'fd.containerdirectory',
    'CHARBUF',
    'Container id and fd.directory, joined by a colon.',
    fromEvent(`${KIND_SOURCE} ${PATH_SOURCE} ${CONTAINER_ID_SOURCE}`, inContainer(directory)),
    { ...FACTS, ...WITH_FILE },
  ),
  field(
    'fd.types',
    'CHARBUF',
    'Kind of a standard stream: fd.types[0] of the input, [1] of the output, [2] of errors, as fd.type has it. Absent for any other.',
    from([0, 1, 2].map((number) => streamSource(number, 'type')).join(' '), (event, number) => {
      const type = typeof number === 'number' ? streamType(event, number) : undefined
      return type === undefined ? undefined : [type]
    }),
    { plurality: 'list', argument: 'index', isWithoutRightSide: true },
  ),
  missing('fdlist.nums', 'CHARBUF', 'Descriptors of a poll.', POLLS),
  missing('fdlist.names', 'CHARBUF', 'Names of the descriptors of a poll.', POLLS),
  missing('fdlist.cips', 'CHARBUF', 'Client addresses of a poll.', POLLS),
  missing('fdlist.sips', 'CHARBUF', 'Server addresses of a poll.', POLLS),
  missing('fdlist.cports', 'CHARBUF', 'Client ports of a poll.', POLLS),
  missing('fdlist.sports', 'CHARBUF', 'Server ports of a poll.', POLLS),
]
