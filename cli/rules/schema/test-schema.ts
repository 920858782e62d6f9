// JSON schema of the tests beside Falco rules (NAME.test.yaml), for editors.

const FIELDS = {
  type: 'object',
  description: 'An event: fields as conditions write them, and their values; null for one that the event does not have.',
}

const CASES = {
  type: 'array',
  items: {
    type: 'object',
    required: ['name'],
    properties: {
      name: { type: 'string', description: 'What happens.' },
      with: { ...FIELDS, description: 'What is different from base.' },
    },
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
      required: ['rule'],
      properties: {
        rule: { type: 'string', description: 'Name of the rule.' },
        base: FIELDS,
        fires: { ...CASES, description: 'Events for which the rule must speak.' },
        silent: { ...CASES, description: 'Events for which it must not.' },
      },
    },
  }
}
