// A log source of Sigma rules: which of our events it means, the fields it has, or why no record answers it.
import type { BoundExpression } from '../../compile/bound-tree.js'
import { compileCondition } from '../../compile/compile-condition.js'
import { resolveField } from '../../fields/catalogue.js'
import type { ResolvedField } from '../../fields/catalogue.js'
import { field } from '../../fields/field.js'
import type { FieldDefinition } from '../../fields/field.js'
import type { RuleRecord } from '../../fields/judged-event.js'
import { parseCondition } from '../../language/parser.js'
import type { SigmaFields } from './sigma-fields.js'
import { allTerms, compareTerm, existsTerm } from '../term.js'
import type { Term } from '../term.js'

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

// A record as which an event is shown to rules, where one event is several records of a log (audit) or a message has two sides (DNS). A rule
// is judged on each of them by itself, as it would be on the lines of the log.

/** One kind of record that events are shown as. */
export interface RecordShape {
  /** Stands before the names of its fields where a rule is shown: `EXECVE.a0`. */
  readonly name: string
  readonly fields: SigmaFields
  /** Has a value for the events that are shown so, and for no other. */
  readonly presence: FieldDefinition
  /** Its fields also have values for events that are shown otherwise: rules ask for its presence first. */
  readonly isShared: boolean
  /**
   * Every record of this kind in one, with all of their values: enough for a rule that asks for one of some values of one field. null where
   * there is one record of the kind. The same object for all of the kind.
   */
  readonly together: RecordShape | null
  /** Types of events for which it is shown to a rule that names these fields. */
  eventTypes(named: ReadonlySet<string>): readonly string[]
  /** Values of fields that are the same for every event of the type; the same object where they are the same. */
  known(eventType: string): Readonly<Record<string, string | readonly string[]>>
}

// What an event must be before a rule of a log source is asked: one of some types, and of a certain kind among them.

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
