// Transformations of a whole rule: its log source, added conditions, state for later steps, and failures.
import type { LogSourceNames } from '../log-source/log-source.js'
import { nodesOf, type FieldNames, type PipelineRule, type Transformation } from './pipeline.js'
import { readItemConditions, readNameConditions, readValueConditions } from './read-conditions.js'
import type { StepReader } from './step-reader.js'
import { itemsOf, mapItems, readSearch, type DetectionNode } from '../read/detection.js'
import type { SigmaDetection } from '../read/sigma-document.js'

/** @param pipeline its name, for the reason why a rule can't be evaluated */
export function ruleTransformations(pipeline: string): Readonly<Record<string, ReadTransformation>> {
  return {
    change_logsource: changeLogSource,
    add_condition: addCondition,
    set_state: (step) => {
      const [key, value] = [step.text('key'), step.text('val')]
      return { kind: 'rule', change: (rule) => ({ ...rule, notes: new Map([...rule.notes, [key, value]]) }) }
    },
    rule_failure: (step) => {
      const reason = `pipeline ${pipeline}: ${step.text('message')}`
      return detectionChange(({ obstacles, ...detection }) => ({ ...detection, obstacles: [...obstacles, reason] }))
    },
    detection_item_failure: (step) => itemFailure(step, `pipeline ${pipeline}: ${step.text('message')}`),
  }
}

function detectionChange(change: (detection: SigmaDetection) => SigmaDetection): Transformation {
  return { kind: 'rule', change: (rule) => ({ ...rule, detection: change(rule.detection) }) }
}

/** Sets all three names: an absent one becomes open. */
function changeLogSource(step: StepReader): Transformation {
  const name = (key: string): string | null => step.optionalText(key)?.toLowerCase() ?? null
  const logSource: LogSourceNames = { product: name('product'), category: name('category'), service: name('service') }
  if (Object.values(logSource).every((one) => one === null)) step.fail('must say category, product or service')
  return detectionChange((detection) => ({ ...detection, logSource }))
}

function addCondition(step: StepReader): Transformation {
  const given = step.node('conditions') ?? step.fail("has no 'conditions'")
  if (given.kind !== 'map') return step.fail("'conditions' must be a mapping of fields to values", 'conditions')
  const node = readSearch('conditions', given)
  if (node.kind === 'broken') throw node.error
  const isTemplate = step.flag('template')
  const isNegated = step.flag('negated')
  step.optionalText('name')
  return detectionChange((detection) => {
    const own = isTemplate ? filled(node, detection.logSource) : node
    return { ...detection, additions: [...detection.additions, { node: own, isNegated }] }
  })
}

/** `$category`, `$product` and `$service` are replaced with the rule's log source; variables of open parts stay as written. */
function filled(node: DetectionNode, logSource: LogSourceNames): DetectionNode {
  const fill = (text: string): string =>
    text.replace(/\$(?:\{(category|product|service)\}|(category|product|service)\b)/g, (whole, braced?: string, bare?: string) => {
      const name = (braced ?? bare ?? '') as keyof LogSourceNames
      return logSource[name] ?? whole
    })
  return mapItems(node, (item) => ({
    ...item,
    values: item.values.map((value) => ({ ...value, text: value.text === null ? null : fill(value.text) })),
  }))
}

function itemFailure(step: StepReader, reason: string): Transformation {
  const isFor = readItemConditions(step)
  const change = (rule: PipelineRule): PipelineRule => {
    const { detection } = rule
    if (
      !nodesOf(detection)
        .flatMap(itemsOf)
        .some((item) => isFor(item, rule))
    )
      return rule
    return { ...rule, detection: { ...detection, obstacles: [...detection.obstacles, reason] } }
  }
  return { kind: 'rule', change }
}

// Transformations of field names (mapping, prefixes, suffixes) and of the fields that an alert shows.

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
    if (wrong !== undefined) step.fail(`'${wrong}' is not the name of a field`, 'mapping')
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
