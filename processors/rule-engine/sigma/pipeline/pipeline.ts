// A field mapping in the form of a pySigma processing pipeline: steps that change Sigma rules before compilation.
import type { FilePlace } from '../../read/rule-file.js'
import { detectionProblem, itemsOf, mapItems, type DetectionItem, type DetectionNode } from '../read/detection.js'
import type { SigmaDetection, SigmaDocument, SigmaMetadata } from '../read/sigma-document.js'

/** A pipeline. */
export interface Pipeline {
  readonly name: string
  /** Pipelines with a lower priority come first. */
  readonly priority: number
  readonly steps: readonly PipelineStep[]
}

/** One transformation and its conditions. */
export interface PipelineStep {
  /** The name for conditions of later steps. */
  readonly id: string | null
  readonly place: FilePlace
  readonly appliesTo: (rule: PipelineRule) => boolean
  readonly transformation: Transformation
}

/** A rule or filter while pipelines change it. */
export interface PipelineRule {
  readonly metadata: SigmaMetadata
  readonly detection: SigmaDetection
  /** State from steps (`set_state`). */
  readonly notes: ReadonlyMap<string, string>
  /** Ids of the applied steps. */
  readonly made: ReadonlySet<string>
}

/** Changes a whole rule, or the items for which the conditions on items and field names hold. */
export type Transformation =
  | { readonly kind: 'rule'; readonly change: (rule: PipelineRule) => PipelineRule }
  | { readonly kind: 'items'; readonly isFor: ItemTest; readonly change: (item: DetectionItem, rule: PipelineRule) => DetectionNode }
  | { readonly kind: 'fieldNames'; readonly isFor: ItemTest; readonly isForName: NameTest; readonly namesOf: FieldNames }

/** Whether the step applies to the item. */
export type ItemTest = (item: DetectionItem, rule: PipelineRule) => boolean
/** Whether the step applies to the field name. */
export type NameTest = (name: string, rule: PipelineRule) => boolean
/** New names of a field; null to leave it. */
export type FieldNames = (name: string) => readonly string[] | null

// Applies pipelines to one document, step by step. The size of the result is bounded.

/** Most items, values and characters of values of one rule. */
const MAX_ITEMS = 2000
const MAX_VALUES = 50_000
const MAX_CHARACTERS = 16 * 1024 * 1024

/** @throws ItemError if the result is too large */
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

/** A changed item, with the step that changed it. */
function noted(node: DetectionNode, before: DetectionItem, id: string | null): DetectionNode {
  return id === null || node === before ? node : mapItems(node, (item) => ({ ...item, changedBy: [...item.changedBy, id] }))
}

/** A value can be in any of several new fields; a value that must differ differs in all of them. */
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

/** Every search of a detection, including those of pipelines. */
export function nodesOf({ searches, additions }: SigmaDetection): DetectionNode[] {
  return [...searches.values(), ...additions.map(({ node }) => node)]
}
