// Pipelines over one document: step by step, each on what the one before left. What they make of a rule is bounded.
import { mapItems, itemsOf } from '../detection/detection-node.js'
import type { DetectionItem, DetectionNode } from '../detection/detection-node.js'
import { detectionProblem } from '../compile/sigma-problem.js'
import type { SigmaDetection, SigmaDocument } from '../read/sigma-document.js'
import type { Pipeline, PipelineRule, PipelineStep, Transformation } from './pipeline.js'

/** Most items, values and characters of values of one rule. */
const MAX_ITEMS = 2000
const MAX_VALUES = 50_000
const MAX_CHARACTERS = 16 * 1024 * 1024

/** @throws ItemError when the steps make too much of it */
export function applyPipelines(document: SigmaDocument, pipelines: readonly Pipeline[]): SigmaDocument {
  if (document.kind === 'correlation' || pipelines.length === 0) return document
  const { metadata, detection } = document
  let rule: PipelineRule = { metadata, detection, notes: new Map(), made: new Set() }
  for (const { name, steps } of pipelines) {
    for (const step of steps) if (step.appliesTo(rule)) rule = bounded(made(rule, step), name, step)
  }
  return { ...document, metadata: rule.metadata, detection: rule.detection }
}

function made(rule: PipelineRule, { id, transformation }: PipelineStep): PipelineRule {
  const changed = changedBy(rule, transformation, id)
  return id === null ? changed : { ...changed, made: new Set([...changed.made, id]) }
}

function changedBy(rule: PipelineRule, transformation: Transformation, id: string | null): PipelineRule {
  switch (transformation.kind) {
    case 'rule':
      return transformation.change(rule)
    case 'items': {
      const { isFor, change } = transformation
      return withItems(rule, (item) => (isFor(item, rule) ? noted(change(item, rule), item, id) : item))
    }
    case 'fieldNames': {
      const { isFor, isForName, namesOf } = transformation
      const names = (name: string): readonly string[] | null => (isForName(name, rule) ? namesOf(name) : null)
      const changed = withItems(rule, (item) => (isFor(item, rule) ? noted(renamed(item, names), item, id) : item))
      const fields = changed.metadata.fields.flatMap((name) => names(name) ?? [name])
      return { ...changed, metadata: { ...changed.metadata, fields } }
    }
  }
}

function withItems(rule: PipelineRule, change: (item: DetectionItem) => DetectionNode): PipelineRule {
  const searches = new Map([...rule.detection.searches].map(([name, node]) => [name, mapItems(node, change)]))
  const additions = rule.detection.additions.map((addition) => ({ ...addition, node: mapItems(addition.node, change) }))
  return { ...rule, detection: { ...rule.detection, searches, additions } }
}

/** What became of an item, with the step that changed it. */
function noted(node: DetectionNode, before: DetectionItem, id: string | null): DetectionNode {
  return id === null || node === before ? node : mapItems(node, (item) => ({ ...item, changedBy: [...item.changedBy, id] }))
}

/** A field with several new names may stand in any of them; one that must differ, differs in all. */
function renamed(item: DetectionItem, namesOf: (name: string) => readonly string[] | null): DetectionNode {
  const referring = item.modifiers.includes('fieldref')
    ? { ...item, values: item.values.flatMap((value) => references(value, namesOf)) }
    : item
  const names = item.field === '' ? null : namesOf(item.field)
  if (names === null) return referring
  const items = names.map((field) => ({ ...referring, field }))
  const [only] = items
  if (only !== undefined && items.length === 1) return only
  return { kind: item.modifiers.includes('neq') ? 'all' : 'any', children: items }
}

function references(value: DetectionItem['values'][number], namesOf: (name: string) => readonly string[] | null): DetectionItem['values'] {
  const names = value.text === null ? null : namesOf(value.text)
  return names === null ? [value] : names.map((text) => ({ ...value, text }))
}

function bounded(rule: PipelineRule, pipeline: string, { place }: PipelineStep): PipelineRule {
  const items = nodesOf(rule.detection).flatMap(itemsOf)
  const values = items.reduce((sum, item) => sum + item.values.length, 0)
  const characters = items.reduce((sum, item) => sum + item.values.reduce((all, { text }) => all + (text?.length ?? 0), 0), 0)
  if (items.length <= MAX_ITEMS && values <= MAX_VALUES && characters <= MAX_CHARACTERS) return rule
  const most = `${String(MAX_ITEMS)} fields, ${String(MAX_VALUES)} values or ${String(MAX_CHARACTERS)} characters`
  throw detectionProblem(`pipeline '${pipeline}' makes more than ${most} of '${rule.metadata.title}'`, place)
}

/** Every search of a detection, those of pipelines too. */
export function nodesOf({ searches, additions }: SigmaDetection): DetectionNode[] {
  return [...searches.values(), ...additions.map(({ node }) => node)]
}
