// JSON schema of Sigma files (rules, correlations, filters), for editors. What a detection means is checked by `rules check`.
// @see https://github.com/SigmaHQ/sigma-specification/tree/main/specification
import { LEVELS } from '../../sigma/level.js'

const text = (description: string): object => ({ type: 'string', description })
const texts = (description: string): object => ({ type: 'array', items: { type: 'string' }, description })
const oneOrMore = (description: string): object => ({ type: ['string', 'array'], description })

const LOG_SOURCE = {
  type: 'object',
  description: 'Which events the rule is about.',
  properties: {
    category: { ...text('Kind of event.'), examples: ['process_creation', 'file_event', 'network_connection'] },
    product: { ...text('Where they come from.'), examples: ['linux'] },
    service: { ...text('Which log of the product.'), examples: ['auditd'] },
    definition: text('How the log must be set up.'),
  },
}

const DETECTION = {
  type: 'object',
  required: ['condition'],
  description: 'Searches by name, and the condition over them: Field|modifier: value.',
  properties: { condition: { ...oneOrMore('selection, 1 of sel*, all of them, and, or, not, parentheses.') } },
}

const CORRELATION = {
  type: 'object',
  required: ['type', 'rules', 'timespan'],
  properties: {
    type: { ...text('What is counted.'), examples: ['event_count', 'value_count', 'temporal', 'temporal_ordered'] },
    rules: { ...oneOrMore('Rules by id or name.') },
    'group-by': { ...oneOrMore('Fields whose values make a group.') },
    timespan: { type: 'string', pattern: '^[0-9]+[smhdwMy]$', description: 'Length of the window: 30s, 5m, 1h, 1d.' },
    condition: { description: 'How many: gt, gte, lt, lte, eq, neq; for value_count with field.' },
    aliases: { type: 'object', description: 'A name for fields that are called otherwise in each rule.' },
    generate: { type: 'boolean', description: 'true: the rules give alerts of their own, too.' },
  },
}

const FILTER = {
  type: 'object',
  required: ['rules', 'condition'],
  description: 'Events for which the rules do not speak.',
  properties: { rules: { ...oneOrMore('Rules by id or name.') }, condition: text('Condition over the searches of the filter.') },
}

/** The schema of a document. */
export function sigmaSchema(): object {
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'Sigma rule',
    type: 'object',
    required: ['title'],
    anyOf: [{ required: ['logsource', 'detection'] }, { required: ['correlation'] }, { required: ['logsource', 'filter'] }],
    properties: {
      title: text('Name of the rule.'),
      id: text('UUID: alerts and correlations know the rule by it.'),
      name: text('Short name, for correlations and filters.'),
      description: text('What it sees.'),
      status: { enum: ['stable', 'test', 'experimental', 'deprecated', 'unsupported'], description: 'How mature it is.' },
      level: { enum: [...LEVELS], description: 'How urgent an alert is.' },
      author: text('Who wrote it; stands in each alert.'),
      references: texts('What it rests on; stands in each alert.'),
      tags: texts('attack.t1059.004 for an ATT&CK technique.'),
      falsepositives: { ...oneOrMore('When it is wrong.') },
      fields: texts('Fields that an alert shows besides.'),
      logsource: LOG_SOURCE,
      detection: DETECTION,
      correlation: CORRELATION,
      filter: FILTER,
    },
  }
}
