// Transformations of a rule as a whole: its log source, conditions beside its own, notes for later steps, and that it can't be judged.
import { mapItems } from '../detection/detection-node.js'
import type { DetectionNode } from '../detection/detection-node.js'
import { readSearch } from '../detection/read-search.js'
import type { LogSourceNames } from '../log-source/log-source.js'
import type { SigmaDetection } from '../read/sigma-document.js'
import { nodesOf } from './apply-pipelines.js'
import { itemsOf } from '../detection/detection-node.js'
import type { ReadTransformation } from './change-fields.js'
import type { PipelineRule, Transformation } from './pipeline.js'
import { readItemConditions } from './read-conditions.js'
import type { StepReader } from './step-reader.js'

/** @param pipeline its name, for the reason of a rule that it keeps from being judged */
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

/** All three names are set: what is not given is open then. */
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

/** `$category`, `$product` and `$service` are names of the log source of the rule; what it leaves open stays as written. */
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
