// Writes docs/archive-columns.md: the views of `eunomia query` with their columns (`npm run generate`). With --check it only reports whether it is stale.
import { writeOrCheck } from '../../../infra/process/generated-files.js'
import { TOPICS } from '../../../infra/topic-log/topics.js'
import { splitDoc } from '../../../schemas/generate/events-page.js'
import { currentSchemas } from '../../../schemas/schema-set.js'
import type { AvroSchema, RecordSchema } from '../../../schemas/tree/schema-model.js'
import { ARCHIVE_COLUMNS, ARCHIVE_TOPICS, type ArchiveTopic } from '../columns.js'

const HEAD = `<!-- Generated from processors/forensics/columns.ts by \`npm run generate\`. Do not edit. -->

# Columns of the archive

Each topic is a view of \`eunomia query\`, named as below, and each object of the archive has these columns as Parquet. Absent is \`NULL\`. A list
of texts is joined with blanks; all other fields of a record are in its bytes.

Every view has:

| column | type | meaning |
|---|---|---|
| \`record_offset\` | BIGINT | Offset of the record in its partition. |
| \`timestamp_ms\` | BIGINT | Time of the record in its topic; Unix time, milliseconds. |
| \`key\`, \`value\`, \`headers\` | BLOB | The record's original bytes. \`value\` is in the Confluent wire format ([events.md](events.md)). In objects, it is in the parts \`value\`, \`value_process\` and \`value_rest\`. |
| \`time\` | TIMESTAMP | \`wall_time_us\` as a timestamp in UTC. Only in views, not in objects. |

\`user\` is a word of SQL: write the column as \`"user"\`.
`

function page(): string {
  return [HEAD, ...ARCHIVE_TOPICS.map(section)].join('\n')
}

function section(topic: ArchiveTopic): string {
  const schema = currentSchemas().get(topic)?.schema
  if (schema === undefined) throw new Error(`topic ${topic} has no schema`)
  const rows = ARCHIVE_COLUMNS[topic].map(
    ({ name, type, field }) => `| \`${name}\` | ${type} | ${meaningOf(schema, field).replaceAll('|', '\\|')} |`,
  )
  return [`## ${topic}`, '', `Records of \`${TOPICS[topic].name}\`.`, '', '| column | type | meaning |', '|---|---|---|', ...rows, ''].join(
    '\n',
  )
}

/** What the schema says of a field like `process.ancestors.0.name`. */
function meaningOf(schema: RecordSchema, path: string): string {
  let at: AvroSchema = schema
  let doc = ''
  for (const part of path.split('.')) {
    at = inner(at)
    if (at.kind === 'array') at = inner(at.items)
    if (/^\d+$/.test(part)) continue
    const field = at.kind === 'record' ? at.fields.find(({ name }) => name === part) : undefined
    if (field === undefined) throw new RangeError(`${schema.name} has no field ${path}`)
    doc = splitDoc(field.doc)[0]
    at = field.type
  }
  return `${path.includes('ancestors.0') ? 'Of the parent: ' : ''}${doc}`
}

function inner(schema: AvroSchema): AvroSchema {
  if (schema.kind !== 'union') return schema
  return schema.branches.find((branch) => branch.kind !== 'primitive' || branch.name !== 'null') ?? schema
}

writeOrCheck(new Map([['docs/archive-columns.md', page()]]))
