// Fields as `rules fields` shows them: a table of many, all of one, and as JSON.
import { fieldKindsText, fieldNameText, fieldTypeText } from '../../../processors/rule-engine/fields/field-text.js'
import type { FieldDefinition } from '../../../processors/rule-engine/fields/field.js'
import { columnTable, cut, wrap } from '../../terminal/terminal-text.js'

/** A field with the group that it stands in and its names in Sigma. */
export interface FieldRow {
  readonly group: string
  readonly field: FieldDefinition
  readonly sigma: readonly string[]
}

const INDENT = 14

/** What a program reads. */
export function fieldJson({ group, field, sigma }: FieldRow): object {
  const { name, type, doc, unit, argument, plurality, unavailable, deprecated, isFilterOnly, needsFacts, kinds, source, isOwn } = field
  return {
    name,
    group,
    type,
    unit,
    doc,
    argument,
    list: plurality === 'list',
    events: kinds,
    source,
    sigma,
    available: unavailable === null,
    unavailable,
    deprecated,
    filterOnly: isFilterOnly,
    needsFacts,
    eunomiaOnly: isOwn,
  }
}

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
