// `eunomia rules fields`: the fields of conditions and outputs, with types, the events that have them, and why others are not available.
import type { Command } from 'commander'
import { UsageError } from '../../infra/process/errors.js'
import { FIELD_GROUPS, nearestFieldName } from '../../processors/rule-engine/fields/catalogue.js'
import type { FieldDefinition } from '../../processors/rule-engine/fields/field.js'
import {
  sigmaNamesByField,
  fieldJson,
  fieldKindsText,
  fieldNameText,
  fieldTypeText,
  type FieldRow,
} from '../../processors/rule-engine/workbench/field-listing.js'
import { widthOf, cut, wrap, columnTable } from '../terminal/terminal-text.js'

const EXAMPLES = `
Examples:
  eunomia rules fields
  eunomia rules fields proc            fields whose name, or name in Sigma, contains the text
  eunomia rules fields fd.sip          one field in detail: events that have it, where it is read from
  eunomia rules fields --available     only those that records contain
  eunomia rules fields --json`

interface Options {
  readonly available: boolean
  readonly json: boolean
}

/** Adds `rules fields` to the rules commands. */
export function registerFieldsCommand(rules: Command): void {
  rules
    .command('fields')
    .description('list the fields of conditions and outputs, with types')
    .argument('[text]', 'only fields whose name, or name in Sigma, contains this text; a complete name shows that field in detail')
    .option('--available', 'only fields that records contain', false)
    .option('--json', 'print one JSON array', false)
    .addHelpText('after', EXAMPLES)
    .action((text: string | undefined, options: Options) => {
      process.stdout.write(listing(text, options))
    })
}

function listing(text: string | undefined, { available, json }: Options): string {
  const sigma = sigmaNamesByField()
  const sigmaOf = (field: FieldDefinition): readonly string[] => sigma.get(field.name) ?? []
  const matches = (field: FieldDefinition): boolean =>
    text === undefined || field.name.includes(text) || sigmaOf(field).some((name) => name.toLowerCase() === text.toLowerCase())
  const rows = FIELD_GROUPS.flatMap(([group, fields]) => fields.map((field) => ({ group, field, sigma: sigmaOf(field) })))
    .filter(({ field }) => matches(field))
    .filter(({ field }) => !available || field.unavailable === null)
  if (json) return `${JSON.stringify(rows.map(fieldJson))}\n`
  if (text !== undefined && rows.length === 0) {
    const near = nearestFieldName(text)
    throw new UsageError(`no field's name contains '${text}'${near === undefined ? '' : `; did you mean '${near}'?`}`)
  }
  const width = widthOf(process.stdout)
  const [only] = rows.length === 1 ? rows : rows.filter(({ field }) => field.name === text)
  const table = rows.length === 1 ? '' : fieldTable(rows, width)
  return only === undefined ? table : `${fieldDetails(only, width)}${table === '' ? '' : `\n${table}`}`
}

const INDENT = 14

/** One line for each field, within `width` columns. */
export function fieldTable(rows: readonly FieldRow[], width: number): string {
  const name = (row: FieldRow): string => fieldNameText(row.field)
  const type = ({ field: { type, plurality } }: FieldRow): string => (plurality === 'list' ? `${type} list` : type)
  const events = ({ field }: FieldRow): string => (field.unavailable === null ? topics(field) : '-')
  const taken = [name, type, events].reduce((sum, of) => sum + Math.max(6, ...rows.map((row) => of(row).length)) + 2, 0)
  return columnTable<FieldRow>(
    [
      { title: 'FIELD', value: name },
      { title: 'TYPE', value: type },
      { title: 'EVENTS', value: events },
      { title: 'MEANING', value: ({ field }) => cut(meaning(field), Math.max(30, width - taken)) },
    ],
    rows,
  )
}

const TOPICS = 4

/** Topics only; the details of a single field show the record types. */
function topics({ kinds }: FieldDefinition): string {
  if (kinds === 'all') return 'all'
  const names = Object.keys(kinds)
  return names.length === TOPICS ? 'most' : names.length === 0 ? 'none' : names.join(' ')
}

function meaning({ doc, unavailable }: FieldDefinition): string {
  return unavailable === null ? doc : `${doc} Not available: ${unavailable}.`
}

/** The details of one field. */
export function fieldDetails({ group, field, sigma }: FieldRow, width: number): string {
  const { doc, unavailable, deprecated, source, isFilterOnly, needsFacts, isOwn } = field
  const entries: readonly (readonly [title: string, text: string])[] = [
    ['field', fieldNameText(field)],
    ['type', fieldTypeText(field)],
    ['meaning', doc],
    ['group', group],
    ['not available', unavailable ?? ''],
    ['events', unavailable === null ? fieldKindsText(field) : ''],
    ['read from', source.join(' ')],
    ['Sigma', sigma.join(' ')],
    ['facts', needsFacts ? 'waits for container facts that arrive after the event' : ''],
    ['conditions', isFilterOnly ? 'only in conditions, not in outputs' : ''],
    ['Falco', isOwn ? 'does not have it: a rule that uses it works in Eunomia only' : deprecated === null ? '' : 'deprecated there'],
  ]
  return entries
    .filter(([, text]) => text !== '')
    .flatMap(([title, text]) =>
      wrap(text, width - INDENT - 1).map((line, index) => `${(index === 0 ? title : '').padEnd(INDENT)} ${line}\n`),
    )
    .join('')
}
