// A field mapping as a user gives it, in the form of a pySigma processing pipeline: steps that change Sigma rules before they are compiled.
import type { FilePlace } from '../../read/file-place.js'
import type { DetectionItem, DetectionNode } from '../detection/detection-node.js'
import type { SigmaDetection, SigmaMetadata } from '../read/sigma-document.js'

/** A pipeline that was read. */
export interface Pipeline {
  readonly name: string
  /** Pipelines with a lower one come first. */
  readonly priority: number
  readonly steps: readonly PipelineStep[]
}

/** One transformation and when it is made. */
export interface PipelineStep {
  /** By which conditions of later steps name it. */
  readonly id: string | null
  readonly place: FilePlace
  readonly appliesTo: (rule: PipelineRule) => boolean
  readonly transformation: Transformation
}

/** A rule, or a filter of rules, on its way through the pipelines. */
export interface PipelineRule {
  readonly metadata: SigmaMetadata
  readonly detection: SigmaDetection
  /** What steps have noted (`set_state`). */
  readonly notes: ReadonlyMap<string, string>
  /** Ids of the steps that were made. */
  readonly made: ReadonlySet<string>
}

/** Changes a rule as a whole, or item by item where the conditions on items and field names hold. */
export type Transformation =
  | { readonly kind: 'rule'; readonly change: (rule: PipelineRule) => PipelineRule }
  | { readonly kind: 'items'; readonly isFor: ItemTest; readonly change: (item: DetectionItem, rule: PipelineRule) => DetectionNode }
  | { readonly kind: 'fieldNames'; readonly isFor: ItemTest; readonly isForName: NameTest; readonly namesOf: FieldNames }

/** Does the step concern this item? */
export type ItemTest = (item: DetectionItem, rule: PipelineRule) => boolean
/** Does it concern this name of a field? */
export type NameTest = (name: string, rule: PipelineRule) => boolean
/** New names of a field; null to leave it. */
export type FieldNames = (name: string) => readonly string[] | null
