// Writes docs/events.md: every field of every topic with its type, meaning, unit and source; nested records once, after the topics.
import { TOPIC_KEYS, TOPICS, type TopicKey } from '../../infra/topic-log/topics.js'
import { CURRENT_VERSION, fixedIdOf } from '../ids.js'
import { shortNameOf, type AvroSchema, type FieldSchema, type NamedSchema, type RecordSchema } from '../tree/schema-model.js'
import { NAMESPACE } from '../schema-set.js'
import { RECORD_OF_TOPIC, subjectOf } from '../topics.js'
import type { NamedSchemas } from './named-schemas.js'

const HEAD = `<!-- Generated from schemas/*.avsc by \`npm run generate\`. Do not edit: change the schema. -->

# Events

What each topic holds. A value is in the Confluent wire format: a byte 0, the schema id as four bytes (big endian), then the Avro body.
The key is the host id, so the events of a host stay in order; dead letters keep the key of the record that failed.

- (hostId, bootId, epoch, topic, cpu, seq) is the event id: a record that is seen twice has the same one.
- (hostId, bootId, pid, startBootUs) is a process; a pid alone is not.
- Absent is \`null\`, never an empty text or 0. Times are microseconds.
- Flags, modes, families, requests and signals are the kernel's numbers, those of x86-64 on every machine; rules see them by name ([fields.md](fields.md)).
- IP addresses are text in canonical form, so equal addresses are equal texts.
- An enum symbol that a reader does not know reads as \`UNKNOWN\`.

## Reading them

A SIEM needs \`eunomia.alerts.v1\` only: an alert holds the process, the container and the fields that its rule named. The other topics are for
your own searches, and to evaluate the past again.

- Without a registry the schema ids are fixed: each is in the table below, its schema in \`schemas/versions/\`, and stays so for good.
- With a registry (\`eunomia schemas register\`; Confluent API) the ids are the registry's, and any Confluent deserializer reads the topics. Tested: Java,
  with Kafka's client and Apicurio's deserializer.
- kcat: \`kcat -C -b BROKER -t eunomia.alerts.v1 -s value=avro -r REGISTRY\`, if it was built with Avro (\`kcat -V\` lists \`Avro\`; Debian's was not).
- On a shell: \`eunomia alerts --json\`.

`

/** The text of docs/events.md. */
export function eventsPageOf(schemas: NamedSchemas): string {
  const topics = TOPIC_KEYS.map((topic) => topicSection(topic, schemas))
  const nested = schemas.all.filter((schema) => schema.kind === 'record' && !schemas.top.has(schema.name))
  const enums = schemas.all.filter((schema) => schema.kind === 'enum')
  return [
    HEAD + overviewOf(schemas),
    ...topics,
    '# Records inside records\n',
    ...nested.map(recordSection),
    '# Enums\n',
    ...enums.map((schema) => `## ${shortNameOf(schema.name)}\n\n${schema.doc}\n\n${symbolsOf(schema)}\n`),
  ].join('\n')
}

function overviewOf(schemas: NamedSchemas): string {
  const rows = TOPIC_KEYS.map((topic) => {
    const { name } = TOPICS[topic]
    const version = `[${String(fixedIdOf(topic))}](../schemas/versions/${topic}/${String(CURRENT_VERSION[topic])}.avsc)`
    return `| [\`${name}\`](#${name.replaceAll('.', '')}) | ${cell(recordOf(topic, schemas).doc.replace(/ Value of .*/, ''))} | ${version} |`
  })
  return `| topic | holds | fixed schema id |\n| --- | --- | --- |\n${rows.join('\n')}\n`
}

function recordOf(topic: TopicKey, schemas: NamedSchemas): RecordSchema {
  const record = schemas.top.get(`${NAMESPACE}.${RECORD_OF_TOPIC[topic]}`)
  if (record === undefined) throw new Error(`no schema file holds ${RECORD_OF_TOPIC[topic]}`)
  return record
}

function topicSection(topic: TopicKey, schemas: NamedSchemas): string {
  const record = recordOf(topic, schemas)
  const head = `## ${TOPICS[topic].name}\n\n${record.doc} Record \`${shortNameOf(record.name)}\`, subject \`${subjectOf(topic)}\`.\n`
  return `${head}\n${fieldTable(record.fields)}`
}

function recordSection(schema: NamedSchema): string {
  return `## ${shortNameOf(schema.name)}\n\n${schema.doc}\n\n${schema.kind === 'record' ? fieldTable(schema.fields) : ''}`
}

function fieldTable(fields: readonly FieldSchema[]): string {
  const rows = fields.map((field) => {
    const [meaning, source] = splitDoc(field.doc)
    return `| \`${field.name}\` | ${cell(typeText(field.type))} | ${cell(meaning)} | ${cell(source)} |`
  })
  return `| field | type | meaning, unit | source |\n| --- | --- | --- | --- |\n${rows.join('\n')}\n`
}

/** Divides "Meaning. Source: where it comes from." in two. */
export function splitDoc(doc: string): readonly [string, string] {
  const at = doc.lastIndexOf('Source: ')
  if (at < 0) return [doc, '']
  return [doc.slice(0, at).trim(), doc.slice(at + 'Source: '.length).replace(/\.$/, '')]
}

function typeText(schema: AvroSchema): string {
  switch (schema.kind) {
    case 'primitive':
      return schema.logicalType === null ? schema.name : `${schema.name} (${schema.logicalType})`
    case 'array':
      return `array of ${typeText(schema.items)}`
    case 'map':
      return `map of ${typeText(schema.values)}`
    case 'union':
      return schema.branches.map(typeText).join(' or ')
    default:
      return `[${shortNameOf(schema.name)}](#${shortNameOf(schema.name).toLowerCase()})`
  }
}

function symbolsOf(schema: NamedSchema): string {
  return schema.kind === 'enum' ? schema.symbols.map((symbol) => `\`${symbol}\``).join(', ') : ''
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('<', '&lt;').replaceAll('\n', ' ')
}
