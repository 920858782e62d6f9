// Fields of the process and its ancestors: `proc.*`. What a field is, is Falco's: proc.name is the command name that the kernel cut at
// 15 bytes, proc.exe is argv[0], proc.cmdline begins with proc.name and not with argv[0].
import type { JudgedEvent, RuleRecord } from '../../judged-event.js'
import { ANCESTORS, field, missing } from '../field.js'
import type { FieldDefinition, FieldExtractor } from '../field.js'
import { nanoseconds } from '../field-value.js'
import { inodeNumber } from './descriptor-fields.js'
import { ancestorValues, leaderValue, lineageValue } from '../record/process-lineage.js'
import type { LineageProperty } from '../record/process-lineage.js'
import { joinedArguments, recordText } from '../record/record-text.js'

const of =
  (read: (event: RuleRecord) => ReturnType<FieldExtractor>): FieldExtractor =>
  (judged: JudgedEvent) =>
    read(judged.event)
const own = (property: LineageProperty): FieldExtractor => of((event) => lineageValue(event, 0, property))
const parent = (property: LineageProperty): FieldExtractor => of((event) => lineageValue(event, 1, property))
const ancestor =
  (property: LineageProperty): FieldExtractor =>
  ({ event }, generation) =>
    typeof generation === 'number' ? lineageValue(event, generation, property) : ancestorValues(event, property)
const sessionLeader = (property: LineageProperty): FieldExtractor =>
  of((event) => leaderValue(event, event.record.process.sessionId, property))
const groupLeader = (property: LineageProperty): FieldExtractor =>
  of((event) => leaderValue(event, event.record.process.processGroupId, property))

const args = (event: RuleRecord): string => joinedArguments(event, 'process.args', event.record.process.args)
/** Nanoseconds from a start (µs since boot) to the event. */
const sinceStart = (event: RuleRecord, startBootUs: number | undefined): number | bigint | undefined =>
  startBootUs === undefined ? undefined : nanoseconds(Math.max(0, event.record.origin.bootTimeUs - startBootUs))
/** A start (µs since boot) as nanoseconds since 1970. */
const startTime = (event: RuleRecord, startBootUs: number | undefined): number | bigint | undefined =>
  startBootUs === undefined ? undefined : nanoseconds(event.record.origin.wallTimeUs - event.record.origin.bootTimeUs + startBootUs)
const timeNs = (us: number | null): number | bigint | undefined => (us === null ? undefined : nanoseconds(us))

const ENVIRONMENT = 'the environment of processes is not collected yet'
const MEMORY = 'resource use of processes is not collected'
const PROBE = 'health checks of containers are not told yet'
const NAMESPACE = 'starts of pid namespaces are not collected yet'
const STREAMS = 'the descriptors of a process are not collected'

export const PROCESS_FIELDS: readonly FieldDefinition[] = [
  field('proc.name', 'CHARBUF', 'Command name, at most 15 bytes.', own('name')),
  field('proc.pname', 'CHARBUF', 'Command name of the parent.', parent('name')),
  field('proc.aname', 'CHARBUF', 'Command name of an ancestor; without a number, of any ancestor.', ancestor('name'), ANCESTORS),
  field('proc.exe', 'CHARBUF', 'First argument (argv[0]).', own('exe')),
  field('proc.pexe', 'CHARBUF', 'First argument of the parent.', parent('exe')),
  field('proc.aexe', 'CHARBUF', 'First argument of an ancestor; without a number, of any ancestor.', ancestor('exe'), ANCESTORS),
  field('proc.exepath', 'CHARBUF', 'Path of the executable.', own('exePath')),
  field('proc.pexepath', 'CHARBUF', 'Path of the executable of the parent.', parent('exePath')),
  field(
    'proc.aexepath',
    'CHARBUF',
    'Path of the executable of an ancestor; without a number, of any ancestor.',
    ancestor('exePath'),
    ANCESTORS,
  ),
  field('proc.args', 'CHARBUF', 'Arguments without the first, joined by blanks.', of(args)),
  field('proc.cmdline', 'CHARBUF', 'proc.name and proc.args.', own('commandLine')),
  field('proc.pcmdline', 'CHARBUF', 'Command line of the parent.', parent('commandLine')),
  field(
    'proc.acmdline',
    'CHARBUF',
    'Command line of the process [0] or its parent [1]; without a number, of the parent.',
    ancestor('commandLine'),
    ANCESTORS,
  ),
  field(
    'proc.cmdnargs',
    'UINT64',
    'Number of arguments without the first.',
    of((event) => Math.max(0, event.record.process.args.length - 1)),
  ),
  field(
    'proc.cmdlenargs',
    'UINT64',
    'Length of proc.args without the blanks between.',
    of((event) => Math.max(0, args(event).length - Math.max(0, event.record.process.args.length - 2))),
  ),
  field(
    'proc.exeline',
    'CHARBUF',
    'proc.exe and proc.args.',
    of((event) => [lineageValue(event, 0, 'exe'), args(event)].filter((part) => part !== undefined && part !== '').join(' ')),
  ),
  missing('proc.env', 'CHARBUF', 'Environment, or one variable of it.', ENVIRONMENT, { argument: 'key' }),
  missing('proc.aenv', 'CHARBUF', 'Environment of ancestors.', ENVIRONMENT, { ...ANCESTORS, argument: 'key' }),
  field('proc.cwd', 'CHARBUF', 'Working directory, with a slash at the end.', of(workingDirectory)),
  missing('proc.loginshellid', 'INT64', 'Pid of the oldest shell among the ancestors.', 'which ancestors are shells is left to rules'),
  field(
    'proc.tty',
    'UINT32',
    'Controlling terminal; 0 for none.',
    of((event) => event.record.process.tty ?? 0),
  ),
  field('proc.pid', 'INT64', 'Process id.', own('pid')),
  field(
    'proc.ppid',
    'INT64',
    'Process id of the parent.',
    of((event) => event.record.process.parentPid),
  ),
  field('proc.apid', 'INT64', 'Process id of an ancestor; without a number, of any ancestor.', ancestor('pid'), ANCESTORS),
  field(
    'proc.vpid',
    'INT64',
    'Process id as its pid namespace sees it.',
    of((event) => event.record.process.namespacePid),
  ),
  missing('proc.pvpid', 'INT64', 'Parent process id as its pid namespace sees it.', NAMESPACE),
  field(
    'proc.sid',
    'INT64',
    'Session id.',
    of((event) => event.record.process.sessionId),
  ),
  field('proc.sname', 'CHARBUF', 'Command name of the session leader, when it is an ancestor.', sessionLeader('name')),
  field('proc.sid.exe', 'CHARBUF', 'First argument of the session leader.', sessionLeader('exe')),
  field('proc.sid.exepath', 'CHARBUF', 'Path of the executable of the session leader.', sessionLeader('exePath')),
  field(
    'proc.pgid',
    'INT64',
    'Process group id.',
    of((event) => event.record.process.processGroupId),
  ),
  field('proc.pgid.name', 'CHARBUF', 'Command name of the process group leader, when it is an ancestor.', groupLeader('name')),
  field('proc.pgid.exe', 'CHARBUF', 'First argument of the process group leader.', groupLeader('exe')),
  field('proc.pgid.exepath', 'CHARBUF', 'Path of the executable of the process group leader.', groupLeader('exePath')),
  field(
    'proc.vpgid',
    'INT64',
    'Process group id as the pid namespace sees it.',
    of((event) => event.record.process.namespaceProcessGroupId),
  ),
  field('proc.vpgid.name', 'CHARBUF', 'Command name of the process group leader, when it is an ancestor.', groupLeader('name')),
  field('proc.vpgid.exe', 'CHARBUF', 'First argument of the process group leader.', groupLeader('exe')),
  field('proc.vpgid.exepath', 'CHARBUF', 'Path of the executable of the process group leader.', groupLeader('exePath')),
  field(
    'proc.duration',
    'RELTIME',
    'Age of the process at the event, nanoseconds.',
    of((event) => sinceStart(event, event.record.process.startBootUs)),
  ),
  field(
    'proc.ppid.duration',
    'RELTIME',
    'Age of the parent at the event, nanoseconds.',
    of((event) => sinceStart(event, event.record.process.ancestors[0]?.startBootUs)),
  ),
  field(
    'proc.pid.ts',
    'RELTIME',
    'Start of the process: nanoseconds since 1970.',
    of((event) => startTime(event, event.record.process.startBootUs)),
  ),
  field(
    'proc.ppid.ts',
    'RELTIME',
    'Start of the parent: nanoseconds since 1970.',
    of((event) => startTime(event, event.record.process.ancestors[0]?.startBootUs)),
  ),
  missing(
    'proc.is_exe_writable',
    'BOOL',
    'The executable may be written by the user of the process.',
    'modes of executables are not collected yet',
  ),
  field(
    'proc.is_exe_upper_layer',
    'BOOL',
    'The executable was not in the image of the container.',
    of((event) => event.record.process.isExeUpperLayer),
  ),
  missing('proc.is_exe_lower_layer', 'BOOL', 'The executable was in the image of the container.', 'only the upper layer is told apart'),
  field(
    'proc.is_exe_from_memfd',
    'BOOL',
    'The executable is a memory file without a name.',
    of((event) => event.record.process.isExeMemfd),
  ),
  field(
    'proc.is_sid_leader',
    'BOOL',
    'The process leads its session.',
    of((event) => event.record.process.sessionId === event.record.process.pid),
  ),
  field(
    'proc.is_pgid_leader',
    'BOOL',
    'The process leads its process group.',
    of((event) => event.record.process.processGroupId === event.record.process.pid),
  ),
  field(
    'proc.is_vpgid_leader',
    'BOOL',
    'The process leads its process group.',
    of((event) => event.record.process.namespaceProcessGroupId === event.record.process.namespacePid),
  ),
  field(
    'proc.exe_ino',
    'INT64',
    'Inode number of the executable.',
    of((event) => inodeNumber(event.record.process.exeInode)),
  ),
  field(
    'proc.exe_ino.ctime',
    'ABSTIME',
    'Last change of the executable: nanoseconds since 1970.',
    of((event) => timeNs(event.record.process.exeCtimeUs)),
  ),
  field(
    'proc.exe_ino.mtime',
    'ABSTIME',
    'Last modification of the executable: nanoseconds since 1970.',
    of((event) => timeNs(event.record.process.exeMtimeUs)),
  ),
  field(
    'proc.exe_ino.ctime_duration_proc_start',
    'ABSTIME',
    'Nanoseconds from the last change of the executable to the start of the process.',
    of(changeToStart),
  ),
  missing(
    'proc.exe_ino.ctime_duration_pidns_start',
    'ABSTIME',
    'Nanoseconds from the start of the pid namespace to the change of the executable.',
    NAMESPACE,
  ),
  missing('proc.pidns_init_start_ts', 'UINT64', 'Start of the pid namespace: nanoseconds since 1970.', NAMESPACE),
  missing('proc.is_container_healthcheck', 'BOOL', 'The process is a health check.', PROBE),
  missing('proc.is_container_liveness_probe', 'BOOL', 'The process is a liveness probe.', PROBE),
  missing('proc.is_container_readiness_probe', 'BOOL', 'The process is a readiness probe.', PROBE),
  missing('proc.fdopencount', 'UINT64', 'Number of open descriptors.', MEMORY),
  missing('proc.fdlimit', 'INT64', 'Most descriptors that may be open.', MEMORY),
  missing('proc.fdusage', 'DOUBLE', 'Share of the descriptors in use.', MEMORY),
  missing('proc.vmsize', 'UINT64', 'Virtual memory, kB.', MEMORY),
  missing('proc.vmrss', 'UINT64', 'Resident memory, kB.', MEMORY),
  missing('proc.vmswap', 'UINT64', 'Swapped memory, kB.', MEMORY),
  missing('proc.nthreads', 'UINT64', 'Number of threads.', MEMORY),
  missing('proc.nchilds', 'UINT64', 'Number of threads without the first.', MEMORY),
  missing('proc.stdin.type', 'CHARBUF', 'Kind of standard input.', STREAMS),
  missing('proc.stdout.type', 'CHARBUF', 'Kind of standard output.', STREAMS),
  missing('proc.stderr.type', 'CHARBUF', 'Kind of standard error.', STREAMS),
  missing('proc.stdin.name', 'CHARBUF', 'Name of standard input.', STREAMS),
  missing('proc.stdout.name', 'CHARBUF', 'Name of standard output.', STREAMS),
  missing('proc.stderr.name', 'CHARBUF', 'Name of standard error.', STREAMS),
]

function workingDirectory(event: RuleRecord): string | undefined {
  const cwd = recordText(event, 'process.cwd', event.record.process.cwd)
  return cwd === undefined || cwd.endsWith('/') ? cwd : `${cwd}/`
}

function changeToStart(event: RuleRecord): number | bigint | undefined {
  const { exeCtimeUs, startBootUs } = event.record.process
  if (exeCtimeUs === null) return undefined
  const startUs = event.record.origin.wallTimeUs - event.record.origin.bootTimeUs + startBootUs
  return nanoseconds(Math.max(0, startUs - exeCtimeUs))
}
