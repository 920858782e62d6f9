// Fields of opens and paths: `evt.is_open_*`, `evt.abspath*`, `fs.path.*`, and of messages to the system log: `syslog.*`.
import type { RuleRecord } from '../rule-event.js'
import { field, from, type FieldDefinition } from '../field.js'
import { fullNewPath, fullPath, openOf, changedPath, changedPathKinds, changedPathSource, type PathPart } from '../descriptor/call-path.js'
import { facilityText, severityText, syslogLine, SYSLOG_SOURCE } from '../descriptor/syslog-line.js'

const OPEN = 'FileEvent.type'
const CALL = 'FileEvent.syscall'
const PATH = 'FileEvent.path FileEvent.pathSource'
const NEW_PATH = 'FileEvent.newPath FileEvent.pathSource'

const ONE_PATH_KINDS = ['open', 'symlink', 'unlink', 'mkdir', 'chmod', 'chown']
const TWO_PATHS_KINDS = ['rename', 'link']
/** Calls with one path, and with two, for which Falco builds absolute paths. */
const ONE_PATH = new Set(['openat', 'openat2', 'open_by_handle_at', 'symlinkat', 'unlinkat', 'mkdirat', 'fchmodat', 'fchownat'])
const TWO_PATHS = new Set(['renameat', 'renameat2', 'linkat'])

function isCall(event: RuleRecord, ...sets: readonly ReadonlySet<string>[]): boolean {
  return event.topic === 'file' && sets.some((set) => set.has(event.record.syscall))
}

function isCreatedExecutable(event: RuleRecord): boolean {
  const open = openOf(event)
  return open !== null && open.isCreate && open.mode !== null && (open.mode & 0o111) !== 0
}

/** The fields of this group, as lists show them. */
export const OPEN_FIELDS: readonly FieldDefinition[] = [
  field(
    'evt.is_open_read',
    'BOOL',
    'A file was opened for reading.',
    from(`${OPEN} FileEvent.isRead`, (event) => openOf(event)?.isRead ?? false),
  ),
  field(
    'evt.is_open_write',
    'BOOL',
    'A file was opened for writing.',
    from(`${OPEN} FileEvent.isWrite`, (event) => openOf(event)?.isWrite ?? false),
  ),
  field(
    'evt.is_open_exec',
    'BOOL',
    'A file was to be created with an execute bit.',
    from(`${OPEN} FileEvent.isCreate FileEvent.mode`, isCreatedExecutable),
  ),
  field(
    'evt.is_open_create',
    'BOOL',
    'A file was created.',
    from(`${OPEN} FileEvent.isCreated`, (event) => openOf(event)?.isCreated ?? false),
  ),
  field(
    'evt.abspath',
    'CHARBUF',
    'Absolute path of calls that take a folder and a name; the old one of two.',
    from(`${CALL} ${PATH}`, (event) => (isCall(event, ONE_PATH, TWO_PATHS) ? fullPath(event) : undefined)),
    { kinds: { file: [...ONE_PATH_KINDS, ...TWO_PATHS_KINDS] } },
  ),
  field(
    'evt.abspath.src',
    'CHARBUF',
    'Absolute old path of calls that take two folders and names.',
    from(`${CALL} ${PATH}`, (event) => (isCall(event, TWO_PATHS) ? fullPath(event) : undefined)),
    { kinds: { file: TWO_PATHS_KINDS } },
  ),
  field(
    'evt.abspath.dst',
    'CHARBUF',
    'Absolute new path of calls that take two folders and names.',
    from(`${CALL} ${NEW_PATH}`, (event) => (isCall(event, TWO_PATHS) ? fullNewPath(event) : undefined)),
    { kinds: { file: TWO_PATHS_KINDS } },
  ),
]

const PARTS: Readonly<Record<PathPart, string>> = {
  name: 'Absolute path of a successful call on one path.',
  source: 'Absolute source of a successful rename, symlink or mount; the new name of a link.',
  target: 'Absolute target of a successful rename, symlink or mount; the old name of a link.',
}
const LOG = { kinds: { network: ['send'] } } as const

/** The fields of this group, as lists show them. */
export const PATH_FIELDS: readonly FieldDefinition[] = [
  ...(['name', 'source', 'target'] as const).flatMap((part) => [
    field(
      `fs.path.${part}`,
      'CHARBUF',
      PARTS[part],
      from(changedPathSource(part, 'full'), (event) => changedPath(event, part, 'full')),
      { kinds: changedPathKinds(part) },
    ),
    field(
      `fs.path.${part}raw`,
      'CHARBUF',
      `The path of fs.path.${part} as the process gave it.`,
      from(changedPathSource(part, 'raw'), (event) => changedPath(event, part, 'raw')),
      { kinds: changedPathKinds(part) },
    ),
  ]),
  field(
    'syslog.facility.str',
    'CHARBUF',
    'Facility of a message to the system log, as text.',
    from(SYSLOG_SOURCE, (event) => facilityText(syslogLine(event)?.facility ?? -1)),
    LOG,
  ),
  field(
    'syslog.facility',
    'UINT32',
    'Facility of a message to the system log.',
    from(SYSLOG_SOURCE, (event) => syslogLine(event)?.facility),
    LOG,
  ),
  field(
    'syslog.severity.str',
    'CHARBUF',
    'Severity of a message to the system log, as text.',
    from(SYSLOG_SOURCE, (event) => severityText(syslogLine(event)?.severity ?? -1)),
    LOG,
  ),
  field(
    'syslog.severity',
    'UINT32',
    'Severity of a message to the system log.',
    from(SYSLOG_SOURCE, (event) => syslogLine(event)?.severity),
    LOG,
  ),
  field(
    'syslog.message',
    'CHARBUF',
    'Text of a message to the system log.',
    from(SYSLOG_SOURCE, (event) => syslogLine(event)?.message),
    LOG,
  ),
]
