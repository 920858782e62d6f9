// The text of docs/fields.md: every field that conditions and outputs can read, from the catalogue and the Sigma log sources.
import { argumentDescriptions } from '../../fields/arguments/argument-value.js'
import { FIELD_GROUPS } from '../../fields/catalogue.js'
import { isEmitted } from '../../fields/record/event-type.js'
import type { FieldDefinition } from '../../fields/field.js'
import { fieldKindsText, fieldNameText, fieldTypeText, sigmaNames, sigmaNamesByField } from '../field-listing.js'
import { RECORD_KINDS } from '../../../../schemas/generated/calls.js'

const HEAD = `<!-- Generated from processors/rule-engine/fields by \`npm run generate\`. Do not edit: change the field. -->

# Fields

The fields that conditions and outputs of rules can read, under Falco's names, and the names that Sigma has for them. \`eunomia rules fields\` shows the
same in a shell, with \`--json\` for programs.

- **type**: Falco's type, which decides the valid operators, and the unit.
- **events**: topics of the records that can have a value, with the record types if not all have it; *all* means every event. If an event does
  not have the field, a check of it is false, whatever the operator.
- **read from**: fields of the Avro records ([events.md](events.md)), by record. If a text is not UTF-8, its exact bytes are read.
- **Sigma**: the Sigma name of the field in the [log sources](#sigma-log-sources) that have it.
- A field that is *not available* can be used: a rule with it loads and reports this, but can't fire.

`

/** The page. */
export function fieldsPage(): string {
  const sigma = sigmaNamesByField()
  return [
    HEAD + eventTypes(),
    ...FIELD_GROUPS.map(([title, fields]) => groupSection(title, fields, sigma)),
    argumentSection(),
    sigmaSection(),
  ].join('\n')
}

function eventTypes(): string {
  const rows = Object.entries(RECORD_KINDS).flatMap(([topic, kinds]) =>
    Object.entries(kinds).map(([kind, types]) => `| ${topic} | ${kind} | ${codes(types)} | ${emittedBy(types)} |`),
  )
  return `## Event types

Values of \`evt.type\`. This version's collector does not emit every type. Rules about the others can be evaluated on records, but do not fire on a live host.

| topic | record type | evt.type | emitted |
| --- | --- | --- | --- |
${rows.join('\n')}
`
}

function emittedBy(types: readonly string[]): string {
  const emitted = types.filter(isEmitted)
  if (emitted.length === 0) return 'no'
  return emitted.length === types.length ? 'yes' : `all but ${codes(types.filter((type) => !isEmitted(type)))}`
}

function groupSection(title: string, fields: readonly FieldDefinition[], sigma: ReadonlyMap<string, readonly string[]>): string {
  const rows = fields.map((field) => {
    const cells = [
      `\`${cell(fieldNameText(field))}\``,
      fieldTypeText(field),
      meaning(field),
      field.unavailable === null ? fieldKindsText(field) : '',
      sourceText(field),
      codes(sigma.get(field.name) ?? []),
    ]
    return `| ${cells.join(' | ')} |`
  })
  return `## ${heading(title)}

| field | type | meaning | events | read from | Sigma |
| --- | --- | --- | --- | --- | --- |
${rows.join('\n')}
`
}

function meaning({ doc, unavailable, deprecated }: FieldDefinition): string {
  const parts = [doc]
  if (unavailable !== null) parts.push(`**Not available:** ${unavailable}.`)
  if (deprecated !== null) parts.push('*Deprecated in Falco.*')
  return cell(parts.join(' '))
}

/** The arguments of all events do not fit a cell, so they have a section. */
function sourceText({ name, source }: FieldDefinition): string {
  return ['evt.arg', 'evt.rawarg', 'evt.args', 'evt.info'].includes(name) ? '[arguments](#arguments-of-events)' : codes(source)
}

function argumentSection(): string {
  const byType = new Map<string, string[]>()
  for (const { eventType, name, source } of argumentDescriptions()) {
    const text = `\`${name}\` (${source.join(', ')})`
    byType.set(eventType, [...(byType.get(eventType) ?? []), text])
  }
  const rows = [...byType].map(([type, list]) => `| \`${type}\` | ${list.join('; ')} |`)
  return `## Arguments of events

\`evt.arg.NAME\` is the text of an argument, \`evt.rawarg.NAME\` its value, \`evt.arg[0]\` the first argument; \`evt.args\` shows all in this order. The text of
flags, commands, signals, results and owners is the name (\`O_RDWR|O_CREAT\`, \`PTRACE_ATTACH\`), of a path the absolute path, of a descriptor what it refers to.

| evt.type | arguments (read from) |
| --- | --- |
${rows.join('\n')}
`
}

function sigmaSection(): string {
  const sources = new Map<string, string[]>()
  for (const { logSource, name, definition, same } of sigmaNames()) {
    const row = `| \`${cell(name)}\` | ${meaning(definition)} | ${same === null ? '' : `\`${same}\``} | ${codes(definition.source)} |`
    sources.set(logSource, [...(sources.get(logSource) ?? []), row])
  }
  const sections = [...sources].map(
    ([logSource, rows]) => `### ${heading(logSource)}

| name | meaning | the same as | read from |
| --- | --- | --- | --- |
${rows.join('\n')}
`,
  )
  return `## Sigma log sources

Log sources of Sigma rules that records cover, with the names that a rule can use. All values are compared as text.

${sections.join('\n')}`
}

const codes = (names: readonly string[]): string => names.map((name) => `\`${cell(name)}\``).join(' ')
const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('<', '&lt;').replaceAll('\n', ' ')
const heading = (title: string): string => `${title.charAt(0).toUpperCase()}${title.slice(1)}`
