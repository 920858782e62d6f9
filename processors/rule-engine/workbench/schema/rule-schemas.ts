// JSON schemas of Falco rule files and of Sigma files (rules, correlations, filters), for editors. They describe keys and values;
// `rules check` checks conditions and detections. Draft 7, which editors support best.
// @see https://github.com/SigmaHQ/sigma-specification/tree/main/specification
import { MODIFIERS, TEXT_OPERATORS, LIST_OPERATORS, NUMBER_OPERATORS } from '../../language/tree.js'
import { PRIORITY_SYMBOLS } from '../../../../schemas/generated/types.js'
import { LEVELS } from '../../sigma/read/sigma-document.js'

const text = (description: string): object => ({ type: 'string', description })
const texts = (description: string): object => ({ type: 'array', items: { type: ['string', 'number'] }, description })
const flag = (description: string): object => ({ type: 'boolean', description })

const APPEND = { type: 'boolean', description: 'Deprecated: appends to the item of this name. Use override.', deprecated: true }
const CONDITION = text('What must be true of an event. Fields: see eunomia rules fields.')

/** Priorities as rules may write them: in any case, and `info`. */
function priorityPattern(): string {
  const names = [...PRIORITY_SYMBOLS.filter((name) => name !== 'UNKNOWN'), 'info']
  const anyCase = (name: string): string => [...name].map((letter) => `[${letter}${letter.toUpperCase()}]`).join('')
  return `^(?:${names.map(anyCase).join('|')})$`
}

function override(appendable: readonly string[], replaceable: readonly string[]): object {
  const how = (key: string): object => ({ enum: appendable.includes(key) ? ['append', 'replace'] : ['replace'] })
  return {
    type: 'object',
    description: 'For each key of this item: whether it is appended to the earlier value or replaces it.',
    properties: Object.fromEntries(replaceable.map((key) => [key, how(key)])),
    additionalProperties: false,
  }
}

function exceptionSchema(): object {
  const operators = [...TEXT_OPERATORS, ...LIST_OPERATORS, ...NUMBER_OPERATORS]
  const comparison = { type: 'string', pattern: `^(?:${operators.join('|')})(?: (?:${MODIFIERS.join('|')}))?$` }
  return {
    type: 'object',
    description: 'Events that the rule does not match: those whose fields have one of the values.',
    required: ['name'],
    properties: {
      name: text('Name of the exception, by which values can be added later.'),
      fields: { oneOf: [text('One field.'), texts('Fields that are compared together.')] },
      comps: {
        oneOf: [comparison, { type: 'array', items: comparison }],
        description: 'Operators, one for each field; the default is =, and in for a single field.',
      },
      values: { type: 'array', description: 'Values; for several fields a list of lists.' },
    },
  }
}

/** Properties of a rule: the keys that the loader knows. */
export function ruleProperties(): Readonly<Record<string, object>> {
  const appendable = ['condition', 'output', 'desc', 'tags', 'exceptions']
  const replaceable = [...appendable, 'priority', 'enabled', 'warn_evttypes', 'skip-if-unknown-filter', 'capture', 'capture_duration']
  return {
    rule: text('Name, which identifies the rule in alerts, tests and overrides.'),
    desc: text('What the rule detects, and its known false alarms.'),
    condition: CONDITION,
    output: text('Text of the alert: %field, %field[argument], %transformer(field), %20field.'),
    priority: { type: 'string', pattern: priorityPattern(), description: 'Urgency of an alert.', examples: PRIORITY_SYMBOLS.slice(1) },
    source: text('Event source; the default is syscall.'),
    enabled: flag('false: the rule is loaded but does not fire.'),
    tags: texts('Tags to select rules by; ATT&CK techniques as T1059.004.'),
    exceptions: { type: 'array', items: exceptionSchema(), description: 'When the rule does not match.' },
    warn_evttypes: flag('false: no warning if the condition names no event type.'),
    'skip-if-unknown-filter': flag('true: an unknown field skips the rule instead of being an error.'),
    capture: flag('Accepted for compatibility; nothing is captured.'),
    capture_duration: { type: 'integer', minimum: 0, description: 'Accepted for compatibility.' },
    capture_events: { type: 'integer', minimum: 0, description: 'Accepted for compatibility.' },
    capture_filesize: { type: 'integer', minimum: 0, description: 'Accepted for compatibility.' },
    append: APPEND,
    override: override(appendable, replaceable),
  }
}

/** Properties of a macro. */
export function macroProperties(): Readonly<Record<string, object>> {
  return {
    macro: text('Name, for use in conditions.'),
    condition: CONDITION,
    append: APPEND,
    override: override(['condition'], ['condition']),
  }
}

/** Properties of a list. */
export function listProperties(): Readonly<Record<string, object>> {
  return {
    list: text('Name, for use in conditions.'),
    items: texts('Values, and names of earlier lists.'),
    append: APPEND,
    override: override(['items'], ['items']),
  }
}

const VERSION = { type: ['string', 'integer'], description: 'Minimum engine version, such as 0.57.0.' }

function pluginVersions(): object {
  const plugin = { name: text('Name of a plugin.'), version: { type: ['string', 'number'] } }
  const alternatives = { type: 'array', items: { type: 'object', required: ['name', 'version'], properties: plugin } }
  return { type: 'array', items: { type: 'object', required: ['name', 'version'], properties: { ...plugin, alternatives } } }
}

/** The schema of a file. */
export function falcoSchema(): object {
  const item = (required: readonly string[], properties: Readonly<Record<string, object>>): object => ({
    type: 'object',
    required,
    properties,
  })
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'Falco rule file',
    type: 'array',
    items: {
      anyOf: [
        item(['rule', 'desc', 'condition', 'output', 'priority'], ruleProperties()),
        { ...item(['rule'], ruleProperties()), anyOf: [{ required: ['override'] }, { required: ['append'] }, { required: ['enabled'] }] },
        item(['macro', 'condition'], macroProperties()),
        item(['list', 'items'], listProperties()),
        item(['required_engine_version'], { required_engine_version: VERSION }),
        item(['required_plugin_versions'], { required_plugin_versions: pluginVersions() }),
      ],
    },
  }
}

const stringList = (description: string): object => ({ type: 'array', items: { type: 'string' }, description })
const oneOrMore = (description: string): object => ({ type: ['string', 'array'], description })

const LOG_SOURCE = {
  type: 'object',
  description: 'Events that the rule applies to.',
  properties: {
    category: { ...text('Kind of event.'), examples: ['process_creation', 'file_event', 'network_connection'] },
    product: { ...text('Product that logs the events.'), examples: ['linux'] },
    service: { ...text('Log of the product.'), examples: ['auditd'] },
    definition: text('How the log must be configured.'),
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
    'group-by': { ...oneOrMore('Fields whose values form a group.') },
    timespan: { type: 'string', pattern: '^[0-9]+[smhdwMy]$', description: 'Length of the window: 30s, 5m, 1h, 1d.' },
    condition: { description: 'Threshold: gt, gte, lt, lte, eq, neq; with field for value_count.' },
    aliases: { type: 'object', description: 'A common name for fields with different names in the rules.' },
    generate: { type: 'boolean', description: 'true: the rules also create their own alerts.' },
  },
}

const FILTER = {
  type: 'object',
  required: ['rules', 'condition'],
  description: 'Events that the rules do not match.',
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
      id: text('UUID, which identifies the rule in alerts and correlations.'),
      name: text('Short name, for correlations and filters.'),
      description: text('What the rule detects.'),
      status: { enum: ['stable', 'test', 'experimental', 'deprecated', 'unsupported'], description: 'Maturity of the rule.' },
      level: { enum: [...LEVELS], description: 'Urgency of an alert.' },
      author: text('Author; part of each alert.'),
      references: stringList('Sources; part of each alert.'),
      tags: stringList('attack.t1059.004 for an ATT&CK technique.'),
      falsepositives: { ...oneOrMore('Known false alarms.') },
      fields: stringList('Additional fields of the alert.'),
      logsource: LOG_SOURCE,
      detection: DETECTION,
      correlation: CORRELATION,
      filter: FILTER,
    },
  }
}
