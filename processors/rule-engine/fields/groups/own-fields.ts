// Fields that Falco does not have: DNS messages, byte counts of connections, the target process of a call, the hash of an executable. A rule
// that uses them works in Eunomia only.
import type { DnsMessage, KernelEvent, NetworkEvent } from '../../../../schemas/generated/types.js'
import type { RuleRecord } from '../rule-event.js'
import { nanoseconds, type FieldValue } from '../field-value.js'
import { inEveryTopic } from '../bytes/byte-plan.js'
import { field, from, type FieldDefinition, type FieldReading } from '../field.js'
import { dnsCodeText, dnsTypeText } from '../kernel-names/network-names.js'
import { namespaceFlagsText } from '../kernel-names/flag-names.js'
import { processText } from '../record/record-readings.js'
import { recordText, recordTexts } from '../record/record-text.js'

const DNS = 'NetworkEvent.dns'
const ANSWERS = `${DNS} DnsMessage.answers DnsAnswer.value`
const A_MESSAGE = { kinds: { network: 'all' }, isOwn: true } as const
const A_FLOW = { kinds: { network: 'all' }, isOwn: true } as const
const A_COUNT = { ...A_FLOW, unit: 'bytes' }
const A_TARGET = { kinds: { kernel: 'all' }, isOwn: true } as const
const OWN = { isOwn: true }

// eslint-disable-next-line no-control-regex -- they end lines
const CONTROL = /[\0-\x1f\x7f]/g

const TIMES_SET = { kinds: { file: ['times'] }, isOwn: true } as const
const US_PER_SECOND = 1_000_000

const dnsOf = (event: RuleRecord): DnsMessage | null => (event.topic === 'network' ? event.record.dns : null)
const kernelOf = (event: RuleRecord): KernelEvent | null => (event.topic === 'kernel' ? event.record : null)

type Change<Value> = (value: NonNullable<Value>) => FieldValue

/** A property of a DNS message; null is absent. */
const ofDns = <Key extends keyof DnsMessage>(key: Key, change: Change<DnsMessage[Key]>): FieldReading =>
  from(`${DNS} DnsMessage.${key}`, (event) => {
    const value = dnsOf(event)?.[key] ?? null
    return value === null ? undefined : change(value)
  })
/** A count of a connection; null is absent. */
const ofFlow = (
  key: 'bytesSent' | 'bytesReceived' | 'durationUs',
  change: Change<NetworkEvent[typeof key]> = (value) => value,
): FieldReading =>
  from(`NetworkEvent.${key}`, (event) => {
    const value = event.topic === 'network' ? event.record[key] : null
    return value === null ? undefined : change(value)
  })
const targetText = (key: 'targetName' | 'targetContainerId'): FieldReading =>
  from(`KernelEvent.${key}`, (event) => recordText(event, key, kernelOf(event)?.[key] ?? null))

const questionName = (event: RuleRecord): string | undefined => recordText(event, 'dns.questionName', dnsOf(event)?.questionName ?? null)
const targetPid = (event: RuleRecord): number | undefined => kernelOf(event)?.targetPid ?? undefined

function namespaceTypes(event: RuleRecord): string | undefined {
  const types = kernelOf(event)?.namespaceTypes ?? null
  return types === null ? undefined : namespaceFlagsText(types)
}

function containerEntry(event: RuleRecord): string | undefined {
  const { containerEntry: entry } = event.record.process
  return entry === null || entry === 'UNKNOWN' ? undefined : entry
}

/** Values of the answers, in their order. */
function answers(event: RuleRecord): string[] | undefined {
  const values = dnsOf(event)?.answers.flatMap(({ value }, index) =>
    value === null ? [] : [recordText(event, `dns.answers.${String(index)}.value`, value)],
  )
  return values === undefined || values.length === 0 ? undefined : values
}

function routeOf(event: RuleRecord): string | undefined {
  const route = event.topic === 'process' ? 'UNKNOWN' : event.record.route
  return route === 'UNKNOWN' ? undefined : route
}

/** Seconds from the modification time that a call set to the event; negative for one in the future. */
function modificationAge(event: RuleRecord): number | undefined {
  const us = event.topic === 'file' && event.record.type === 'times' ? event.record.modificationTimeUs : null
  return us === null ? undefined : Math.floor((event.record.origin.wallTimeUs - us) / US_PER_SECOND)
}

/** The fields of this group, as lists show them. */
export const OWN_FIELDS: readonly FieldDefinition[] = [
  field(
    'dns.name',
    'CHARBUF',
    'Queried name of a DNS message or answer, without the trailing dot.',
    from(`${DNS} DnsMessage.questionName`, questionName),
    A_MESSAGE,
  ),
  field(
    'dns.type',
    'CHARBUF',
    'Queried type of a DNS message: A, AAAA, TXT ..., else its number.',
    ofDns('questionType', dnsTypeText),
    A_MESSAGE,
  ),
  field('dns.is_response', 'BOOL', 'A DNS message is an answer.', ofDns('isResponse', Boolean), A_MESSAGE),
  field(
    'dns.rcode',
    'CHARBUF',
    'Response code of a DNS answer: NOERROR, NXDOMAIN ..., else its number.',
    ofDns('responseCode', dnsCodeText),
    A_MESSAGE,
  ),
  field('dns.answers', 'CHARBUF', 'Addresses, names and texts of a DNS answer.', from(ANSWERS, answers), {
    ...A_MESSAGE,
    plurality: 'list',
  }),
  field('net.bytes_sent', 'UINT64', 'Bytes that a connection sent in its lifetime; at its close.', ofFlow('bytesSent'), A_COUNT),
  field(
    'net.bytes_received',
    'UINT64',
    'Bytes that a connection received in its lifetime; at its close.',
    ofFlow('bytesReceived'),
    A_COUNT,
  ),
  field(
    'net.duration',
    'RELTIME',
    'Lifetime of a connection, at its close; time that a connect took.',
    ofFlow('durationUs', nanoseconds),
    A_FLOW,
  ),
  field(
    'fs.mtime.age',
    'INT64',
    'How long before the event the modification time is that a call gave a file; absent where it gave none, or the current time.',
    from('FileEvent.type FileEvent.modificationTimeUs Origin.wallTimeUs', modificationAge),
    { ...TIMES_SET, unit: 's' },
  ),
  field(
    'evt.route',
    'CHARBUF',
    'How the call came into the kernel: native, compat32 (i386), x32, io_uring, fast_open (a send that connects); absent where no call made the event.',
    from('FileEvent.route NetworkEvent.route KernelEvent.route', routeOf, {
      ...inEveryTopic({ kind: 'route' }),
      process: { kind: 'constant', text: null },
    }),
    { kinds: { file: 'all', network: 'all', kernel: 'all' }, isOwn: true },
  ),
  field(
    'target.pid',
    'INT64',
    'Process that a call acts upon: of ptrace, a signal, process_vm_writev, an OOM kill.',
    from('KernelEvent.targetPid', targetPid),
    A_TARGET,
  ),
  field('target.name', 'CHARBUF', 'Command name of that process.', targetText('targetName'), A_TARGET),
  field(
    'target.container.id',
    'CHARBUF',
    'Full id of the container of that process; absent if it is on the host or not known.',
    targetText('targetContainerId'),
    A_TARGET,
  ),
  field(
    'ns.types',
    'CHARBUF',
    'Kinds of namespaces that unshare created or setns entered: CLONE_NEWNS|CLONE_NEWPID.',
    from('KernelEvent.namespaceTypes', namespaceTypes),
    A_TARGET,
  ),
  field(
    'proc.stdio.network',
    'BOOL',
    'Standard input and output are pipes whose other ends are held by processes with internet connections; absent where one is no pipe.',
    from(
      'Process.stdioNetwork',
      (event) => event.record.process.stdioNetwork ?? undefined,
      inEveryTopic({ kind: 'truth', at: 'process.stdioNetwork' }),
    ),
    { isOwn: true },
  ),
  field(
    'proc.exe_sha256',
    'CHARBUF',
    'SHA-256 of the executable, 64 hex digits; absent if the collector does not compute it.',
    processText('exeSha256'),
    OWN,
  ),
  field(
    'proc.container_entry',
    'CHARBUF',
    'How the process entered its container: own (its first process and the descendants) or exec (docker exec, kubectl exec, a probe); absent on the host.',
    from('Process.containerEntry', containerEntry),
    OWN,
  ),
  field(
    'systemd.unit',
    'CHARBUF',
    'Unit of systemd that the process runs in, as systemctl shows it; absent in containers.',
    processText('systemdUnit'),
    OWN,
  ),
  field(
    'systemd.user_unit',
    'CHARBUF',
    "Unit of the user's own systemd, where systemd.unit is user@UID.service; that user can choose the name.",
    processText('systemdUserUnit'),
    OWN,
  ),
  field(
    'proc.args_lines',
    'CHARBUF',
    'Arguments without the first, each on a line of its own, so that one with spaces is not taken for several; its control characters are spaces.',
    from('Process.args', (event) =>
      recordTexts(event, 'process.args', event.record.process.args, 1)
        .map((text) => text.replaceAll(CONTROL, ' '))
        .join('\n'),
    ),
    OWN,
  ),
  ...(
    [
      ['proc.args_redacted', 'proc.args', 'argsRedacted'],
      ['proc.pargs_redacted', 'the arguments of the parent', 'parentArgsRedacted'],
      ['proc.env_redacted', 'proc.env', 'envRedacted'],
    ] as const
  ).map(([name, where, key]) =>
    field(
      name,
      'UINT32',
      `Secrets in ${where} that the collector replaced with [redacted].`,
      from(`Process.${key}`, (event) => event.record.process[key]),
      OWN,
    ),
  ),
  field(
    'evt.redacted',
    'UINT32',
    'Secrets that the collector replaced with [redacted] in the arguments of a refused exec, or in the texts of a mount.',
    from('ProcessEvent.redacted KernelEvent.redacted', (event) =>
      event.topic === 'process' || event.topic === 'kernel' ? event.record.redacted : undefined,
    ),
    { kinds: { process: 'all', kernel: 'all' }, isOwn: true },
  ),
]
