// Arguments of exec, fork and exit events.
import { cloneFlagsText } from '../kernel-names/flag-names.js'
import { signalText } from '../kernel-names/result-names.js'
import { effectiveGroupName, effectiveUserName, GROUP_NAME_SOURCE, USER_NAME_SOURCE } from '../process/process-identity.js'
import { lineageValue, LINEAGE_SOURCE } from '../process/process-lineage.js'
import { joinedArguments, recordText, joinedTexts, recordTexts } from '../record/record-text.js'
import {
  OWN_PID,
  PARENT_PID,
  RESULT,
  argumentMaker,
  named,
  type ArgumentTable,
  type EventArgument,
  type EventOf,
} from './event-argument.js'

type Event = EventOf<'process'>
const argument = argumentMaker<Event>('ProcessEvent')

const EXE_WRITABLE = 1
const EXE_UPPER_LAYER = 2
const EXE_FROM_MEMFD = 4
const EXE_LOWER_LAYER = 8

const res = argument('res', 'ProcessEvent.result', ({ record }) => record.result, RESULT)
const filename = (name: string): EventArgument<Event> =>
  argument(name, 'ProcessEvent.filename', (event) => recordText(event, 'filename', event.record.filename))
const uid = argument('uid', 'Process.euid', ({ record }) => record.process.euid, {
  resolved: (_raw, event) => effectiveUserName(event) ?? '',
  resolvedSource: USER_NAME_SOURCE,
})
const gid = argument('gid', 'Process.egid', ({ record }) => record.process.egid, {
  resolved: (_raw, event) => effectiveGroupName(event) ?? '',
  resolvedSource: GROUP_NAME_SOURCE,
})
const execFlags = argument(
  'flags',
  'Process.isExeWritable Process.isExeUpperLayer Process.isExeMemfd Process.isExeLowerLayer',
  ({ record: { process } }) =>
    (process.isExeWritable === true ? EXE_WRITABLE : 0) +
    (process.isExeUpperLayer ? EXE_UPPER_LAYER : 0) +
    (process.isExeMemfd ? EXE_FROM_MEMFD : 0) +
    (process.isExeLowerLayer === true ? EXE_LOWER_LAYER : 0),
  named(execFlagsText),
)

function execFlagsText(flags: number): string {
  const names = ['EXE_WRITABLE', 'EXE_UPPER_LAYER', 'EXE_FROM_MEMFD', 'EXE_LOWER_LAYER']
  return names.filter((_name, bit) => (flags & (1 << bit)) !== 0).join('|')
}

/** Common arguments of exec and fork. A failed exec has the attempted arguments. */
const COMMON: readonly EventArgument<Event>[] = [
  res,
  argument('exe', 'ProcessEvent.attemptedArgs Process.args', (event) =>
    event.record.attemptedArgs === null
      ? lineageValue(event, 0, 'exe')
      : recordTexts(event, 'attemptedArgs', event.record.attemptedArgs)[0],
  ),
  argument('args', 'ProcessEvent.attemptedArgs Process.args', (event) =>
    event.record.attemptedArgs === null
      ? joinedArguments(event, 'process.args', event.record.process.args)
      : joinedArguments(event, 'attemptedArgs', event.record.attemptedArgs),
  ),
  argument('tid', 'ProcessEvent.threadId Process.pid', ({ record }) => record.threadId ?? record.process.pid, OWN_PID),
  argument('pid', 'Process.pid', ({ record }) => record.process.pid, OWN_PID),
  argument('ptid', 'Process.parentPid', ({ record }) => record.process.parentPid, PARENT_PID),
  argument('cwd', 'Process.cwd', (event) => recordText(event, 'process.cwd', event.record.process.cwd)),
  argument('comm', LINEAGE_SOURCE.own('name'), (event) => lineageValue(event, 0, 'name')),
  argument('cgroups', 'Process.cgroupPath', (event) => recordText(event, 'process.cgroupPath', event.record.process.cgroupPath)),
]

const EXEC: readonly EventArgument<Event>[] = [
  ...COMMON,
  argument('env', 'Process.env', (event) =>
    event.record.process.env === null ? undefined : joinedTexts(event, 'process.env', event.record.process.env),
  ),
  argument('tty', 'Process.tty', ({ record }) => record.process.tty ?? 0),
  argument('vpgid', 'Process.namespaceProcessGroupId', ({ record }) => record.process.namespaceProcessGroupId),
  argument('loginuid', 'Process.loginUid', ({ record }) => record.process.loginUid ?? -1),
  execFlags,
  argument('cap_inheritable', 'Process.capInheritable', ({ record }) => record.process.capInheritable),
  argument('cap_permitted', 'Process.capPermitted', ({ record }) => record.process.capPermitted),
  argument('cap_effective', 'Process.capEffective', ({ record }) => record.process.capEffective),
  uid,
  argument('trusted_exepath', 'Process.exePath', (event) => lineageValue(event, 0, 'exePath')),
  argument('pgid', 'Process.processGroupId', ({ record }) => record.process.processGroupId),
  gid,
]

const FORK: readonly EventArgument<Event>[] = [
  ...COMMON,
  argument('flags', 'ProcessEvent.cloneFlags', ({ record }) => record.cloneFlags, {
    ...named(cloneFlagsText),
    bytes: { kind: 'cloneFlags' },
  }),
  uid,
  gid,
  argument('vpid', 'Process.namespacePid', ({ record }) => record.process.namespacePid),
]

const EXIT: readonly EventArgument<Event>[] = [
  argument('status', 'ProcessEvent.exitCode ProcessEvent.exitSignal ProcessEvent.coreDumped', ({ record }) => waitStatus(record)),
  argument('ret', 'ProcessEvent.exitCode', ({ record }) => record.exitCode),
  argument('sig', 'ProcessEvent.exitSignal', ({ record }) => record.exitSignal ?? 0, named(signalText)),
  argument('core', 'ProcessEvent.coreDumped', ({ record }) => (record.coreDumped === true ? 1 : 0)),
]

/** The status as wait(2) returns it: the exit status in the second byte, or the signal. */
function waitStatus({ exitCode, exitSignal, coreDumped }: Event['record']): number {
  return ((exitCode ?? 0) << 8) | (exitSignal ?? 0) | (coreDumped === true ? 0x80 : 0)
}

/** Arguments in Falco's order and under its names. */
export const PROCESS_ARGUMENTS: ArgumentTable<Event> = {
  execve: [...EXEC, filename('filename')],
  execveat: [...EXEC, filename('pathname')],
  clone: FORK,
  clone3: FORK,
  fork: FORK,
  vfork: FORK,
  procexit: EXIT,
}
