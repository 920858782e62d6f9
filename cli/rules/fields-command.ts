// `eunomia rules fields`: what conditions and outputs can use, with types, the events that have it, and what no record holds.
// + Fields as `rules fields` shows them: a table of many, all of one, and as JSON.
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
} from '../../processors/rule-engine/workbench/field-listing.js'
import { widthOf, cut, wrap, columnTable } from '../terminal/terminal-text.js'
import type { FieldRow } from '../../processors/rule-engine/workbench/field-listing.js'

const EXAMPLES = `
Examples:
  eunomia rules fields
  eunomia rules fields proc            fields whose name, or name in Sigma, holds the text
  eunomia rules fields fd.sip          all of one field: events that have it, what it is read from
  eunomia rules fields --available     only those that records hold
  eunomia rules fields --json`

interface Options {
  readonly available: boolean
  readonly json: boolean
}

/** Adds `rules fields` to the rules commands. */
export function registerFieldsCommand(rules: Command): void {
  rules
    .command('fields')
    .description('fields of conditions and outputs, with types')
    .argument('[text]', 'only fields whose name, or name in Sigma, holds this text; a whole name shows all of that field')
    .option('--available', 'only fields that records hold', false)
    .option('--json', 'one JSON array', false)
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
    throw new UsageError(`no field's name holds '${text}'${near === undefined ? '' : `; did you mean '${near}'?`}`)
  }
  const width = widthOf(process.stdout)
  const [only] = rows.length === 1 ? rows : rows.filter(({ field }) => field.name === text)
  const table = rows.length === 1 ? '' : fieldTable(rows, width)
  return only === undefined ? table : `${fieldDetails(only, width)}${table === '' ? '' : `\n${table}`}`
}

const INDENT = 14

/** A line a field, within `width` columns. */
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

/** Topics alone: which types of their records have it is told of a single field. */
function topics({ kinds }: FieldDefinition): string {
  if (kinds === 'all') return 'all'
  const names = Object.keys(kinds)
  return names.length === TOPICS ? 'most' : names.length === 0 ? 'none' : names.join(' ')
}

function meaning({ doc, unavailable }: FieldDefinition): string {
  return unavailable === null ? doc : `${doc} Not available: ${unavailable}.`
}

/** All of one field. */
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
    ['facts', needsFacts ? 'waits for facts of the container that come after the event' : ''],
    ['conditions', isFilterOnly ? 'only in conditions, not in outputs' : ''],
    ['Falco', isOwn ? 'does not have it: a rule with it is for Eunomia alone' : deprecated === null ? '' : 'deprecated there'],
  ]
  return entries
    .filter(([, text]) => text !== '')
    .flatMap(([title, text]) =>
      wrap(text, width - INDENT - 1).map((line, index) => `${(index === 0 ? title : '').padEnd(INDENT)} ${line}\n`),
    )
    .join('')
}
