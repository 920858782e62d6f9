// Fields of opens and paths: `evt.is_open_*`, `evt.abspath*`, `fs.path.*`, and of messages to the system log: `syslog.*`.
import { opensSetId } from '../../../../infra/watch-plan/watch-plan.js'
import type { RuleRecord } from '../rule-event.js'
import type { BytePlans } from '../bytes/byte-plan.js'
import { field, from, type FieldDefinition, type FieldReading } from '../field.js'
import type { FieldValue } from '../field-value.js'
import {
  fullNewPath,
  fullPath,
  isExchange,
  openOf,
  changedPath,
  changedPathKinds,
  changedPathSource,
  type PathPart,
} from '../descriptor/call-path.js'
import { facilityText, severityText, syslogLine, SYSLOG_SOURCE, type SyslogLine } from '../descriptor/syslog-line.js'

const OPEN = 'FileEvent.type'
const CALL = 'FileEvent.syscall'
const PATH = 'FileEvent.path FileEvent.pathSource'
const NEW_PATH = 'FileEvent.newPath FileEvent.pathSource'

const ONE_PATH_KINDS = ['open', 'symlink', 'unlink', 'mkdir', 'chmod', 'chown', 'xattr', 'times']
const TWO_PATHS_KINDS = ['rename', 'link']
/** Calls with one path, and with two, for which Falco builds absolute paths. */
const ONE_PATH = new Set([
  ...['openat', 'openat2', 'open_by_handle_at', 'symlinkat', 'unlinkat', 'mkdirat', 'fchmodat', 'fchownat'],
  ...['setxattrat', 'removexattrat', 'utimensat', 'futimesat'],
])
const TWO_PATHS = new Set(['renameat', 'renameat2', 'linkat'])

function isCall(event: RuleRecord, ...sets: readonly ReadonlySet<string>[]): boolean {
  return event.topic === 'file' && sets.some((set) => set.has(event.record.syscall))
}

/** Each with code of its own: nearly every rule about opens reads one, and a key that is a variable costs more. */
const OPENED = {
  read: from(`${OPEN} FileEvent.isRead`, (event) => openOf(event)?.isRead ?? false, { file: { kind: 'ofOpen', at: 'isRead' } }),
  write: from(`${OPEN} FileEvent.isWrite`, (event) => openOf(event)?.isWrite ?? false, { file: { kind: 'ofOpen', at: 'isWrite' } }),
  created: from(`${OPEN} FileEvent.isCreated`, (event) => openOf(event)?.isCreated ?? false, { file: { kind: 'ofOpen', at: 'isCreated' } }),
}
const anyPath = (event: RuleRecord): string | undefined => (isCall(event, ONE_PATH, TWO_PATHS) ? fullPath(event) : undefined)
const oldPath = (event: RuleRecord): string | undefined => (isCall(event, TWO_PATHS) ? fullPath(event) : undefined)
const newPath = (event: RuleRecord): string | undefined => (isCall(event, TWO_PATHS) ? fullNewPath(event) : undefined)

function isCreatedExecutable(event: RuleRecord): boolean {
  const open = openOf(event)
  return open !== null && open.isCreate && open.mode !== null && (open.mode & 0o111) !== 0
}

function isCreatedSetId(event: RuleRecord): boolean {
  const open = openOf(event)
  if (open === null || open.result < 0 || open.mode === null) return false
  return opensSetId(open.flags, open.inode === null ? null : open.isCreated, open.mode)
}

/** The fields of this group, as lists show them. */
export const OPEN_FIELDS: readonly FieldDefinition[] = [
  field('evt.is_open_read', 'BOOL', 'A file was opened for reading.', OPENED.read),
  field('evt.is_open_write', 'BOOL', 'A file was opened for writing.', OPENED.write),
  field(
    'evt.is_open_exec',
    'BOOL',
    'A file was to be created with an execute bit.',
    from(`${OPEN} FileEvent.isCreate FileEvent.mode`, isCreatedExecutable),
  ),
  field('evt.is_open_create', 'BOOL', 'A file was created.', OPENED.created),
  field(
    'evt.is_open_setid',
    'BOOL',
    'A file was created with the set-user-id bit, or with the set-group-id bit and the right of its group to execute it; also one without a name (O_TMPFILE), and one of which it is not known whether it existed.',
    from(`${OPEN} FileEvent.result FileEvent.flags FileEvent.mode FileEvent.inode FileEvent.isCreated`, isCreatedSetId, {
      file: { kind: 'openSetsId' },
    }),
    { isOwn: true },
  ),
  field(
    'evt.abspath',
    'CHARBUF',
    'Absolute path of calls that take a folder and a name; the old one of two.',
    from(`${CALL} ${PATH}`, anyPath),
    { kinds: { file: [...ONE_PATH_KINDS, ...TWO_PATHS_KINDS] } },
  ),
  field('evt.abspath.src', 'CHARBUF', 'Absolute old path of calls that take two folders and names.', from(`${CALL} ${PATH}`, oldPath), {
    kinds: { file: TWO_PATHS_KINDS },
  }),
  field('evt.abspath.dst', 'CHARBUF', 'Absolute new path of calls that take two folders and names.', from(`${CALL} ${NEW_PATH}`, newPath), {
    kinds: { file: TWO_PATHS_KINDS },
  }),
]

const PARTS: Readonly<Record<PathPart, string>> = {
  name: 'Absolute path of a successful call on one path.',
  source: 'Absolute source of a successful rename, symlink or mount; the new name of a link.',
  target: 'Absolute target of a successful rename, symlink or mount; the old name of a link.',
}
function changedPathField(name: string, doc: string, part: PathPart, form: 'full' | 'raw'): FieldDefinition {
  const bytes: BytePlans = form === 'full' ? { file: { kind: 'path', which: part === 'name' ? 'changed' : part } } : {}
  const reading = from(changedPathSource(part, form), (event) => changedPath(event, part, form), bytes)
  return field(name, 'CHARBUF', doc, reading, { kinds: changedPathKinds(part) })
}

const NEW_NAME_KINDS = ['rename', 'link', 'symlink']
const NEW_NAME_SOURCE = `${OPEN} FileEvent.result FileEvent.flags ${PATH} FileEvent.newPath`
/** Falco has it in fs.path.target for a rename, and in fs.path.source for links. */
function newName(event: RuleRecord): FieldValue {
  if (event.topic !== 'file' || event.record.result < 0 || !NEW_NAME_KINDS.includes(event.record.type)) return undefined
  if (event.record.type === 'symlink') return fullPath(event)
  const name = fullNewPath(event)
  if (!isExchange(event.record)) return name
  const both = [name, fullPath(event)].filter((path) => path !== undefined)
  return both.length === 0 ? undefined : both
}

const ofLine = (read: (line: SyslogLine) => FieldValue): FieldReading =>
  from(SYSLOG_SOURCE, (event) => {
    const line = syslogLine(event)
    return line === null ? undefined : read(line)
  })
const LINE = {
  facility: ofLine(({ facility }) => facility),
  facilityText: ofLine(({ facility }) => facilityText(facility)),
  severity: ofLine(({ severity }) => severity),
  severityText: ofLine(({ severity }) => severityText(severity)),
  message: ofLine(({ message }) => message),
}
const LOG = { kinds: { network: ['send'] } } as const

/** The fields of this group, as lists show them. */
export const PATH_FIELDS: readonly FieldDefinition[] = [
  ...(['name', 'source', 'target'] as const).flatMap((part) => [
    changedPathField(`fs.path.${part}`, PARTS[part], part, 'full'),
    changedPathField(`fs.path.${part}raw`, `The path of fs.path.${part} as the process gave it.`, part, 'raw'),
  ]),
  field(
    'fs.path.new',
    'CHARBUF',
    'Absolute name that a successful rename, link or symlink gave to a file: two of them for RENAME_EXCHANGE, of which one must satisfy the operator.',
    from(NEW_NAME_SOURCE, newName, { file: { kind: 'path', which: 'new' } }),
    { kinds: { file: NEW_NAME_KINDS }, plurality: 'any', isWithoutRightSide: true, isWithoutTransformer: true },
  ),
  field('syslog.facility.str', 'CHARBUF', 'Facility of a message to the system log, as text.', LINE.facilityText, LOG),
  field('syslog.facility', 'UINT32', 'Facility of a message to the system log.', LINE.facility, LOG),
  field('syslog.severity.str', 'CHARBUF', 'Severity of a message to the system log, as text.', LINE.severityText, LOG),
  field('syslog.severity', 'UINT32', 'Severity of a message to the system log.', LINE.severity, LOG),
  field('syslog.message', 'CHARBUF', 'Text of a message to the system log.', LINE.message, LOG),
]
