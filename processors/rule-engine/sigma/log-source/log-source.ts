// A log source of Sigma rules: its events and fields, or why no record can answer it.
import type { BytePlans } from '../../fields/bytes/byte-plan.js'
import type { BoundExpression } from '../../compile/bound-tree.js'
import { compileCondition } from '../../compile/compile-condition.js'
import { resolveField, type ResolvedField } from '../../fields/catalogue.js'
import { field, type FieldDefinition } from '../../fields/field.js'
import type { RuleRecord } from '../../fields/rule-event.js'
import { parseCondition } from '../../language/parser.js'
import type { SigmaFields } from './sigma-fields.js'
import { allTerms, compareTerm, existsTerm, type Term } from '../term.js'

/** `logsource` of a rule; null for absent parts. */
export interface LogSourceNames {
  readonly product: string | null
  readonly category: string | null
  readonly service: string | null
}

/** A log source that records answer. */
export interface AnsweredSource {
  readonly isAnswered: true
  /** Condition on events for which a rule is evaluated. */
  readonly scope: BoundExpression
  readonly fields: SigmaFields
  /** Records of one event, each evaluated separately; empty if an event is one record. */
  readonly shapes: readonly RecordShape[]
  /** Why none of the shapes can fulfil a condition. */
  readonly whyNever?: (condition: BoundExpression) => readonly string[]
}

/** A log source. */
export type LogSource = AnsweredSource | { readonly isAnswered: false; readonly reason: string }

/** `product linux, category process_creation`: the source of a rule in lists. */
export function logSourceText({ product, category, service }: LogSourceNames): string {
  const parts = [
    ['product', product],
    ['category', category],
    ['service', service],
  ]
  return parts.flatMap(([name, value]) => (value === null ? [] : [`${String(name)} ${String(value)}`])).join(', ')
}

/**
 * One kind of record, for sources in which one event is several records (audit) or a message has two sides (DNS). A rule is evaluated on each record, as on
 * the lines of a log.
 */
export interface RecordShape {
  /** Prefix of its field names when a rule is shown: `EXECVE.a0`. */
  readonly name: string
  readonly fields: SigmaFields
  /** Has a value for events with this record, and for no others. */
  readonly presence: FieldDefinition
  /** Its fields also have values for events without this record: rules test its presence first. */
  readonly isShared: boolean
  /**
   * All records of this kind as one, with all values: enough for a rule that tests one field for some values. null if there is one record of the kind. The
   * same object for all records of the kind.
   */
  readonly together: RecordShape | null
  /** Event types with this record, for a rule that names these fields. */
  eventTypes(named: ReadonlySet<string>): readonly string[]
  /** Constant field values of the event type; the same object for equal values. */
  known(eventType: string): Readonly<Record<string, string | readonly string[]>>
}

// Conditions on events for which the rules of a log source are evaluated.

/** Events for which a condition of the catalogue holds. */
export function eventsWhere(condition: string): BoundExpression {
  const { expression, errors } = compileCondition(parseCondition(condition))
  if (expression === null) throw new TypeError(`${condition}: ${errors.map(({ message }) => message).join('; ')}`)
  return expression
}

/** Events of these types (`evt.type`) for which the predicate is true. @param name of the predicate, for people */
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

/** A field that only exists for certain events. */
export function presenceField(name: string, isThere: (event: RuleRecord) => boolean, bytes?: BytePlans): FieldDefinition {
  const extract = ({ event }: { readonly event: RuleRecord }): string | undefined => (isThere(event) ? 'yes' : undefined)
  return field(name, 'CHARBUF', 'There for events of this kind.', { source: [], extract, bytes })
}

/** A field of a rule under its own key. */
export function ownResolved(definition: FieldDefinition, key: string): ResolvedField {
  return { definition, argument: null, type: definition.type, plurality: definition.plurality, key }
}
