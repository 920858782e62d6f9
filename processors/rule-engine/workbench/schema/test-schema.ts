// JSON schema of the test files next to rules (NAME.test.yaml), for editors.

const FIELDS = {
  type: 'object',
  description: 'An event: fields as conditions spell them, with their values; null for a field that the event does not have.',
}

const RECORD = {
  type: 'object',
  description: 'A record in place of fields: its topic and the relevant parts; container: host, unknown, absent, or facts.',
}
const EVENT = {
  with: { ...FIELDS, description: 'What differs from base.' },
  record: RECORD,
  unknown: { type: ['string', 'array'], description: 'Fields whose facts have not arrived yet.' },
}
const ALERT = {
  priority: { type: 'string', description: 'Priority, or level, of the alert.' },
  output: { type: 'string', description: 'The whole text of the alert.' },
  contains: { type: ['string', 'array'], description: 'Parts of the text of the alert.' },
  fields: { type: 'object', description: 'Fields of the output and their values.' },
}

const CASES = {
  type: 'array',
  items: {
    type: 'object',
    required: ['name'],
    additionalProperties: false,
    properties: { name: { type: 'string', description: 'What happens.' }, ...EVENT, ...ALERT },
  },
}
const TIME = { type: ['string', 'number'], description: '30s, 5m, 2h.' }
const SCENARIO_EVENTS = {
  type: 'array',
  items: {
    type: 'object',
    additionalProperties: false,
    properties: { ...EVENT, at: TIME, every: TIME, repeat: { type: 'integer', minimum: 1 } },
  },
}
const SCENARIO_ALERTS = {
  type: 'array',
  items: {
    anyOf: [
      { type: 'string' },
      {
        type: 'object',
        required: ['rule'],
        additionalProperties: false,
        properties: {
          rule: { type: 'string', description: 'Name or id of the rule or correlation.' },
          event: {
            type: 'integer',
            minimum: 1,
            description: 'Number of the event from 1; of a correlation, of the one that completes it.',
          },
          times: { type: 'integer', minimum: 1 },
          ...ALERT,
        },
      },
    ],
  },
}

/** The schema of a file. */
export function ruleTestSchema(): object {
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'Tests of rules',
    type: 'array',
    items: {
      type: 'object',
      anyOf: [{ required: ['rule'] }, { required: ['scenario', 'events', 'alerts'] }],
      additionalProperties: false,
      properties: {
        rule: { type: 'string', description: 'Name or id of the rule.' },
        base: FIELDS,
        record: RECORD,
        fires: { ...CASES, description: 'Events that the rule must match.' },
        evasions: { ...CASES, description: 'Events by which somebody hides, and that the rule must match all the same.' },
        silent: { ...CASES, description: 'Events that it must not match.' },
        waits: { ...CASES, description: 'Events whose verdict must wait for facts.' },
        scenario: { type: 'string', description: 'What happens: events in order, evaluated by all rules and correlations.' },
        matching: { enum: ['all', 'first'] },
        rules: { type: ['string', 'array'], description: 'Only these rules are evaluated.' },
        events: SCENARIO_EVENTS,
        alerts: { ...SCENARIO_ALERTS, description: 'Every alert that must result.' },
      },
    },
  }
}
