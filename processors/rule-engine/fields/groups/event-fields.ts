// Fields of the event itself: `evt.*` and `syscall.type`. Fields of sent and received data are in transfer-fields.ts.
import type { RuleRecord } from '../rule-event.js'
import { allArgumentsText, argumentRaw, ARGUMENT_SOURCE, argumentText, RAW_ARGUMENT_SOURCE } from '../arguments/argument-value.js'
import type { FieldValue } from '../field-value.js'
import { inEveryTopic, type BytePlan } from '../bytes/byte-plan.js'
import { constant, field, from, missing, type FieldDefinition, type FieldReading, type RecordReader } from '../field.js'
import { resultText } from '../kernel-names/result-names.js'
import {
  CATEGORY_SOURCE,
  categoryOf,
  CALL_KINDS,
  callResult,
  CONCERN_KINDS,
  FAILURE_SOURCE,
  failedCallOn,
  RESULT_SOURCE,
} from './event-result.js'
import { eventTypeOf } from '../record/event-type.js'
import { HOST_NAME, originValue } from '../record/record-readings.js'
import { isSyslogWrite } from '../descriptor/syslog-line.js'

const TYPE = `FileEvent.syscall ${['ProcessEvent', 'NetworkEvent', 'KernelEvent'].map((record) => `${record}.type ${record}.syscall`).join(' ')}`
const CALLS = { kinds: CALL_KINDS }
const NO_EVENT = 'actions of runtimes on containers are no events'

const type = (event: RuleRecord): string | undefined => eventTypeOf(event) ?? undefined
const isOfType: RecordReader = (event, name) => (type(event) === name ? 1 : 0)
const callName = (event: RuleRecord): string | undefined => (callResult(event) === undefined ? undefined : type(event))

const ofResult = (read: (result: number) => FieldValue, plan?: BytePlan): FieldReading =>
  from(
    RESULT_SOURCE,
    (event) => {
      const result = callResult(event)
      return result === undefined ? undefined : read(result)
    },
    plan === undefined ? {} : inEveryTopic(plan),
  )
const isFailure = (result: number): boolean => result < 0
const failureCount = (result: number): number => Number(result < 0)

const DIR = {
  deprecated:
    "due to the drop of enter events, 'evt.dir = <' always evaluates to true, and 'evt.dir = >' always evaluates to false. " +
    "The rule expression can be simplified by removing the condition on 'evt.dir'",
}

/** The fields of this group, as lists show them. */
export const EVENT_FIELDS: readonly FieldDefinition[] = [
  field('evt.num', 'UINT64', 'Number of the event within its sequence, from 1.', originValue('seq')),
  field('evt.dir', 'CHARBUF', 'Always <: events are created when a call returns.', constant('<'), DIR),
  field(
    'evt.type',
    'CHARBUF',
    'Name of the event: the system call, or procexit, dns, signaldeliver, oom_kill, io_uring, drop.',
    from(TYPE, type, inEveryTopic({ kind: 'eventType' })),
  ),
  field('syscall.type', 'CHARBUF', 'Name of the system call; absent for other events.', from(`${TYPE} ${RESULT_SOURCE}`, callName), CALLS),
  field('evt.category', 'CHARBUF', 'process, file, net, user, signal, memory, IPC or other.', from(CATEGORY_SOURCE, categoryOf)),
  field('evt.source', 'CHARBUF', 'Source of the event: syscall.', constant('syscall')),
  field('evt.is_async', 'BOOL', 'Always false.', constant(false)),
  field('evt.asynctype', 'CHARBUF', 'Absent: no event is asynchronous.', constant(undefined), { kinds: {} }),
  field('evt.pluginname', 'CHARBUF', 'Absent: no event comes from a plugin.', constant(undefined), { kinds: {} }),
  field('evt.plugininfo', 'CHARBUF', 'Absent: no event comes from a plugin.', constant(undefined), { kinds: {} }),
  field('evt.hostname', 'CHARBUF', 'Name of the host.', HOST_NAME),
  field('evt.cpu', 'INT16', 'CPU on which the event was created.', originValue('cpu')),
  field(
    'evt.arg',
    'CHARBUF',
    'An argument of the call as text: evt.arg.NAME, or its place: evt.arg[0].',
    from(ARGUMENT_SOURCE, argumentText, inEveryTopic({ kind: 'callArgument' })),
    { argument: 'requiredNumber' },
  ),
  field('evt.rawarg', 'INT64', 'An argument of the call as the kernel has it: evt.rawarg.NAME.', from(RAW_ARGUMENT_SOURCE, argumentRaw), {
    argument: 'requiredKey',
    isWithoutRightSide: true,
    isWithoutTransformer: true,
  }),
  field('evt.args', 'CHARBUF', 'Arguments of the call as one text.', from(ARGUMENT_SOURCE, allArgumentsText)),
  field('evt.info', 'CHARBUF', 'The same as evt.args.', from(ARGUMENT_SOURCE, allArgumentsText)),
  field('evt.res', 'CHARBUF', 'SUCCESS, or the name of the errno.', ofResult(resultText, { kind: 'resultText' }), CALLS),
  field(
    'evt.rawres',
    'INT64',
    'Result of the call: a negative errno if it failed.',
    from(RESULT_SOURCE, callResult, inEveryTopic({ kind: 'result', isFailure: false })),
    CALLS,
  ),
  field('evt.failed', 'BOOL', 'The call failed.', ofResult(isFailure, { kind: 'result', isFailure: true }), CALLS),
  field('evt.is_wait', 'BOOL', 'Always false: calls that wait are no events.', constant(false)),
  field('evt.is_syslog', 'BOOL', 'The event is a write to /dev/log.', from('NetworkEvent.type NetworkEvent.unixPath', isSyslogWrite)),
  field('evt.count', 'UINT32', 'Always 1.', constant(1)),
  field('evt.count.error', 'UINT32', '1 for a failed call.', ofResult(failureCount), CALLS),
  ...(['file', 'net', 'memory', 'other'] as const).map((concern) =>
    field(
      `evt.count.error.${concern}`,
      'UINT32',
      `1 for a failed call on ${{ file: 'a file', net: 'a socket', memory: 'memory', other: 'anything else' }[concern]}, 0 for a successful one.`,
      from(FAILURE_SOURCE, (event) => failedCallOn(event, concern)),
      { kinds: CONCERN_KINDS[concern] },
    ),
  ),
  field('evt.count.exit', 'UINT32', 'Always 1: events are created when a call returns.', constant(1)),
  field('evt.count.procinfo', 'UINT32', 'Always 0: no event is a reading of a running process.', constant(0)),
  field('evt.count.threadinfo', 'UINT32', 'Always 0, as evt.count.procinfo.', constant(0)),
  missing('evt.around', 'UINT64', 'Events around a time.', 'a rule has no place in time; use replay --from and --to', {
    argument: 'requiredNumber',
    isFilterOnly: true,
    isWithoutRightSide: true,
    isWithoutTransformer: true,
  }),
  field('evt.type.is', 'UINT32', '1 for events of the type: evt.type.is.NAME.', from(TYPE, isOfType), { argument: 'requiredKey' }),
  missing('evt.infra.docker.name', 'CHARBUF', 'What Docker did to a container.', NO_EVENT),
  ...['id', 'name', 'image'].map((name) =>
    missing(`evt.infra.docker.container.${name}`, 'CHARBUF', `The ${name} of the container that Docker did something to.`, NO_EVENT),
  ),
  missing(
    'util.cnt',
    'UINT64',
    'How often the field was read before.',
    'the same events must get the same verdicts when they are evaluated again',
  ),
]
