// Records of type SYSCALL: the call of an event with its process. auditd writes one for every call that its own rules select. Here, every rule sees the
// start of programs, and rules that name a call (`SYSCALL: socket`) see other calls, too. Otherwise, a rule about a program would alert on each file
// that the program opens.
import type { BytePlans } from '../../fields/bytes/byte-plan.js'
import { from, type FieldDefinition } from '../../fields/field.js'
import type { RuleRecord } from '../../fields/rule-event.js'
import { COLLECTED_TYPES_OF, eventTypeOf } from '../../fields/record/event-type.js'
import { processText, processValue } from '../../fields/record/record-readings.js'
import { recordText } from '../../fields/record/record-text.js'
import { presenceField, type RecordShape } from './log-source.js'
import { catalogueFields, lackingField, ownField, sigmaFields } from './sigma-fields.js'
import { CALL_NUMBERS } from '../../../../schemas/generated/calls.js'

/** Calls that start a program. */
export const EXECS: readonly string[] = ['execve', 'execveat']

/** Event types that are not system calls. */
const NO_CALLS: readonly string[] = ['procexit', 'dns', 'io_uring', 'signaldeliver', 'oom_kill', 'drop']

/** Every system call that records exist for. */
export const CALLS: readonly string[] = Object.values(COLLECTED_TYPES_OF)
  .flat()
  .filter((type) => !NO_CALLS.includes(type))

/** The number of a system call on x86-64, decimal; null if it has none. */
export function callNumber(name: string): string | null {
  return name in CALL_NUMBERS ? String(CALL_NUMBERS[name as keyof typeof CALL_NUMBERS]) : null
}

const TYPE = 'SYSCALL'
const IS_CALL: ReadonlySet<string> = new Set(CALLS)
const NAMES_OF_CALL = ['SYSCALL', 'syscall']

const CALL = 'ProcessEvent.syscall FileEvent.syscall NetworkEvent.syscall KernelEvent.syscall'
const RESULT = 'ProcessEvent.result FileEvent.result NetworkEvent.result KernelEvent.result'

const FROM_CATALOGUE = { pid: 'proc.pid', ppid: 'proc.ppid', comm: 'proc.name' }

/** Value of the audit system for an unset login id. */
const UNSET_ID = '4294967295'

function callOf(event: RuleRecord): string | undefined {
  const type = eventTypeOf(event)
  return type !== null && IS_CALL.has(type) ? type : undefined
}

/** Records of type SYSCALL. */
export function syscall(): RecordShape {
  return {
    name: TYPE,
    fields: sigmaFields([...callFields(), ...catalogueFields(FROM_CATALOGUE), ...identityFields(), ...lackingFields()]),
    presence: presenceField(TYPE, (event) => callOf(event) !== undefined),
    isShared: false,
    together: null,
    eventTypes: (named) => (NAMES_OF_CALL.some((name) => named.has(name)) ? CALLS : EXECS),
    known: (name) => ({ type: TYPE, SYSCALL: name, syscall: namesOf(name) }),
  }
}

/** Some logs have the name of the call, others its number. */
function namesOf(name: string): string[] {
  const number = callNumber(name)
  return number === null ? [name] : [name, number]
}

/** Captured for kernel events only. */
const NO_ARGUMENTS: BytePlans = { process: { kind: 'constant', text: null }, file: { kind: 'constant', text: null } }
/** Every exec and every file event is a call. */
const CALL_NAME: BytePlans = { file: { kind: 'eventType' } }

function callFields(): FieldDefinition[] {
  const ofCall = (
    name: string,
    doc: string,
    source: string,
    read: (event: RuleRecord, call: string) => ReturnType<typeof argument>,
    bytes?: BytePlans,
  ): FieldDefinition =>
    ownField(
      name,
      doc,
      from(
        `${CALL} ${source}`.trim(),
        (event) => {
          const call = callOf(event)
          return call === undefined ? undefined : read(event, call)
        },
        bytes,
      ),
    )
  return [
    ofCall('type', 'Type of the record.', '', () => TYPE),
    ofCall('SYSCALL', 'Name of the system call.', '', (_, call) => call, CALL_NAME),
    ofCall('syscall', 'Name of the system call, and its number on x86-64.', '', (_, call) => namesOf(call)),
    ofCall('success', 'yes, or no for a call that was refused.', RESULT, ({ record }) => (record.result < 0 ? 'no' : 'yes')),
    ofCall('exit', 'Result of the call; a negative number is an error.', RESULT, ({ record }) => String(record.result)),
    ...[0, 1, 2, 3].map((index) =>
      ofCall(
        `a${String(index)}`,
        `Argument ${String(index)} of the call, hexadecimal.`,
        'KernelEvent.arguments NetworkEvent.family',
        (event) => argument(event, index),
        NO_ARGUMENTS,
      ),
    ),
  ]
}

/** Kernel events have captured arguments; the first one of a socket call is also its address family. */
function argument({ topic, record }: RuleRecord, index: number): string | readonly string[] | undefined {
  if (topic === 'kernel') return record.arguments?.[index]
  const isFamily = index === 0 && topic === 'network' && record.type === 'socket'
  return isFamily && record.family !== null ? record.family.toString(16) : undefined
}

function identityFields(): FieldDefinition[] {
  const loginUid = from('Process.loginUid', ({ record }) => record.process.loginUid ?? UNSET_ID)
  const terminal = from('Process.tty', ({ record }) => terminalName(record.process.tty))
  return [
    ownField('uid', 'Real user id.', processValue('uid')),
    ownField('gid', 'Real group id.', processValue('gid')),
    ownField('UID', 'Real user.', processText('user')),
    ownField('GID', 'Real group.', processText('group')),
    ownField('exe', 'Path of the executable.', processText('exePath')),
    ownField('euid', 'Effective user id.', processValue('euid')),
    ownField('egid', 'Effective group id.', processValue('egid')),
    ownField('auid', `Login user id; ${UNSET_ID} when nobody logged in.`, loginUid),
    ownField('AUID', 'Login user; unset when nobody logged in.', from('Process.loginUid Process.loginUser', loginName)),
    ownField('tty', 'Controlling terminal as the audit system writes it: pts0, (none).', terminal),
  ]
}

function loginName(event: RuleRecord): string | undefined {
  const { loginUid, loginUser } = event.record.process
  return loginUid === null ? 'unset' : recordText(event, 'process.loginUser', loginUser)
}

/** Names of terminal drivers by major device number; minor numbers of serial ones begin at 64. */
function terminalName(device: number | null): string | undefined {
  if (device === null) return '(none)'
  const major = Math.floor(device / 256)
  const minor = device % 256
  if (major >= 136 && major <= 143) return `pts${String((major - 136) * 256 + minor)}`
  if (major !== 4) return undefined
  return minor < 64 ? `tty${String(minor)}` : `ttyS${String(minor - 64)}`
}

function lackingFields(): FieldDefinition[] {
  const RULES = 'the rules of auditd on a host set it, and no such rules apply here'
  return [
    lackingField('key', 'Key of the auditd rule that logged the record.', RULES),
    lackingField('ses', 'Number of the login session.', 'sessions of logins are not collected'),
    lackingField('subj', 'Label of SELinux or AppArmor.', 'labels of processes are not collected'),
  ]
}
