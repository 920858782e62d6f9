// Fields of the thread: `thread.*`. Capabilities are those of the process at the event.
import type { RuleRecord } from '../../judged-event.js'
import { capabilitiesText } from '../kernel-names/capability-names.js'
import { field, missing } from '../field.js'
import type { FieldDefinition } from '../field.js'
import { recordText } from '../record/record-text.js'

const USE = 'resource use of threads is not collected'

const threadId = (event: RuleRecord): number => (event.topic === 'file' ? event.record.threadId : event.record.process.pid)

export const THREAD_FIELDS: readonly FieldDefinition[] = [
  field('thread.cap_permitted', 'CHARBUF', 'Permitted capabilities, joined by blanks.', ({ event }) =>
    capabilitiesText(event.record.process.capPermitted),
  ),
  field('thread.cap_inheritable', 'CHARBUF', 'Inheritable capabilities, joined by blanks.', ({ event }) =>
    capabilitiesText(event.record.process.capInheritable),
  ),
  field('thread.cap_effective', 'CHARBUF', 'Effective capabilities, joined by blanks.', ({ event }) =>
    capabilitiesText(event.record.process.capEffective),
  ),
  field('thread.tid', 'INT64', 'Thread id.', ({ event }) => threadId(event)),
  field('thread.ismain', 'BOOL', 'The thread is the first of its process.', ({ event }) => threadId(event) === event.record.process.pid),
  missing('thread.vtid', 'INT64', 'Thread id as its pid namespace sees it.', 'thread ids of pid namespaces are not collected yet'),
  field('thread.cgroups', 'CHARBUF', 'Path of the cgroup.', ({ event }) =>
    recordText(event, 'process.cgroupPath', event.record.process.cgroupPath),
  ),
  missing(
    'thread.cgroup',
    'CHARBUF',
    'Path of the cgroup of one controller: thread.cgroup.NAME.',
    'cgroups of single controllers are not collected',
    {
      argument: 'requiredKey',
    },
  ),
  missing('thread.nametid', 'CHARBUF', 'Command name and thread id.', USE),
  missing('thread.exectime', 'RELTIME', 'CPU time since the last switch.', USE),
  missing('thread.totexectime', 'RELTIME', 'CPU time in all.', USE),
  missing('thread.pfmajor', 'UINT64', 'Major page faults.', USE),
  missing('thread.pfminor', 'UINT64', 'Minor page faults.', USE),
  missing('thread.cpu', 'DOUBLE', 'CPU use of the last second.', USE),
  missing('thread.cpu.user', 'DOUBLE', 'CPU use in user mode.', USE),
  missing('thread.cpu.system', 'DOUBLE', 'CPU use in the kernel.', USE),
  missing('thread.vmsize', 'UINT64', 'Virtual memory, kB.', USE),
  missing('thread.vmrss', 'UINT64', 'Resident memory, kB.', USE),
]
