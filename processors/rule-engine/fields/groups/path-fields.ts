// Fields of the paths that a call on the file system is about: `fs.path.*`; and of lines to the system log: `syslog.*`.
import { field, from } from '../field.js'
import type { FieldDefinition } from '../field.js'
import { changedPath, changedPathKinds, changedPathSource } from '../descriptor/changed-path.js'
import type { PathPart } from '../descriptor/changed-path.js'
import { facilityText, severityText, syslogLine, SYSLOG_SOURCE } from '../descriptor/syslog-line.js'

const PARTS: Readonly<Record<PathPart, string>> = {
  name: 'Absolute path of a call on one path, when it succeeded.',
  source: 'Absolute source of a rename, symlink or mount, the new name of a link, when it succeeded.',
  target: 'Absolute target of a rename, symlink or mount, the old name of a link, when it succeeded.',
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
    'Facility of a line to the system log, as text.',
    from(SYSLOG_SOURCE, (event) => facilityText(syslogLine(event)?.facility ?? -1)),
    LOG,
  ),
  field(
    'syslog.facility',
    'UINT32',
    'Facility of a line to the system log.',
    from(SYSLOG_SOURCE, (event) => syslogLine(event)?.facility),
    LOG,
  ),
  field(
    'syslog.severity.str',
    'CHARBUF',
    'Severity of a line to the system log, as text.',
    from(SYSLOG_SOURCE, (event) => severityText(syslogLine(event)?.severity ?? -1)),
    LOG,
  ),
  field(
    'syslog.severity',
    'UINT32',
    'Severity of a line to the system log.',
    from(SYSLOG_SOURCE, (event) => syslogLine(event)?.severity),
    LOG,
  ),
  field(
    'syslog.message',
    'CHARBUF',
    'Text of a line to the system log.',
    from(SYSLOG_SOURCE, (event) => syslogLine(event)?.message),
    LOG,
  ),
]
