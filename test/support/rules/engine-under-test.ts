// The engine for comparisons: a condition or rule files in, verdicts out. Everything that agreement tests know of the engine's internals
// is in this file.
import { compileCondition } from '../../../processors/rule-engine/compile/compile-condition.js'
import type { CompiledRule } from '../../../processors/rule-engine/rule-set/compiled-rule.js'
import { FieldMapSource, type FieldMap } from '../../../processors/rule-engine/evaluate/field-map.js'
import type { FieldSource } from '../../../processors/rule-engine/fields/field-source.js'
import type { Kleene } from '../../../processors/rule-engine/evaluate/kleene.js'
import { prepareExpression } from '../../../processors/rule-engine/evaluate/prepare.js'
import { UNKNOWN } from '../../../processors/rule-engine/fields/field-value.js'
import { parseCondition } from '../../../processors/rule-engine/language/parser.js'

export type EngineVerdict = (source: FieldSource) => Kleene

/** The engine's verdict on a condition. @throws Error if the engine refuses it */
export function engineCondition(text: string): EngineVerdict {
  const { expression, errors } = compileCondition(parseCondition(text))
  if (expression === null) throw new Error(errors.map(({ message }) => message).join('; '))
  return prepareExpression(expression)
}

/** The engine's verdict on a rule over a map of fields; the log source of a Sigma rule is not checked. */
export function engineRule(rule: CompiledRule): EngineVerdict {
  return prepareExpression((rule.onFields ?? rule).condition)
}

/** A field map as a source; the named fields are not known yet. */
export function openMapSource(map: FieldMap, open: ReadonlySet<string>): FieldSource {
  const source = new FieldMapSource(map)
  return { value: (field) => (open.has(field.key) ? UNKNOWN : source.value(field)) }
}
