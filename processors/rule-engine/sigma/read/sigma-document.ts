// A document of a Sigma file, read but not compiled: a rule, a correlation of rules, or a filter of rules.
import type { FilePlace } from '../../compiled-rule.js'
import type { YamlNode } from '../../read/yaml-file.js'
import type { SigmaLevel } from '../level.js'
import type { LogSourceNames } from '../log-source/log-source.js'

/** What all kinds of documents say of themselves. */
export interface SigmaMetadata {
  readonly title: string
  /** The title where the file gives no id. */
  readonly id: string
  readonly description: string
  readonly author: string | null
  readonly references: readonly string[]
  readonly tags: readonly string[]
  readonly level: SigmaLevel | null
  /** Fields that are worth showing. */
  readonly fields: readonly string[]
  readonly place: FilePlace
}

/** One condition, with the node that it stands in. */
export interface WrittenCondition {
  readonly text: string
  readonly node: YamlNode
}

export interface SigmaDetection {
  readonly logSource: LogSourceNames
  readonly searches: ReadonlyMap<string, YamlNode>
  /** Several are joined with or. */
  readonly conditions: readonly WrittenCondition[]
}

export type SigmaDocument =
  | { readonly kind: 'rule'; readonly metadata: SigmaMetadata; readonly detection: SigmaDetection }
  | { readonly kind: 'correlation'; readonly metadata: SigmaMetadata; readonly text: string }
  | { readonly kind: 'filter'; readonly metadata: SigmaMetadata; readonly text: string }
