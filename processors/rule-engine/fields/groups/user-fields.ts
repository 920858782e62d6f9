// Fields of the user and group: `user.*`, `group.*`. As in Falco, the effective ids: what the process may do, not who started it.
import type { JudgedEvent } from '../../judged-event.js'
import { field, missing } from '../field.js'
import type { FieldDefinition, FieldExtractor } from '../field.js'
import { recordText } from '../record/record-text.js'

const PASSWD = 'only names are read from passwd'

const userName: FieldExtractor = ({ event }: JudgedEvent) => {
  const { process } = event.record
  if (process.euid === process.uid) return recordText(event, 'process.user', process.user)
  return process.euid === 0 ? 'root' : undefined
}
const groupName: FieldExtractor = ({ event }: JudgedEvent) => {
  const { process } = event.record
  if (process.egid === process.gid) return recordText(event, 'process.group', process.group)
  return process.egid === 0 ? 'root' : undefined
}

export const USER_FIELDS: readonly FieldDefinition[] = [
  field('user.uid', 'UINT32', 'Effective user id.', ({ event }) => event.record.process.euid),
  field('user.name', 'CHARBUF', 'Name of the effective user in the passwd file of the host.', userName),
  missing('user.homedir', 'CHARBUF', 'Home folder of the user.', PASSWD),
  missing('user.shell', 'CHARBUF', 'Login shell of the user.', PASSWD),
  field('user.loginuid', 'INT64', 'Audit login user id; -1 when unset.', ({ event }) => event.record.process.loginUid ?? -1),
  field('user.loginname', 'CHARBUF', 'Name of the audit login user.', ({ event }) =>
    recordText(event, 'process.loginUser', event.record.process.loginUser),
  ),
  field('group.gid', 'UINT32', 'Effective group id.', ({ event }) => event.record.process.egid),
  field('group.name', 'CHARBUF', 'Name of the effective group in the group file of the host.', groupName),
]
