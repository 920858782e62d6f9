// Categories dns_query (fields of Sysmon) and dns (fields of Zeek): names that are looked up. A question and its answer are two events; a rule
// is asked about the questions, or, where it names a field that only answers have, about the answers: one lookup is told once.
import { from } from '../../fields/field.js'
import type { FieldDefinition } from '../../fields/field.js'
import { toByteText } from '../../text/byte-text.js'
import type { DnsMessage } from '../../../../schemas/generated/types.js'
import type { RuleRecord } from '../../fields/judged-event.js'
import { commonFields } from './common-fields.js'
import { eventsOfTypes, presenceField } from './event-scope.js'
import type { AnsweredSource } from './log-source.js'
import type { RecordShape } from './record-shape.js'
import { ownField, sigmaFields } from './sigma-fields.js'

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
    ofMessage('QueryResults', 'Values of the answer, each with a semicolon behind it.', 'DnsMessage.answers DnsAnswer.value', results),
    ofMessage('QueryStatus', 'Code of the answer: 0 for none wrong, 3 for no such name.', 'DnsMessage.responseCode', status),
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
