// Fields of the user and group: `user.*`, `group.*`. As in Falco, the effective ids: what the process may do, not who started it.
import { field, from, missing } from '../field.js'
import type { FieldDefinition, FieldReading } from '../field.js'
import { recordText } from '../record/record-text.js'

const PASSWD = 'only names are read from passwd'

/** Records hold the names of the real ids; of the effective ones only where they are the same, and of root. */
const userName: FieldReading = from('Process.uid Process.euid Process.user', (event) => {
  const { process } = event.record
  if (process.euid === process.uid) return recordText(event, 'process.user', process.user)
  return process.euid === 0 ? 'root' : undefined
})
const groupName: FieldReading = from('Process.gid Process.egid Process.group', (event) => {
  const { process } = event.record
  if (process.egid === process.gid) return recordText(event, 'process.group', process.group)
  return process.egid === 0 ? 'root' : undefined
})

/** The fields of this group, as lists show them. */
export const USER_FIELDS: readonly FieldDefinition[] = [
  field(
    'user.uid',
    'UINT32',
    'Effective user id.',
    from('Process.euid', (event) => event.record.process.euid),
  ),
  field('user.name', 'CHARBUF', 'Name of the effective user in the passwd file of the host.', userName),
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
  field('group.name', 'CHARBUF', 'Name of the effective group in the group file of the host.', groupName),
]
