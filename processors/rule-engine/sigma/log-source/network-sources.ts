// Category network_connection, with the fields of Sysmon: a TCP connection that is established, accepted or in progress, and the first datagram of a UDP
// flow. The source is the initiating side, whichever side this process is.
import { ipSocketOf, placeOf, roleOf, type End } from '../../fields/descriptor/socket.js'
import type { BytePlan } from '../../fields/bytes/byte-plan.js'
import { from, type FieldDefinition, type FieldReading } from '../../fields/field.js'
import type { RuleRecord } from '../../fields/rule-event.js'
import { transportText } from '../../fields/kernel-names/network-names.js'
import { eventsOfTypes, eventsWith, presenceField, type AnsweredSource, type RecordShape } from './log-source.js'
import { commonFields, ownField, sigmaFields } from './sigma-fields.js'
import { toByteText } from '../../text/byte-text.js'
import type { DnsMessage, NetworkEvent } from '../../../../schemas/generated/types.js'

const CONNECTS = ['connect', 'accept', 'accept4']
const DATAGRAMS = ['sendto', 'sendmsg', 'sendmmsg', 'recvfrom', 'recvmsg', 'recvmmsg']
const EINPROGRESS = -115

const ENDS = 'NetworkEvent.type NetworkEvent.family NetworkEvent.isServer NetworkEvent.localAddress NetworkEvent.remoteAddress'

/** The category `network_connection`. */
export function networkConnection(): AnsweredSource {
  const fields = sigmaFields([
    ...commonFields(),
    ownField('Protocol', 'tcp or udp.', from('NetworkEvent.family NetworkEvent.protocol NetworkEvent.socketType', transport)),
    ownField(
      'Initiated',
      'true when the process began the connection, false when it accepted it.',
      from('NetworkEvent.isServer', initiated),
    ),
    ...endFields('Source', 'of the side that began', 'client'),
    ...endFields('Destination', 'of the side that was asked', 'server'),
  ])
  return { isAnswered: true, scope: eventsWith([...CONNECTS, ...DATAGRAMS], 'connected', isConnection), fields, shapes: [] }
}

/** The record of an event with an IP socket; null for all others. */
function socketRecord(event: RuleRecord): NetworkEvent | null {
  return event.topic === 'network' && ipSocketOf(event) !== null ? event.record : null
}

function isConnection(event: RuleRecord): boolean {
  const record = socketRecord(event)
  if (record === null || (record.result < 0 && record.result !== EINPROGRESS)) return false
  // A UDP connect sends nothing: its first datagram is an event of its own.
  const isUdp = transport(event) === 'udp'
  return record.type === 'connect' || record.type === 'accept' ? !isUdp : isUdp && (record.type === 'send' || record.type === 'receive')
}

function transport(event: RuleRecord): string | undefined {
  const record = socketRecord(event)
  return record === null ? undefined : (transportText(record.socketType, record.protocol) ?? undefined)
}

function initiated(event: RuleRecord): string | undefined {
  const record = socketRecord(event)
  const role = record === null ? null : roleOf(record)
  return role === null ? undefined : String(role === 'client')
}

function endFields(name: string, of: string, end: End): FieldDefinition[] {
  const property = (key: keyof SocketEnd, source: string, plan?: BytePlan): FieldReading =>
    from(`${ENDS}${source}`, (event) => endOf(event, end)?.[key] ?? undefined, plan === undefined ? {} : { network: plan })
  const isIpv6 = from(ENDS, (event) => endOf(event, end)?.address?.includes(':'))
  return [
    ownField(`${name}Ip`, `Address ${of}.`, property('address', '')),
    ownField(`${name}Port`, `Port ${of}.`, property('port', ' NetworkEvent.localPort NetworkEvent.remotePort', { kind: 'portText', end })),
    ownField(
      `${name}Hostname`,
      `Name that a DNS answer gave for the address ${of}.`,
      property('hostName', ' NetworkEvent.localName NetworkEvent.remoteName', { kind: 'hostName', end }),
    ),
    ownField(`${name}IsIpv6`, `true when the address ${of} is of IPv6.`, isIpv6),
  ]
}

interface SocketEnd {
  readonly address: string | null
  readonly port: number | null
  readonly hostName: string | null
}

function endOf(event: RuleRecord, end: End): SocketEnd | null {
  const record = socketRecord(event)
  const place = record === null ? null : placeOf(record, end)
  if (record === null || place === null) return null
  const { localAddress, localPort, localName, remoteAddress, remotePort, remoteName } = record
  const [address, port, hostName] = place === 'local' ? [localAddress, localPort, localName] : [remoteAddress, remotePort, remoteName]
  return { address: bytes(address), port, hostName: bytes(hostName) }
}

const bytes = (text: string | null): string | null => (text === null ? null : toByteText(text))

// Categories dns_query (fields of Sysmon) and dns (fields of Zeek): name lookups. A question and its answer are two events. A rule is evaluated on questions
// or, if it names a field of answers, on answers, so that it alerts once per lookup.

const TYPE_NAMES: Readonly<Record<number, string>> = {
  ...{ 1: 'A', 2: 'NS', 5: 'CNAME', 6: 'SOA', 12: 'PTR', 13: 'HINFO', 15: 'MX', 16: 'TXT', 28: 'AAAA', 33: 'SRV', 35: 'NAPTR' },
  ...{ 43: 'DS', 46: 'RRSIG', 47: 'NSEC', 48: 'DNSKEY', 64: 'SVCB', 65: 'HTTPS', 252: 'AXFR', 255: 'ANY', 257: 'CAA' },
}

const NOTHING_KNOWN = {}

const messageOf = (event: RuleRecord): DnsMessage | null => (event.topic === 'network' ? event.record.dns : null)

function ofMessage(
  name: string,
  doc: string,
  source: string,
  read: (message: DnsMessage) => string | readonly string[] | null,
): FieldDefinition {
  const reading = from(`NetworkEvent.dns ${source}`, (event) => {
    const message = messageOf(event)
    return message === null ? undefined : (read(message) ?? undefined)
  })
  return ownField(name, doc, reading)
}

const answerValues = ({ answers }: DnsMessage): string[] => answers.flatMap(({ value }) => (value === null ? [] : [toByteText(value)]))

function questionFields(): FieldDefinition[] {
  const questionName = ({ questionName: name }: DnsMessage): string => toByteText(name)
  const typeName = ({ questionType }: DnsMessage): string => TYPE_NAMES[questionType] ?? `TYPE${String(questionType)}`
  return [
    ofMessage('QueryName', 'Name that was looked up.', 'DnsMessage.questionName', questionName),
    ofMessage('query', 'Name that was looked up.', 'DnsMessage.questionName', questionName),
    ofMessage('record_type', 'Type that was asked for: A, TXT ...', 'DnsMessage.questionType', typeName),
    ofMessage('qtype_name', 'Type that was asked for: A, TXT ...', 'DnsMessage.questionType', typeName),
  ]
}

function answerFields(): FieldDefinition[] {
  const status = ({ responseCode }: DnsMessage): string | null => (responseCode === null ? null : String(responseCode))
  const results = (message: DnsMessage): string => `${answerValues(message).join(';')};`
  return [
    ofMessage('QueryResults', 'Values of the answer, each followed by a semicolon.', 'DnsMessage.answers DnsAnswer.value', results),
    ofMessage('QueryStatus', 'Response code: 0 for success, 3 for no such name.', 'DnsMessage.responseCode', status),
    ofMessage('answer', 'Each value of the answer.', 'DnsMessage.answers DnsAnswer.value', answerValues),
    ofMessage('answers', 'Each value of the answer.', 'DnsMessage.answers DnsAnswer.value', answerValues),
  ]
}

/** The categories `dns_query` and `dns`. */
export function dnsLookups(): AnsweredSource {
  const questions = [...commonFields(), ...questionFields()]
  const ofAnswers = answerFields()
  const namesAnswer = (named: ReadonlySet<string>): boolean => ofAnswers.some(({ name }) => named.has(name))
  const fields = sigmaFields([...questions, ...ofAnswers])
  const shape = (name: string, isResponse: boolean, own: readonly FieldDefinition[]): RecordShape => ({
    name,
    fields: sigmaFields(own),
    presence: presenceField(name, (event) => messageOf(event)?.isResponse === isResponse),
    isShared: true,
    together: null,
    eventTypes: (named) => (namesAnswer(named) === isResponse ? ['dns'] : []),
    known: () => NOTHING_KNOWN,
  })
  return {
    isAnswered: true,
    scope: eventsOfTypes(['dns']),
    fields,
    shapes: [shape('question', false, questions), shape('answer', true, [...questions, ...ofAnswers])],
  }
}
