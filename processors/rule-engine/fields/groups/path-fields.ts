// Fields of the path of a call on the file system: `fs.path.*`, and `syslog.*`, which no event has yet.
import { field, missing } from '../field.js'
import type { FieldDefinition } from '../field.js'
import { givenPath, openedPath } from '../record/opened-file.js'

const TWO_PATHS = 'renames and links are not collected yet'
const SYSLOG = 'writes to the system log are not collected'

export const PATH_FIELDS: readonly FieldDefinition[] = [
  field('fs.path.name', 'CHARBUF', 'Absolute path of the call, when it succeeded.', ({ event }) =>
    event.record.result < 0 ? undefined : openedPath(event),
  ),
  field('fs.path.nameraw', 'CHARBUF', 'Path as the process gave it, when the call succeeded.', ({ event }) =>
    event.record.result < 0 ? undefined : givenPath(event),
  ),
  missing('fs.path.source', 'CHARBUF', 'Absolute source of a rename or link.', TWO_PATHS),
  missing('fs.path.sourceraw', 'CHARBUF', 'Source as the process gave it.', TWO_PATHS),
  missing('fs.path.target', 'CHARBUF', 'Absolute target of a rename or link.', TWO_PATHS),
  missing('fs.path.targetraw', 'CHARBUF', 'Target as the process gave it.', TWO_PATHS),
  missing('syslog.facility.str', 'CHARBUF', 'Facility of a log line, as text.', SYSLOG),
  missing('syslog.facility', 'UINT32', 'Facility of a log line.', SYSLOG),
  missing('syslog.severity.str', 'CHARBUF', 'Severity of a log line, as text.', SYSLOG),
  missing('syslog.severity', 'UINT32', 'Severity of a log line.', SYSLOG),
  missing('syslog.message', 'CHARBUF', 'Text of a log line.', SYSLOG),
]
