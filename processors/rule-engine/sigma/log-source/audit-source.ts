// Service auditd: events as the records that the audit system writes for them. One event is several records (SYSCALL, EXECVE, PATH ...), and a rule is
// evaluated on each of them, as on the lines of audit.log.
import type { BoundExpression } from '../../compile/bound-tree.js'
import { field, type FieldDefinition } from '../../fields/field.js'
import { execve, proctitle } from './audit-execve.js'
import { paths, pathsTouched } from './audit-path.js'
import { CALLS, syscall } from './audit-syscall.js'
import { eventsOfTypes, type AnsweredSource, type RecordShape } from './log-source.js'
import { WHOLE_EVENT, type SigmaFields } from './sigma-fields.js'
import { testedTexts } from '../term.js'

/** The log source `service: auditd`. */
export function auditd(): AnsweredSource {
  const others = [execve(), syscall(), proctitle()]
  const shapes = [...others, ...paths()]
  return { isAnswered: true, scope: eventsOfTypes(CALLS), fields: anyOfThem([...others, pathsTouched()]), shapes, whyNever }
}

/** Fields for alerts and groups, which read an event and not one of its records: those of the first record that has the field. */
function anyOfThem(shapes: readonly RecordShape[]): SigmaFields {
  const all = new Map<string, FieldDefinition[]>()
  for (const { fields } of shapes)
    for (const definition of fields.values()) all.set(definition.name, [...(all.get(definition.name) ?? []), definition])
  return new Map([...all].map(([name, definitions]) => [name, firstOf(definitions)]))
}

function firstOf(definitions: readonly FieldDefinition[]): FieldDefinition {
  const [first, ...others] = definitions
  if (first === undefined) throw new TypeError('a field without a record')
  if (others.length === 0) return first
  const source = [...new Set(definitions.flatMap((definition) => definition.source))]
  const extract: FieldDefinition['extract'] = (event, argument) => {
    for (const definition of definitions) {
      const value = definition.extract?.(event, argument)
      if (value !== undefined) return value
    }
    return undefined
  }
  return field(first.name, first.type, first.doc, { source, extract }, { plurality: 'any', isWholeEvent: first.name === WHOLE_EVENT })
}

const TYPES = ['EXECVE', 'SYSCALL', 'PATH', 'PROCTITLE']

/** Why no record can fulfil the condition although its fields exist. */
function whyNever(condition: BoundExpression): string[] {
  const types = testedTexts(condition, 'type').filter((type) => !TYPES.includes(type.toUpperCase()))
  const calls = testedTexts(condition, 'SYSCALL').filter((call) => !CALLS.includes(call))
  return [
    ...types.map((type) => `no event has an audit record of type ${type.toUpperCase()}`),
    ...calls.map((call) => `the system call ${call} is not collected`),
  ]
}
