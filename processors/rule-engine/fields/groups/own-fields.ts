// Fields that Falco does not have: DNS messages, byte counts of connections, the target process of a call, the hash of an executable. A rule
// that uses them works in Eunomia only.
import type { DnsMessage, NetworkEvent } from '../../../../schemas/generated/types.js'
import type { RuleRecord } from '../rule-event.js'
import { nanoseconds } from '../field-value.js'
import { field, from, type FieldDefinition } from '../field.js'
import { dnsCodeText, dnsTypeText } from '../kernel-names/network-names.js'
import { namespaceFlagsText } from '../kernel-names/flag-names.js'
import { recordText } from '../record/record-text.js'

const DNS = 'NetworkEvent.dns'
const ANSWERS = `${DNS} DnsMessage.answers DnsAnswer.value`
const A_MESSAGE = { kinds: { network: 'all' }, isOwn: true } as const
const A_FLOW = { kinds: { network: 'all' }, isOwn: true } as const
const A_TARGET = { kinds: { kernel: 'all' }, isOwn: true } as const

const dnsOf = (event: RuleRecord): DnsMessage | null => (event.topic === 'network' ? event.record.dns : null)
const flowOf = (event: RuleRecord): NetworkEvent | null => (event.topic === 'network' ? event.record : null)

/** Values of the answers, in their order. */
function answers(event: RuleRecord): string[] | undefined {
  const values = dnsOf(event)?.answers.flatMap(({ value }, index) =>
    value === null ? [] : [recordText(event, `dns.answers.${String(index)}.value`, value)],
  )
  return values === undefined || values.length === 0 ? undefined : values
}

/** The fields of this group, as lists show them. */
export const OWN_FIELDS: readonly FieldDefinition[] = [
  field(
    'dns.name',
    'CHARBUF',
    'Queried name of a DNS message or answer, without the trailing dot.',
    from(`${DNS} DnsMessage.questionName`, (event) => recordText(event, 'dns.questionName', dnsOf(event)?.questionName ?? null)),
    A_MESSAGE,
  ),
  field(
    'dns.type',
    'CHARBUF',
    'Queried type of a DNS message: A, AAAA, TXT ..., else its number.',
    from(`${DNS} DnsMessage.questionType`, (event) => {
      const type = dnsOf(event)?.questionType
      return type === undefined ? undefined : dnsTypeText(type)
    }),
    A_MESSAGE,
  ),
  field(
    'dns.is_response',
    'BOOL',
    'A DNS message is an answer.',
    from(`${DNS} DnsMessage.isResponse`, (event) => dnsOf(event)?.isResponse),
    A_MESSAGE,
  ),
  field(
    'dns.rcode',
    'CHARBUF',
    'Response code of a DNS answer: NOERROR, NXDOMAIN ..., else its number.',
    from(`${DNS} DnsMessage.responseCode`, (event) => {
      const code = dnsOf(event)?.responseCode ?? null
      return code === null ? undefined : dnsCodeText(code)
    }),
    A_MESSAGE,
  ),
  field('dns.answers', 'CHARBUF', 'Addresses, names and texts of a DNS answer.', from(ANSWERS, answers), {
    ...A_MESSAGE,
    plurality: 'list',
  }),
  field(
    'net.bytes_sent',
    'UINT64',
    'Bytes that a connection sent in its lifetime; at its close.',
    from('NetworkEvent.bytesSent', (event) => flowOf(event)?.bytesSent ?? undefined),
    { ...A_FLOW, unit: 'bytes' },
  ),
  field(
    'net.bytes_received',
    'UINT64',
    'Bytes that a connection received in its lifetime; at its close.',
    from('NetworkEvent.bytesReceived', (event) => flowOf(event)?.bytesReceived ?? undefined),
    { ...A_FLOW, unit: 'bytes' },
  ),
  field(
    'net.duration',
    'RELTIME',
    'Lifetime of a connection, at its close; time that a connect took.',
    from('NetworkEvent.durationUs', (event) => {
      const us = flowOf(event)?.durationUs ?? null
      return us === null ? undefined : nanoseconds(us)
    }),
    A_FLOW,
  ),
  field(
    'target.pid',
    'INT64',
    'Process that a call acts upon: of ptrace, a signal, process_vm_writev, an OOM kill.',
    from('KernelEvent.targetPid', (event) => (event.topic === 'kernel' ? (event.record.targetPid ?? undefined) : undefined)),
    A_TARGET,
  ),
  field(
    'target.name',
    'CHARBUF',
    'Command name of that process.',
    from('KernelEvent.targetName', (event) =>
      event.topic === 'kernel' ? recordText(event, 'targetName', event.record.targetName) : undefined,
    ),
    A_TARGET,
  ),
  field(
    'target.container.id',
    'CHARBUF',
    'Full id of the container of that process; absent if it is on the host or not known.',
    from('KernelEvent.targetContainerId', (event) =>
      event.topic === 'kernel' ? recordText(event, 'targetContainerId', event.record.targetContainerId) : undefined,
    ),
    A_TARGET,
  ),
  field(
    'ns.types',
    'CHARBUF',
    'Kinds of namespaces that unshare created or setns entered: CLONE_NEWNS|CLONE_NEWPID.',
    from('KernelEvent.namespaceTypes', (event) => {
      const types = event.topic === 'kernel' ? event.record.namespaceTypes : null
      return types === null ? undefined : namespaceFlagsText(types)
    }),
    A_TARGET,
  ),
  field(
    'proc.exe_sha256',
    'CHARBUF',
    'SHA-256 of the executable, 64 hex digits; absent if the collector does not compute it.',
    from('Process.exeSha256', (event) => recordText(event, 'process.exeSha256', event.record.process.exeSha256)),
    { isOwn: true },
  ),
  field(
    'proc.container_entry',
    'CHARBUF',
    'How the process entered its container: own (its first process and the descendants) or exec (docker exec, kubectl exec, a probe); absent on the host.',
    from('Process.containerEntry', (event) => {
      const { containerEntry } = event.record.process
      return containerEntry === null || containerEntry === 'UNKNOWN' ? undefined : containerEntry
    }),
    { isOwn: true },
  ),
  field(
    'systemd.unit',
    'CHARBUF',
    'Unit of systemd that the process runs in, as systemctl shows it; absent in containers.',
    from('Process.systemdUnit', (event) => recordText(event, 'process.systemdUnit', event.record.process.systemdUnit)),
    { isOwn: true },
  ),
  field(
    'systemd.user_unit',
    'CHARBUF',
    "Unit of the user's own systemd, where systemd.unit is user@UID.service; that user can choose the name.",
    from('Process.systemdUserUnit', (event) => recordText(event, 'process.systemdUserUnit', event.record.process.systemdUserUnit)),
    { isOwn: true },
  ),
]
