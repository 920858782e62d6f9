// A log source of Sigma rules: which of our events it means, the fields it has, or why no record answers it.
import type { BoundExpression } from '../../compile/bound-tree.js'
import type { RecordShape } from './record-shape.js'
import type { SigmaFields } from './sigma-fields.js'

/** `logsource` of a rule; null for what it leaves open. */
export interface LogSourceNames {
  readonly product: string | null
  readonly category: string | null
  readonly service: string | null
}

/** A log source that records answer. */
export interface AnsweredSource {
  readonly isAnswered: true
  /** What an event must be before a rule is asked. */
  readonly scope: BoundExpression
  readonly fields: SigmaFields
  /** Records as which one event is shown, each judged by itself; none where an event is one record. */
  readonly shapes: readonly RecordShape[]
  /** Why none of the shapes can fulfil a condition, in sentences. */
  readonly whyNever?: (condition: BoundExpression) => readonly string[]
}

/** What a log source is here. */
export type LogSource = AnsweredSource | { readonly isAnswered: false; readonly reason: string }

/** `product linux, category process_creation`: the source of a rule as lists show it. */
export function logSourceText({ product, category, service }: LogSourceNames): string {
  const parts = [
    ['product', product],
    ['category', category],
    ['service', service],
  ]
  return parts.flatMap(([name, value]) => (value === null ? [] : [`${String(name)} ${String(value)}`])).join(', ')
}
