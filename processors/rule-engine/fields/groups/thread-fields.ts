// Fields of the thread, its user and its group: `thread.*`, `user.*`, `group.*`. Capabilities are those of the process at the time of the
// event. Users and groups are the effective ones, as in Falco: they decide what the process may do.
import type { Process } from '../../../../schemas/generated/types.js'
import type { RuleRecord } from '../rule-event.js'
import { inEveryTopic } from '../bytes/byte-plan.js'
import { field, from, missing, type FieldDefinition, type FieldReading } from '../field.js'
import { capabilitiesText } from '../../../../infra/process/capability-names.js'
import { processText, processValue } from '../record/record-readings.js'
import { recordText } from '../record/record-text.js'
import {
  threadId,
  THREAD_SOURCE,
  effectiveGroupName,
  effectiveUserName,
  GROUP_NAME_SOURCE,
  USER_NAME_SOURCE,
} from '../process/process-identity.js'

const USE = 'resource use of threads is not collected'

const capabilities = (key: keyof Process & `cap${string}`): FieldReading =>
  from(`Process.${key}`, (event) => capabilitiesText(event.record.process[key]))
const isMainThread = (event: RuleRecord): boolean => threadId(event) === event.record.process.pid
const namespaceThreadId = (event: RuleRecord): number | undefined => (isMainThread(event) ? event.record.process.namespacePid : undefined)
const nameAndThreadId = (event: RuleRecord): string =>
  `${recordText(event, 'process.name', event.record.process.name)}${String(threadId(event))}`
const loginUid = (event: RuleRecord): number => event.record.process.loginUid ?? -1

/** The fields of this group, as lists show them. */
export const THREAD_FIELDS: readonly FieldDefinition[] = [
  field('thread.cap_permitted', 'CHARBUF', 'Permitted capabilities, joined by spaces.', capabilities('capPermitted')),
  field('thread.cap_inheritable', 'CHARBUF', 'Inheritable capabilities, joined by spaces.', capabilities('capInheritable')),
  field('thread.cap_effective', 'CHARBUF', 'Effective capabilities, joined by spaces.', capabilities('capEffective')),
  field('thread.tid', 'INT64', 'Thread id.', from(THREAD_SOURCE, threadId)),
  field('thread.ismain', 'BOOL', 'The thread is the first of its process.', from(THREAD_SOURCE, isMainThread)),
  field(
    'thread.vtid',
    'INT64',
    'Thread id as its pid namespace sees it; absent for threads other than the first of a process.',
    from(`${THREAD_SOURCE} Process.namespacePid`, namespaceThreadId),
  ),
  field('thread.cgroups', 'CHARBUF', 'Path of the cgroup.', processText('cgroupPath')),
  missing(
    'thread.cgroup',
    'CHARBUF',
    'Path of the cgroup of one controller: thread.cgroup.NAME.',
    'cgroups of single controllers are not collected',
    { argument: 'requiredKey' },
  ),
  field('thread.nametid', 'CHARBUF', 'Command name and thread id, joined.', from(`Process.name ${THREAD_SOURCE}`, nameAndThreadId)),
  missing('thread.exectime', 'RELTIME', 'CPU time since the last switch.', USE),
  missing('thread.totexectime', 'RELTIME', 'CPU time in all.', USE),
  missing('thread.pfmajor', 'UINT64', 'Major page faults.', USE),
  missing('thread.pfminor', 'UINT64', 'Minor page faults.', USE),
  missing('thread.cpu', 'DOUBLE', 'CPU use of the last second.', USE),
  missing('thread.cpu.user', 'DOUBLE', 'CPU use in user mode.', USE),
  missing('thread.cpu.system', 'DOUBLE', 'CPU use in the kernel.', USE),
  missing('thread.vmsize', 'UINT64', 'Virtual memory.', USE, { unit: 'kB' }),
  missing('thread.vmrss', 'UINT64', 'Resident memory.', USE, { unit: 'kB' }),
  missing('thread.vmsize.b', 'UINT64', 'Virtual memory.', USE, { unit: 'bytes' }),
  missing('thread.vmrss.b', 'UINT64', 'Resident memory.', USE, { unit: 'bytes' }),
]

const PASSWD = 'only names are read from passwd'

/** The fields of this group, as lists show them. */
export const USER_FIELDS: readonly FieldDefinition[] = [
  field('user.uid', 'UINT32', 'Effective user id.', processValue('euid')),
  field(
    'user.name',
    'CHARBUF',
    'Name of the effective user in the passwd file of the host.',
    from(USER_NAME_SOURCE, effectiveUserName, inEveryTopic({ kind: 'userName' })),
  ),
  missing('user.homedir', 'CHARBUF', 'Home folder of the user.', PASSWD),
  missing('user.shell', 'CHARBUF', 'Login shell of the user.', PASSWD),
  field(
    'user.loginuid',
    'INT64',
    'Audit login user id; -1 when unset.',
    from('Process.loginUid', loginUid, inEveryTopic({ kind: 'number', at: 'process.loginUid', whenNull: -1 })),
  ),
  field('user.loginname', 'CHARBUF', 'Name of the audit login user.', processText('loginUser')),
  field('group.gid', 'UINT32', 'Effective group id.', processValue('egid')),
  field('group.name', 'CHARBUF', 'Name of the effective group in the group file of the host.', from(GROUP_NAME_SOURCE, effectiveGroupName)),
]
