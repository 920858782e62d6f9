// Fields of the event itself: `evt.*` and `syscall.type`.
import type { JudgedEvent, RuleRecord } from '../../judged-event.js'
import { toByteText } from '../../text/byte-text.js'
import { resultText } from '../kernel-names/errno-name.js'
import { eventArgumentText, eventArgumentValue } from '../record/event-argument-value.js'
import { eventTimeNs, eventTimeText } from '../record/event-time.js'
import { eventTypeOf } from '../record/event-type.js'
import { field, missing } from '../field.js'
import type { FieldDefinition, FieldExtractor } from '../field.js'
import { openedPath, openOf } from '../record/opened-file.js'

const of =
  (read: (event: RuleRecord) => ReturnType<FieldExtractor>): FieldExtractor =>
  (judged: JudgedEvent) =>
    read(judged.event)
const always =
  (value: number | boolean | string | undefined): FieldExtractor =>
  () =>
    value
const type = (event: RuleRecord): string | undefined => eventTypeOf(event) ?? undefined
const isFailed = (event: RuleRecord): boolean => event.record.result < 0
const isExit = (event: RuleRecord): boolean => event.topic === 'process' && event.record.type === 'exit'
const result = (event: RuleRecord): number | undefined => (isExit(event) ? undefined : event.record.result)
const seconds = (event: RuleRecord): number => Math.floor(event.record.origin.wallTimeUs / 1_000_000)

const NO_ENTER = { deprecated: 'is not available due to the drop of enter events' }
const DIR = {
  deprecated:
    "due to the drop of enter events, 'evt.dir = <' always evaluates to true, and 'evt.dir = >' always evaluates to false. " +
    "The rule expression can be simplified by removing the condition on 'evt.dir'",
}
const NO_BUFFER = 'payload bytes are not collected'
const NO_CAPTURE = 'a stream of events has no beginning to count from'

export const EVENT_FIELDS: readonly FieldDefinition[] = [
  field(
    'evt.num',
    'UINT64',
    'Number of the event within its sequence, from 1.',
    of((event) => event.record.origin.seq),
  ),
  field('evt.time', 'CHARBUF', 'Time of day of the event, UTC, with nanoseconds.', of(eventTimeText.time)),
  field('evt.time.s', 'CHARBUF', 'Time of day of the event, UTC.', of(eventTimeText.timeSeconds)),
  field('evt.time.iso8601', 'CHARBUF', 'Time of the event in ISO 8601, UTC, with nanoseconds.', of(eventTimeText.iso8601)),
  field('evt.datetime', 'CHARBUF', 'Date and time of the event, UTC, with nanoseconds.', of(eventTimeText.dateTime)),
  field('evt.datetime.s', 'CHARBUF', 'Date and time of the event, UTC.', of(eventTimeText.dateTimeSeconds)),
  field('evt.rawtime', 'ABSTIME', 'Time of the event: nanoseconds since 1970.', of(eventTimeNs)),
  field('evt.rawtime.s', 'ABSTIME', 'Time of the event: whole seconds since 1970.', of(seconds)),
  field(
    'evt.rawtime.ns',
    'ABSTIME',
    'Nanoseconds behind evt.rawtime.s.',
    of((event) => (event.record.origin.wallTimeUs % 1_000_000) * 1000),
  ),
  missing('evt.reltime', 'RELTIME', 'Nanoseconds since the beginning of the capture.', NO_CAPTURE),
  missing('evt.reltime.s', 'RELTIME', 'Seconds since the beginning of the capture.', NO_CAPTURE),
  missing('evt.reltime.ns', 'RELTIME', 'Nanoseconds behind evt.reltime.s.', NO_CAPTURE),
  missing('evt.deltatime', 'RELTIME', 'Nanoseconds since the event before.', NO_CAPTURE),
  missing('evt.deltatime.s', 'RELTIME', 'Seconds since the event before.', NO_CAPTURE),
  missing('evt.deltatime.ns', 'RELTIME', 'Nanoseconds behind evt.deltatime.s.', NO_CAPTURE),
  field('evt.latency', 'RELTIME', 'Always 0.', always(0), NO_ENTER),
  field('evt.latency.s', 'RELTIME', 'Always 0.', always(0), NO_ENTER),
  field('evt.latency.ns', 'RELTIME', 'Always 0.', always(0), NO_ENTER),
  field('evt.latency.human', 'CHARBUF', 'Always 0ns.', always('0ns'), NO_ENTER),
  field('evt.wait_latency', 'RELTIME', 'Always 0.', always(0), NO_ENTER),
  field('evt.dir', 'CHARBUF', 'Always <: events are made when a call returns.', always('<'), DIR),
  field('evt.type', 'CHARBUF', 'Name of the event: the system call, or procexit.', of(type)),
  field(
    'syscall.type',
    'CHARBUF',
    'Name of the system call; absent for other events.',
    of((event) => (isExit(event) ? undefined : type(event))),
  ),
  field(
    'evt.category',
    'CHARBUF',
    'process or file.',
    of((event) => event.topic),
  ),
  field('evt.source', 'CHARBUF', 'Source of the event: syscall.', always('syscall')),
  field('evt.is_async', 'BOOL', 'Always false.', always(false)),
  field('evt.asynctype', 'CHARBUF', 'Absent: no event is asynchronous.', always(undefined)),
  field('evt.pluginname', 'CHARBUF', 'Absent: no event comes from a plugin.', always(undefined)),
  field('evt.plugininfo', 'CHARBUF', 'Absent: no event comes from a plugin.', always(undefined)),
  field(
    'evt.hostname',
    'CHARBUF',
    'Name of the host.',
    of((event) => toByteText(event.record.origin.hostName)),
  ),
  field(
    'evt.cpu',
    'INT16',
    'CPU on which the event was made.',
    of((event) => event.record.origin.cpu),
  ),
  field('evt.arg', 'CHARBUF', 'An argument of the call as text: evt.arg.NAME.', (judged, name) => eventArgumentText(judged.event, name), {
    argument: 'requiredIndexOrKey',
  }),
  field(
    'evt.rawarg',
    'INT64',
    'An argument of the call as number: evt.rawarg.NAME.',
    (judged, name) => eventArgumentValue(judged.event, name),
    {
      argument: 'requiredKey',
      isWithoutRightSide: true,
      isWithoutTransformer: true,
    },
  ),
  field('evt.args', 'CHARBUF', 'Arguments of the call as one text.', of(allArguments)),
  field('evt.info', 'CHARBUF', 'The same as evt.args.', of(allArguments)),
  missing('evt.buffer', 'BYTEBUF', 'Bytes that were read or written.', NO_BUFFER),
  missing('evt.buflen', 'UINT64', 'Length of evt.buffer.', NO_BUFFER),
  field(
    'evt.res',
    'CHARBUF',
    'SUCCESS, or the name of the errno.',
    of((event) => (isExit(event) ? undefined : resultText(event.record.result))),
  ),
  field('evt.rawres', 'INT64', 'Result of the call: negative errno when it failed.', of(result)),
  field('evt.failed', 'BOOL', 'The call failed.', of(isFailed)),
  field('evt.is_io', 'BOOL', 'The call reads or writes a descriptor.', always(false)),
  field('evt.is_io_read', 'BOOL', 'The call reads a descriptor.', always(false)),
  field('evt.is_io_write', 'BOOL', 'The call writes a descriptor.', always(false)),
  field('evt.io_dir', 'CHARBUF', 'r or w for calls that read or write.', always(undefined)),
  field('evt.is_wait', 'BOOL', 'The call waits.', always(false)),
  field('evt.is_syslog', 'BOOL', 'The event is a write to /dev/log.', always(false)),
  field('evt.count', 'UINT32', 'Always 1.', always(1)),
  field(
    'evt.count.error',
    'UINT32',
    '1 for a failed call.',
    of((event) => (isFailed(event) ? 1 : 0)),
  ),
  field(
    'evt.count.error.file',
    'UINT32',
    '1 for a failed call on a file.',
    of((event) => (isFailed(event) && event.topic === 'file' ? 1 : 0)),
  ),
  field('evt.count.error.net', 'UINT32', '1 for a failed call on a connection.', always(0)),
  field('evt.count.error.memory', 'UINT32', '1 for a failed call on memory.', always(0)),
  field(
    'evt.count.error.other',
    'UINT32',
    '1 for a failed call of another kind.',
    of((event) => (isFailed(event) && event.topic !== 'file' ? 1 : 0)),
  ),
  field('evt.count.exit', 'UINT32', 'Always 1: events are made when a call returns.', always(1)),
  missing('evt.around', 'UINT64', 'Events around a time.', 'a rule has no place in time; use replay --from and --to', {
    argument: 'requiredNumber',
    isFilterOnly: true,
    isWithoutRightSide: true,
    isWithoutTransformer: true,
  }),
  field('evt.type.is', 'UINT32', '1 for events of the type: evt.type.is.NAME.', (judged, name) => (type(judged.event) === name ? 1 : 0), {
    argument: 'requiredKey',
  }),
  field('evt.abspath', 'CHARBUF', 'Absolute path of calls that take a folder and a name.', of(openedPath)),
  missing('evt.abspath.src', 'CHARBUF', 'Absolute path of the source.', 'renames and links are not collected yet'),
  missing('evt.abspath.dst', 'CHARBUF', 'Absolute path of the target.', 'renames and links are not collected yet'),
  field(
    'evt.is_open_read',
    'BOOL',
    'A file was opened for reading.',
    of((event) => openOf(event)?.isRead ?? false),
  ),
  field(
    'evt.is_open_write',
    'BOOL',
    'A file was opened for writing.',
    of((event) => openOf(event)?.isWrite ?? false),
  ),
  field('evt.is_open_exec', 'BOOL', 'A file was created with an execute bit.', of(isCreatedExecutable)),
  field(
    'evt.is_open_create',
    'BOOL',
    'A file was created.',
    of((event) => openOf(event)?.isCreated ?? false),
  ),
]

function isCreatedExecutable(event: RuleRecord): boolean {
  const open = openOf(event)
  return open !== null && open.isCreate && open.mode !== null && (open.mode & 0o111) !== 0
}

const OPEN_ARGUMENTS = ['fd', 'name', 'flags', 'mode']
const EXEC_ARGUMENTS = ['res', 'exe', 'args', 'tid', 'pid', 'ptid', 'cwd', 'comm', 'tty', 'loginuid', 'flags', 'uid', 'filename']

function allArguments(event: RuleRecord): string | undefined {
  const names = event.topic === 'file' ? OPEN_ARGUMENTS : event.record.type === 'exec' ? EXEC_ARGUMENTS : ['res', 'pid', 'ptid']
  const parts: string[] = []
  for (const name of names) {
    const value = eventArgumentText(event, name)
    if (value !== undefined) parts.push(`${name}=${value}`)
  }
  return parts.length === 0 ? undefined : parts.join(' ')
}
