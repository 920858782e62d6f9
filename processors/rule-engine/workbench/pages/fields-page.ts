// The text of docs/fields.md: everything that conditions and outputs can read, from the catalogue and the Sigma log sources.
import { argumentDescriptions } from '../../fields/arguments/argument-value.js'
import { FIELD_GROUPS } from '../../fields/catalogue.js'
import { isEmitted } from '../../fields/record/event-type.js'
import type { FieldDefinition } from '../../fields/field.js'
import { fieldKindsText, fieldNameText, fieldTypeText, sigmaNames, sigmaNamesByField } from '../field-listing.js'
import { RECORD_KINDS } from '../../../../schemas/generated/calls.js'

const HEAD = `<!-- Generated from processors/rule-engine/fields by \`npm run generate\`. Do not edit: change the field. -->

# Fields

What conditions and outputs of rules can read, under Falco's names, and the names that Sigma gives them. \`eunomia rules fields\` shows the same on a shell;
with \`--json\` for programs.

- **type** is Falco's: it decides which operators fit. A unit stands behind it.
- **events**: topics of the records that can have a value, with the types of records where it is not every one; *all* is every event. An event
  without the field makes a check of it false, whatever the operator.
- **read from**: fields of the Avro records ([events.md](events.md)), by the record that has them. Where a text is no UTF-8, its exact bytes are.
- **Sigma**: the name that answers to it in the [log sources](#sigma-log-sources) that have it.
- A field that is *not available* can be written: a rule with it loads, says so, and can't fire.

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
    Object.entries(kinds).map(([kind, types]) => `| ${topic} | ${kind} | ${codes(types)} | ${madeBy(types)} |`),
  )
  return `## Event types

Values of \`evt.type\`. Not every type is made by the collector of this version: rules about the others can be judged, and stay silent on a live host.

| topic | record type | evt.type | made today |
| --- | --- | --- | --- |
${rows.join('\n')}
`
}

function madeBy(types: readonly string[]): string {
  const made = types.filter(isEmitted)
  if (made.length === 0) return 'no'
  return made.length === types.length ? 'yes' : `all but ${codes(types.filter((type) => !isEmitted(type)))}`
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

/** The arguments of all events are too many for a cell; they have a section. */
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

\`evt.arg.NAME\` is the text of an argument, \`evt.rawarg.NAME\` its value, \`evt.arg[0]\` the first one; \`evt.args\` shows all in this order. The text of flags,
commands, signals, results and owners is their name (\`O_RDWR|O_CREAT\`, \`PTRACE_ATTACH\`), of a path the absolute one, of a descriptor what it leads to.

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

Log sources of Sigma rules that records answer, with the names that a rule can use. All are compared as text.

${sections.join('\n')}`
}

const codes = (names: readonly string[]): string => names.map((name) => `\`${cell(name)}\``).join(' ')
const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('<', '&lt;').replaceAll('\n', ' ')
const heading = (title: string): string => `${title.charAt(0).toUpperCase()}${title.slice(1)}`
