// `eunomia rules fields`: what conditions and outputs can use, with types, and what no event holds yet.
import type { Command } from 'commander'
import { UsageError } from '../../infra/errors.js'
import { FIELD_GROUPS, nearestFieldName } from '../../processors/rule-engine/fields/catalogue.js'
import type { FieldDefinition } from '../../processors/rule-engine/fields/field.js'
import { columnTable } from '../terminal/column-table.js'
import { cut, widthOf } from '../terminal/terminal-text.js'

const EXAMPLES = `
Examples:
  eunomia rules fields
  eunomia rules fields proc            fields whose name holds the text
  eunomia rules fields --available     only those that events hold today
  eunomia rules fields --json`

export function registerFieldsCommand(rules: Command): void {
  rules
    .command('fields')
    .description('fields of conditions and outputs, with types')
    .argument('[text]', 'only fields whose name holds this text')
    .option('--available', 'only fields that events hold today', false)
    .option('--json', 'one JSON array', false)
    .addHelpText('after', EXAMPLES)
    .action((text: string | undefined, options: { available: boolean; json: boolean }) => {
      const rows = FIELD_GROUPS.flatMap(([group, fields]) => fields.map((field) => ({ group, field })))
        .filter(({ field }) => text === undefined || field.name.includes(text))
        .filter(({ field }) => !options.available || field.unavailable === null)
      if (text !== undefined && rows.length === 0 && !options.json) {
        const near = nearestFieldName(text)
        throw new UsageError(`no field's name holds '${text}'${near === undefined ? '' : `; did you mean '${near}'?`}`)
      }
      process.stdout.write(options.json ? `${JSON.stringify(rows.map(row))}\n` : table(rows.map(({ field }) => field)))
    })
}

function row({ group, field }: { group: string; field: FieldDefinition }): object {
  const { name, type, doc, argument, plurality, unavailable, deprecated, isFilterOnly, needsFacts } = field
  return {
    name,
    group,
    type,
    doc,
    argument,
    list: plurality === 'list',
    available: unavailable === null,
    unavailable,
    deprecated,
    filterOnly: isFilterOnly,
    needsFacts,
  }
}

const ARGUMENTS: Readonly<Record<FieldDefinition['argument'], string>> = {
  none: '',
  index: '[n]',
  key: '[name]',
  requiredKey: '.name',
  requiredIndexOrKey: '[n|name]',
  requiredNumber: '[number]',
}

function table(fields: readonly FieldDefinition[]): string {
  const docWidth = Math.max(30, widthOf(process.stdout) - 62)
  return columnTable<FieldDefinition>(
    [
      { title: 'FIELD', value: (field) => `${field.name}${ARGUMENTS[field.argument]}` },
      { title: 'TYPE', value: (field) => (field.plurality === 'list' ? `${field.type} list` : field.type) },
      {
        title: 'MEANING',
        value: (field) => cut(field.unavailable === null ? field.doc : `${field.doc} Not yet: ${field.unavailable}.`, docWidth),
      },
    ],
    fields,
  )
}
