// Fields of the process itself: `proc.*`. Their meanings are Falco's: proc.args lacks argv[0], proc.exeline begins with it.
import { inEveryTopic, type BytePlan, type BytePlans } from '../bytes/byte-plan.js'
import { type FieldArgument, type FieldDefinition, type FieldReading, field, from, missing } from '../field.js'
import type { RuleRecord } from '../rule-event.js'
import { recordTexts, joinedArguments, recordText, recordTextAt } from '../record/record-text.js'
import { processValue } from '../record/record-readings.js'
import { inodeNumber } from '../field-value.js'
import { lineageValue } from '../process/process-lineage.js'
import {
  changeToStart,
  CHANGE_TO_START_SOURCE,
  EVENT_START_SOURCE,
  namespaceStart,
  namespaceToChange,
  NAMESPACE_SOURCE,
  sinceStart,
  startTime,
  timeNs,
} from '../process/process-times.js'
import { streamName, streamSource, streamType } from '../process/standard-streams.js'

/** @param name of a variable; null for all of them. A variable that is not set is an empty text, as in Falco. */
function environmentText(event: RuleRecord, name: FieldArgument): string | undefined {
  const { env } = event.record.process
  if (env === null) return undefined
  const variables = recordTexts(event, 'process.env', env)
  if (name === null) return variables.join(' ')
  const start = `${String(name)}=`
  return variables.find((variable) => variable.startsWith(start))?.slice(start.length) ?? ''
}

const args = (event: RuleRecord): string => joinedArguments(event, 'process.args', event.record.process.args)
const argumentCount = (event: RuleRecord): number => Math.max(0, event.record.process.args.length - 1)
const argumentBytes = (event: RuleRecord): number => Math.max(0, args(event).length - Math.max(0, event.record.process.args.length - 2))
const exeline = (event: RuleRecord): string =>
  [lineageValue(event, 0, 'exe'), args(event)].filter((part) => part !== undefined && part !== '').join(' ')

function argument(event: RuleRecord, number: FieldArgument): string | undefined {
  if (typeof number !== 'number') return args(event)
  const text = event.record.process.args[number + 1]
  return text === undefined ? undefined : recordTextAt(event, 'process.args', number + 1, text)
}

/** The process has the number of its session or group as its own. */
const isLeader = (own: 'pid' | 'namespacePid', of: 'sessionId' | 'processGroupId' | 'namespaceProcessGroupId'): FieldReading =>
  from(`Process.${of} Process.${own}`, ({ record: { process } }) => process[of] === process[own])
const fileTime = (key: 'exeCtimeUs' | 'exeMtimeUs'): FieldReading => from(`Process.${key}`, ({ record }) => timeNs(record.process[key]))

const ARGUMENTS = inEveryTopic({ kind: 'commandLine', generation: 0, head: 'none', from: 1 })
const EXELINE = inEveryTopic({ kind: 'commandLine', generation: 0, head: 'exe', from: 1 })

const CWD = inEveryTopic({ kind: 'folder', at: 'process.cwd' })
const PARENT_START = 'Process.ancestors Ancestor.startBootUs'
const startOf = ({ record }: RuleRecord): number => record.process.startBootUs
const parentStartOf = ({ record }: RuleRecord): number | undefined => record.process.ancestors[0]?.startBootUs
const READINGS = {
  age: from('Process.startBootUs Origin.bootTimeUs', (event) => sinceStart(event, startOf(event))),
  parentAge: from(`${PARENT_START} Origin.bootTimeUs`, (event) => sinceStart(event, parentStartOf(event))),
  start: from(`Process.startBootUs ${EVENT_START_SOURCE}`, (event) => startTime(event, startOf(event))),
  parentStart: from(`${PARENT_START} ${EVENT_START_SOURCE}`, (event) => startTime(event, parentStartOf(event))),
  tty: from('Process.tty', ({ record }) => record.process.tty ?? 0, inEveryTopic({ kind: 'number', at: 'process.tty', whenNull: 0 })),
  exeInode: from('Process.exeInode', ({ record }) => inodeNumber(record.process.exeInode)),
}

const STREAMS = ['process.stdin.type', 'process.stdout.type', 'process.stderr.type'] as const
/** Kernel events may have made the stream. */
function streamBytes(number: number): BytePlans {
  const at = STREAMS[number]
  if (at === undefined) return {}
  const plan: BytePlan = { kind: 'streamType', at }
  return { process: plan, file: plan, network: plan }
}
const typeOfStream = (number: number): FieldReading =>
  from(streamSource(number, 'type'), (event) => streamType(event, number), streamBytes(number))
const nameOfStream = (number: number): FieldReading => from(streamSource(number, 'name'), (event) => streamName(event, number))

const BYTES = { unit: 'bytes' }
const SINCE_1970 = { unit: 'ns since 1970' }
const USE = 'resource use of processes is not collected'
const PROBE = 'runtimes do not report which process is a health check or probe'

/** The fields of this group, as lists show them. */
export const PROCESS_FIELDS: readonly FieldDefinition[] = [
  field(
    'proc.args',
    'CHARBUF',
    'Arguments without the first, joined by spaces, or one of them: proc.args[0] is the one after the first.',
    from('Process.args', argument, ARGUMENTS),
    { argument: 'index' },
  ),
  field(
    'proc.cmdnargs',
    'UINT64',
    'Number of arguments without the first.',
    from('Process.args', argumentCount, inEveryTopic({ kind: 'argumentCount' })),
  ),
  field('proc.cmdlenargs', 'UINT64', 'Length of proc.args without the separating spaces.', from('Process.args', argumentBytes), BYTES),
  field('proc.exeline', 'CHARBUF', 'proc.exe and proc.args.', from('Process.args', exeline, EXELINE)),
  field(
    'proc.env',
    'CHARBUF',
    'Environment, or one variable of it: proc.env[NAME]. Only the names that the collector is configured to record.',
    from('Process.env', environmentText, inEveryTopic({ kind: 'environment' })),
    { argument: 'key' },
  ),
  field('proc.cwd', 'CHARBUF', 'Working directory, with a slash at the end.', from('Process.cwd', workingDirectory, CWD)),
  field('proc.tty', 'UINT32', 'Controlling terminal; 0 for none.', READINGS.tty),
  field('proc.vpid', 'INT64', 'Process id as its pid namespace sees it.', processValue('namespacePid')),
  field('proc.pvpid', 'INT64', 'Process id of the parent as the pid namespace of the process sees it.', processValue('parentNamespacePid')),
  field('proc.sid', 'INT64', 'Session id.', processValue('sessionId')),
  field('proc.pgid', 'INT64', 'Process group id.', processValue('processGroupId')),
  field('proc.vpgid', 'INT64', 'Process group id as the pid namespace sees it.', processValue('namespaceProcessGroupId')),
  field('proc.duration', 'RELTIME', 'Age of the process at the event, nanoseconds.', READINGS.age),
  field('proc.ppid.duration', 'RELTIME', 'Age of the parent at the event, nanoseconds.', READINGS.parentAge),
  field('proc.pid.ts', 'RELTIME', 'Start of the process: nanoseconds since 1970.', READINGS.start, SINCE_1970),
  field('proc.ppid.ts', 'RELTIME', 'Start of the parent: nanoseconds since 1970.', READINGS.parentStart, SINCE_1970),
  field('proc.is_exe_writable', 'BOOL', 'The user of the process may write to the executable.', processValue('isExeWritable')),
  field('proc.is_exe_upper_layer', 'BOOL', 'The executable was not in the image of the container.', processValue('isExeUpperLayer')),
  field('proc.is_exe_lower_layer', 'BOOL', 'The executable was in the image of the container.', processValue('isExeLowerLayer')),
  field('proc.is_exe_from_memfd', 'BOOL', 'The executable is a memory file without a name.', processValue('isExeMemfd')),
  field('proc.is_sid_leader', 'BOOL', 'The process leads its session.', isLeader('pid', 'sessionId')),
  field('proc.is_pgid_leader', 'BOOL', 'The process leads its process group.', isLeader('pid', 'processGroupId')),
  field(
    'proc.is_vpgid_leader',
    'BOOL',
    'The process leads its process group, as its pid namespace sees it.',
    isLeader('namespacePid', 'namespaceProcessGroupId'),
  ),
  field('proc.exe_ino', 'INT64', 'Inode number of the executable.', READINGS.exeInode),
  field('proc.exe_ino.ctime', 'ABSTIME', 'Last change of the executable: nanoseconds since 1970.', fileTime('exeCtimeUs')),
  field('proc.exe_ino.mtime', 'ABSTIME', 'Last modification of the executable: nanoseconds since 1970.', fileTime('exeMtimeUs')),
  field(
    'proc.exe_ino.ctime_duration_proc_start',
    'ABSTIME',
    'Nanoseconds from the last change of the executable to the start of the process.',
    from(CHANGE_TO_START_SOURCE, changeToStart),
    { unit: 'ns' },
  ),
  field(
    'proc.exe_ino.ctime_duration_pidns_start',
    'ABSTIME',
    'Nanoseconds from the start of the pid namespace to the change of the executable; absent if it was changed before.',
    from(`${NAMESPACE_SOURCE} Process.exeCtimeUs`, namespaceToChange),
    { unit: 'ns' },
  ),
  field(
    'proc.pidns_init_start_ts',
    'UINT64',
    'Start of the pid namespace: nanoseconds since 1970.',
    from(NAMESPACE_SOURCE, namespaceStart),
    SINCE_1970,
  ),
  missing('proc.is_container_healthcheck', 'BOOL', 'The process is a health check.', PROBE),
  missing('proc.is_container_liveness_probe', 'BOOL', 'The process is a liveness probe.', PROBE),
  missing('proc.is_container_readiness_probe', 'BOOL', 'The process is a readiness probe.', PROBE),
  missing('proc.fdopencount', 'UINT64', 'Number of open descriptors.', USE),
  missing('proc.fdlimit', 'INT64', 'Maximum number of open descriptors.', USE),
  missing('proc.fdusage', 'DOUBLE', 'Share of the descriptors in use.', USE),
  missing('proc.vmsize', 'UINT64', 'Virtual memory.', USE, { unit: 'kB' }),
  missing('proc.vmrss', 'UINT64', 'Resident memory.', USE, { unit: 'kB' }),
  missing('proc.vmswap', 'UINT64', 'Swapped memory.', USE, { unit: 'kB' }),
  missing('proc.nthreads', 'UINT64', 'Number of threads.', USE),
  missing('proc.nchilds', 'UINT64', 'Number of threads without the first.', USE),
  ...['stdin', 'stdout', 'stderr'].flatMap((stream, number) => [
    field(`proc.${stream}.type`, 'CHARBUF', `Kind of ${stream} at the last exec, as fd.type.`, typeOfStream(number)),
    field(`proc.${stream}.name`, 'CHARBUF', `Name of ${stream} at the last exec, as fd.name.`, nameOfStream(number)),
  ]),
]

function workingDirectory(event: RuleRecord): string | undefined {
  const cwd = recordText(event, 'process.cwd', event.record.process.cwd)
  return cwd === undefined || cwd.endsWith('/') ? cwd : `${cwd}/`
}
