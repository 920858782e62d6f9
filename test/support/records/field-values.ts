// Values of a record's fields by the names that conditions use, for tests of fields.
import assert from 'node:assert/strict'
import { printable } from '../../../infra/text/printable.js'
import { RecordSource } from '../../../processors/rule-engine/fields/field-source.js'
import { resolveField } from '../../../processors/rule-engine/fields/catalogue.js'
import type { FieldValue } from '../../../processors/rule-engine/fields/field-value.js'
import type { ContainerKnowledge, RuleRecord } from '../../../processors/rule-engine/fields/rule-event.js'

const HOST: ContainerKnowledge = { state: 'host' }

/** @param key as a condition writes the field: `fd.name`, `proc.aname[2]` */
export function fieldValue(key: string, event: RuleRecord, container: ContainerKnowledge = HOST): FieldValue {
  const bracket = /^([^[]+)\[(.*)\]$/.exec(key)
  const field = resolveField(bracket?.[1] ?? key, bracket?.[2] ?? null)
  assert.ok(!('problem' in field), key)
  return new RecordSource({ event, container }).value(field)
}

/** A test for each field: its name says what the value is. */
export function fieldRows(
  event: RuleRecord,
  rows: readonly (readonly [key: string, value: FieldValue])[],
  container: ContainerKnowledge = HOST,
): void {
  for (const [key, value] of rows) {
    it(`${key} is ${printable(String(value))}`, () => assert.deepEqual(fieldValue(key, event, container), value))
  }
}
