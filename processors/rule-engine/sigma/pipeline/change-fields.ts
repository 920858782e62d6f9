// Transformations of field names: one name to others, prefixes, suffixes; and of the fields that an alert shows.
import type { FieldNames, PipelineRule, Transformation } from './pipeline.js'
import { readItemConditions, readNameConditions, readValueConditions } from './read-conditions.js'
import type { StepReader } from './step-reader.js'

/** Most new names of one field. */
const MAX_NAMES = 50

/** @throws ItemError */
export type ReadTransformation = (step: StepReader) => Transformation

/** By the `type` of a step. */
export const FIELD_TRANSFORMATIONS: Readonly<Record<string, ReadTransformation>> = {
  field_name_mapping: (step) => {
    const mapping = nameMapping(step)
    return renaming(step, (name) => mapping.get(name) ?? null)
  },
  field_name_prefix_mapping: (step) => {
    const mapping = [...nameMapping(step)]
    return renaming(step, (name) => {
      const found = mapping.find(([prefix]) => name.startsWith(prefix))
      return found === undefined ? null : found[1].map((prefix) => prefix + name.slice(found[0].length))
    })
  },
  field_name_prefix: (step) => {
    const prefix = step.text('prefix')
    return renaming(step, (name) => [prefix + name])
  },
  field_name_suffix: (step) => {
    const suffix = step.text('suffix')
    return renaming(step, (name) => [name + suffix])
  },
  drop_detection_item: (step) => ({ kind: 'items', isFor: readItemConditions(step), change: () => ({ kind: 'dropped' }) }),
  add_field: (step) => {
    const names = step.texts('field')
    return shownFields((fields) => [...fields, ...names])
  },
  remove_field: (step) => {
    const names = step.texts('field')
    return shownFields((fields) => fields.filter((name) => !names.includes(name)))
  },
  set_field: (step) => {
    const names = step.texts('fields')
    return shownFields(() => names)
  },
}

function nameMapping(step: StepReader): ReadonlyMap<string, readonly string[]> {
  const mapping = step.mapping('mapping')
  for (const [name, names] of mapping) {
    if (names.length > MAX_NAMES) step.fail(`'${name}' has more than ${String(MAX_NAMES)} new names`, 'mapping')
    const wrong = names.find((one) => one.includes('|') || one === '')
    if (wrong !== undefined) step.fail(`'${wrong}' is no name of a field`, 'mapping')
  }
  return mapping
}

function renaming(step: StepReader, namesOf: FieldNames): Transformation {
  return { kind: 'fieldNames', isFor: readValueConditions(step), isForName: readNameConditions(step), namesOf }
}

function shownFields(change: (fields: readonly string[]) => readonly string[]): Transformation {
  const changed = (rule: PipelineRule): PipelineRule => ({ ...rule, metadata: { ...rule.metadata, fields: change(rule.metadata.fields) } })
  return { kind: 'rule', change: changed }
}
