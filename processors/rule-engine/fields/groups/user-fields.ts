// Fields of the user and group: `user.*`, `group.*`. As in Falco, the effective ids: what the process may do, not who started it.
import { field, from, missing } from '../field.js'
import type { FieldDefinition } from '../field.js'
import { effectiveGroupName, effectiveUserName, GROUP_NAME_SOURCE, USER_NAME_SOURCE } from '../process/effective-names.js'
import { recordText } from '../record/record-text.js'

const PASSWD = 'only names are read from passwd'

/** The fields of this group, as lists show them. */
export const USER_FIELDS: readonly FieldDefinition[] = [
  field(
    'user.uid',
    'UINT32',
    'Effective user id.',
    from('Process.euid', (event) => event.record.process.euid),
  ),
  field('user.name', 'CHARBUF', 'Name of the effective user in the passwd file of the host.', from(USER_NAME_SOURCE, effectiveUserName)),
  missing('user.homedir', 'CHARBUF', 'Home folder of the user.', PASSWD),
  missing('user.shell', 'CHARBUF', 'Login shell of the user.', PASSWD),
  field(
    'user.loginuid',
    'INT64',
    'Audit login user id; -1 when unset.',
    from('Process.loginUid', (event) => event.record.process.loginUid ?? -1),
  ),
  field(
    'user.loginname',
    'CHARBUF',
    'Name of the audit login user.',
    from('Process.loginUser', (event) => recordText(event, 'process.loginUser', event.record.process.loginUser)),
  ),
  field(
    'group.gid',
    'UINT32',
    'Effective group id.',
    from('Process.egid', (event) => event.record.process.egid),
  ),
  field('group.name', 'CHARBUF', 'Name of the effective group in the group file of the host.', from(GROUP_NAME_SOURCE, effectiveGroupName)),
]
