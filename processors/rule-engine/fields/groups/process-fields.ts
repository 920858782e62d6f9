// Fields of the process itself: `proc.*`. Their meanings are Falco's: proc.args lacks argv[0], proc.exeline begins with it.
import { type FieldArgument, type FieldDefinition, type FieldReading, field, from, missing } from '../field.js'
import type { RuleRecord } from '../rule-event.js'
import { recordTexts, joinedArguments, recordText, recordTextAt } from '../record/record-text.js'
import type { Process } from '../../../../schemas/generated/types.js'
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

/** A property of the process as the record holds it; null is absent. */
const plain = (key: keyof Process): FieldReading =>
  from(`Process.${key}`, (event) => {
    const value = event.record.process[key]
    return typeof value === 'number' || typeof value === 'boolean' ? value : undefined
  })
const args = (event: RuleRecord): string => joinedArguments(event, 'process.args', event.record.process.args)

function argument(event: RuleRecord, index: number): string | undefined {
  const text = event.record.process.args[index]
  return text === undefined ? undefined : recordTextAt(event, 'process.args', index, text)
}

const USE = 'resource use of processes is not collected'
const PROBE = 'runtimes do not report which process is a health check or probe'

/** The fields of this group, as lists show them. */
export const PROCESS_FIELDS: readonly FieldDefinition[] = [
  field(
    'proc.args',
    'CHARBUF',
    'Arguments without the first, joined by spaces, or one of them: proc.args[0] is the one after the first.',
    from('Process.args', (event, number) => (typeof number === 'number' ? argument(event, number + 1) : args(event))),
    { argument: 'index' },
  ),
  field(
    'proc.cmdnargs',
    'UINT64',
    'Number of arguments without the first.',
    from('Process.args', (event) => Math.max(0, event.record.process.args.length - 1)),
  ),
  field(
    'proc.cmdlenargs',
    'UINT64',
    'Length of proc.args without the separating spaces.',
    from('Process.args', (event) => Math.max(0, args(event).length - Math.max(0, event.record.process.args.length - 2))),
    { unit: 'bytes' },
  ),
  field(
    'proc.exeline',
    'CHARBUF',
    'proc.exe and proc.args.',
    from('Process.args', (event) =>
      [lineageValue(event, 0, 'exe'), args(event)].filter((part) => part !== undefined && part !== '').join(' '),
    ),
  ),
  field(
    'proc.env',
    'CHARBUF',
    'Environment, or one variable of it: proc.env[NAME]. Only the names that the collector is configured to record.',
    from('Process.env', environmentText),
    { argument: 'key' },
  ),
  field('proc.cwd', 'CHARBUF', 'Working directory, with a slash at the end.', from('Process.cwd', workingDirectory)),
  field(
    'proc.tty',
    'UINT32',
    'Controlling terminal; 0 for none.',
    from('Process.tty', (event) => event.record.process.tty ?? 0),
  ),
  field('proc.vpid', 'INT64', 'Process id as its pid namespace sees it.', plain('namespacePid')),
  field('proc.pvpid', 'INT64', 'Process id of the parent as the pid namespace of the process sees it.', plain('parentNamespacePid')),
  field('proc.sid', 'INT64', 'Session id.', plain('sessionId')),
  field('proc.pgid', 'INT64', 'Process group id.', plain('processGroupId')),
  field('proc.vpgid', 'INT64', 'Process group id as the pid namespace sees it.', plain('namespaceProcessGroupId')),
  field(
    'proc.duration',
    'RELTIME',
    'Age of the process at the event, nanoseconds.',
    from('Process.startBootUs Origin.bootTimeUs', (event) => sinceStart(event, event.record.process.startBootUs)),
  ),
  field(
    'proc.ppid.duration',
    'RELTIME',
    'Age of the parent at the event, nanoseconds.',
    from('Process.ancestors Ancestor.startBootUs Origin.bootTimeUs', (event) =>
      sinceStart(event, event.record.process.ancestors[0]?.startBootUs),
    ),
  ),
  field(
    'proc.pid.ts',
    'RELTIME',
    'Start of the process: nanoseconds since 1970.',
    from(`Process.startBootUs ${EVENT_START_SOURCE}`, (event) => startTime(event, event.record.process.startBootUs)),
    { unit: 'ns since 1970' },
  ),
  field(
    'proc.ppid.ts',
    'RELTIME',
    'Start of the parent: nanoseconds since 1970.',
    from(`Process.ancestors Ancestor.startBootUs ${EVENT_START_SOURCE}`, (event) =>
      startTime(event, event.record.process.ancestors[0]?.startBootUs),
    ),
    { unit: 'ns since 1970' },
  ),
  field('proc.is_exe_writable', 'BOOL', 'The user of the process may write to the executable.', plain('isExeWritable')),
  field('proc.is_exe_upper_layer', 'BOOL', 'The executable was not in the image of the container.', plain('isExeUpperLayer')),
  field('proc.is_exe_lower_layer', 'BOOL', 'The executable was in the image of the container.', plain('isExeLowerLayer')),
  field('proc.is_exe_from_memfd', 'BOOL', 'The executable is a memory file without a name.', plain('isExeMemfd')),
  field(
    'proc.is_sid_leader',
    'BOOL',
    'The process leads its session.',
    from('Process.sessionId Process.pid', (event) => event.record.process.sessionId === event.record.process.pid),
  ),
  field(
    'proc.is_pgid_leader',
    'BOOL',
    'The process leads its process group.',
    from('Process.processGroupId Process.pid', (event) => event.record.process.processGroupId === event.record.process.pid),
  ),
  field(
    'proc.is_vpgid_leader',
    'BOOL',
    'The process leads its process group, as its pid namespace sees it.',
    from(
      'Process.namespaceProcessGroupId Process.namespacePid',
      (event) => event.record.process.namespaceProcessGroupId === event.record.process.namespacePid,
    ),
  ),
  field(
    'proc.exe_ino',
    'INT64',
    'Inode number of the executable.',
    from('Process.exeInode', (event) => inodeNumber(event.record.process.exeInode)),
  ),
  field(
    'proc.exe_ino.ctime',
    'ABSTIME',
    'Last change of the executable: nanoseconds since 1970.',
    from('Process.exeCtimeUs', (event) => timeNs(event.record.process.exeCtimeUs)),
  ),
  field(
    'proc.exe_ino.mtime',
    'ABSTIME',
    'Last modification of the executable: nanoseconds since 1970.',
    from('Process.exeMtimeUs', (event) => timeNs(event.record.process.exeMtimeUs)),
  ),
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
    { unit: 'ns since 1970' },
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
    field(
      `proc.${stream}.type`,
      'CHARBUF',
      `Kind of ${stream} at the last exec, as fd.type.`,
      from(streamSource(number, 'type'), (event) => streamType(event, number)),
    ),
    field(
      `proc.${stream}.name`,
      'CHARBUF',
      `Name of ${stream} at the last exec, as fd.name.`,
      from(streamSource(number, 'name'), (event) => streamName(event, number)),
    ),
  ]),
]

function workingDirectory(event: RuleRecord): string | undefined {
  const cwd = recordText(event, 'process.cwd', event.record.process.cwd)
  return cwd === undefined || cwd.endsWith('/') ? cwd : `${cwd}/`
}
