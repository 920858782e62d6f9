// `eunomia rules fields`: what conditions and outputs can use, with types, the events that have it, and what no record holds.
import type { Command } from 'commander'
import { UsageError } from '../../../infra/process/errors.js'
import { FIELD_GROUPS, nearestFieldName } from '../../../processors/rule-engine/fields/catalogue.js'
import type { FieldDefinition } from '../../../processors/rule-engine/fields/field.js'
import { sigmaNamesByField } from '../../../processors/rule-engine/workbench/fields-page/sigma-names.js'
import { widthOf } from '../../terminal/terminal-text.js'
import { fieldDetails, fieldJson, fieldTable } from './field-listing.js'

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
