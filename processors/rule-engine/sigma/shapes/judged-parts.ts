// What of a rule hangs on how its log source is answered: the condition over records, the events that it is asked about, and why it can't
// fire where it can't.
import type { BoundExpression } from '../../compile/bound-tree.js'
import { collectedTypesOf } from '../../analysis/event-types.js'
import type { ResolvedField } from '../../fields/catalogue.js'
import type { AnsweredSource, LogSource } from '../log-source/log-source.js'
import { compileShapes } from './compile-shapes.js'
import type { CompileWith } from './compile-shapes.js'
import { NEVER } from '../compile/term.js'
import type { Term } from '../compile/term.js'

/** The parts of a compiled rule that its log source decides. */
export interface JudgedParts {
  readonly term: Term
  readonly scope: BoundExpression | null
  readonly eventTypes: readonly string[]
  readonly unavailable: readonly string[]
  /** The condition over one map of the fields that the rule names, where that is another one. */
  readonly onFields: Term | null
}

/**
 * @param plain the condition over one record that has every field of the log source
 * @param fields those that it names
 * @param compile makes the condition again, over records of one shape
 */
export function judgedParts(source: LogSource, plain: Term, fields: readonly ResolvedField[], compile: CompileWith): JudgedParts {
  if (!source.isAnswered) return { term: plain, scope: null, eventTypes: [], unavailable: [source.reason], onFields: null }
  const { scope, shapes } = source
  if (shapes.length === 0) {
    return { term: plain, scope, eventTypes: collectedTypesOf(scope), unavailable: unavailableFields(fields), onFields: null }
  }
  const shaped = compileShapes(shapes, new Set(fields.map(({ definition }) => definition.name)), compile)
  if (shaped !== null) return { ...shaped, scope, unavailable: [], onFields: plain }
  return { term: NEVER, scope, eventTypes: [], unavailable: whyNever(source, plain, fields), onFields: plain }
}

/** Fields that no record has, each with the reason. */
export function unavailableFields(fields: readonly ResolvedField[]): string[] {
  return fields.flatMap(({ key, definition }) => (definition.unavailable === null ? [] : [`${key}: ${definition.unavailable}`]))
}

function whyNever(source: AnsweredSource, plain: Term, fields: readonly ResolvedField[]): string[] {
  const reasons = [...unavailableFields(fields), ...(source.whyNever?.(plain.bound) ?? [])]
  return reasons.length === 0 ? ['none of the records that an event is shown as can be like this'] : reasons
}
