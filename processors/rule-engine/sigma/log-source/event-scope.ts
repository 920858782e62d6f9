// What an event must be before a rule of a log source is asked: one of some types, and of a certain kind among them.
import { compileCondition } from '../../compile/compile-condition.js'
import { parseCondition } from '../../language/parser.js'
import { resolveField } from '../../fields/catalogue.js'
import type { ResolvedField } from '../../fields/catalogue.js'
import { field } from '../../fields/field.js'
import type { FieldDefinition } from '../../fields/field.js'
import type { BoundExpression } from '../../compile/bound-tree.js'
import type { RuleRecord } from '../../fields/judged-event.js'
import { allTerms, compareTerm, existsTerm } from '../compile/term.js'
import type { Term } from '../compile/term.js'

/** Events for which a condition of the catalogue holds. */
export function eventsWhere(condition: string): BoundExpression {
  const { expression, errors } = compileCondition(parseCondition(condition))
  if (expression === null) throw new TypeError(`${condition}: ${errors.map(({ message }) => message).join('; ')}`)
  return expression
}

/** Events of these types (`evt.type`) for which the question is answered with yes. @param name of the question, for people who are shown the scope */
export function eventsWith(types: readonly string[], name: string, isSuch: (event: RuleRecord) => boolean): BoundExpression {
  return allTerms([typeTerm(types), existsTerm(ownResolved(presenceField(name, isSuch), name))]).bound
}

/** Every event of these types. */
export function eventsOfTypes(types: readonly string[]): BoundExpression {
  return typeTerm(types).bound
}

/** The type of the event is one of these. */
export function typeTerm(types: readonly string[]): Term {
  const type = resolveField('evt.type', null)
  if ('problem' in type) throw new TypeError(type.problem)
  return compareTerm({ field: type, conversion: null, type: type.type }, 'in', types, types)
}

/** A field that is there for certain events, and says no more. */
export function presenceField(name: string, isThere: (event: RuleRecord) => boolean): FieldDefinition {
  const extract = ({ event }: { readonly event: RuleRecord }): string | undefined => (isThere(event) ? 'yes' : undefined)
  return field(name, 'CHARBUF', 'There for events of this kind.', extract)
}

/** A field as a rule means it, under a key of its own. */
export function ownResolved(definition: FieldDefinition, key: string): ResolvedField {
  return { definition, argument: null, type: definition.type, plurality: definition.plurality, key }
}
