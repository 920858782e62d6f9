// A rule over a log source that shows one event as several records: its condition for each of them, joined with or. Records that can never
// fulfil it are left out, and so are the types of events: what a record holds whatever the event (`type`, `SYSCALL`) is known beforehand.
import { fieldsOf } from '../../compile/bound-tree.js'
import type { BoundExpression } from '../../compile/bound-tree.js'
import type { FieldSource } from '../../fields/field-source.js'
import type { ResolvedField } from '../../fields/catalogue.js'
import { missing } from '../../fields/field.js'
import { UNKNOWN } from '../../fields/field-value.js'
import type { FieldValue } from '../../fields/field-value.js'
import { catalogueField } from '../log-source/sigma-fields.js'
import { ownResolved, typeTerm } from '../log-source/event-scope.js'
import type { RecordShape } from '../log-source/record-shape.js'
import { pruneTerm } from './prune-term.js'
import { allTerms, anyTerm, existsTerm, NEVER } from '../compile/term.js'
import type { Term } from '../compile/term.js'

/** Makes the term of a rule with its fields found by this function. */
export type CompileWith = (resolve: (name: string) => ResolvedField) => Term

/** The condition over all records, and the types of events that may fulfil it. */
export interface ShapedTerm {
  readonly term: Term
  readonly eventTypes: readonly string[]
}

/** @param named fields of the rule. @returns null when no record of any event can fulfil the rule */
export function compileShapes(shapes: readonly RecordShape[], named: ReadonlySet<string>, compile: CompileWith): ShapedTerm | null {
  const branches = shapesFor(shapes, named, compile).flatMap((shape): Branch[] => {
    const term = compile((name) => fieldOfShape(shape, name))
    const eventTypes = possibleTypes(shape, shape.eventTypes(named), term)
    return eventTypes.length === 0 ? [] : [{ shape, term, eventTypes }]
  })
  const asked = new Set(branches.flatMap(({ eventTypes }) => eventTypes))
  const terms = branches.map((branch) => askedOfRecord(branch, asked))
  return terms.length === 0 ? null : { term: anyTerm(terms), eventTypes: [...asked] }
}

/** Records of one kind are asked together where the rule is a choice of values of one field: one test instead of one for each. */
function shapesFor(shapes: readonly RecordShape[], named: ReadonlySet<string>, compile: CompileWith): readonly RecordShape[] {
  const together = new Set(shapes.flatMap((shape) => shape.together ?? []))
  const taken = new Set([...together].filter((shape) => isChoice(shape, named, compile)))
  return [...shapes.filter((shape) => shape.together === null || !taken.has(shape.together)), ...taken]
}

function isChoice(shape: RecordShape, named: ReadonlySet<string>, compile: CompileWith): boolean {
  const [type] = shape.eventTypes(named)
  const known = new KnownValues(type === undefined ? [] : [shape.known(type)])
  const term = pruneTerm(
    compile((name) => fieldOfShape(shape, name)),
    known,
  )
  return typeof term === 'boolean' ? term : isChoiceOfOneField(term.bound)
}

function isChoiceOfOneField(bound: BoundExpression): boolean {
  if (new Set(fieldsOf(bound).map(({ key }) => key)).size !== 1) return false
  return isPositive(bound)
}

const isPositive = (bound: BoundExpression): boolean =>
  bound.kind === 'or' ? bound.children.every(isPositive) : bound.kind === 'comparison' || bound.kind === 'exists'

/** The rule over one of the records. */
interface Branch {
  readonly shape: RecordShape
  readonly term: Term
  /** Types of events whose record may fulfil it. */
  readonly eventTypes: readonly string[]
}

function possibleTypes(shape: RecordShape, eventTypes: readonly string[], term: Term): string[] {
  const verdicts = new Map<object, boolean>()
  return eventTypes.filter((type) => {
    const known = shape.known(type)
    const isPossible = verdicts.get(known) ?? pruneTerm(term, new KnownValues([known])) !== false
    verdicts.set(known, isPossible)
    return isPossible
  })
}

/** @param asked types of events that the rule is asked about, for the sake of other records too */
function askedOfRecord({ shape, term, eventTypes }: Branch, asked: ReadonlySet<string>): Term {
  const pruned = pruneTerm(term, new KnownValues(eventTypes.map((type) => shape.known(type))))
  if (pruned === false) return NEVER
  const parts = pruned === true ? [] : [pruned]
  // What is true of a record that is not there (`not x`) must ask for the record first.
  const isAskedFor = shape.isShared || pruned === true || pruneTerm(pruned, NOTHING) !== false
  if (isAskedFor) parts.unshift(existsTerm(ownResolved(shape.presence, shape.name)))
  // The rule is asked about other types too, for which this record is not there or is not meant: an evaluator can settle that beforehand.
  if (asked.size > eventTypes.length) parts.unshift(typeTerm(eventTypes))
  return allTerms(parts)
}

function fieldOfShape({ name: shape, fields }: RecordShape, name: string): ResolvedField {
  const known = fields.get(name)
  // A field of the catalogue is one of the event, whatever the record.
  const ofEvent = known === undefined && name.includes('.') ? catalogueField(name, name) : null
  if (ofEvent !== null) return ownResolved(ofEvent, name)
  const definition = known ?? missing(name, 'CHARBUF', 'A field of another record.', 'this record does not have it', { plurality: 'any' })
  return ownResolved(definition, `${shape}.${name === '' ? 'keywords' : name}`)
}

/** A record of which only that is known which is the same for all of its kind. */
class KnownValues implements FieldSource {
  readonly #known: readonly Readonly<Record<string, FieldValue>>[]

  constructor(known: readonly Readonly<Record<string, FieldValue>>[]) {
    this.#known = known
  }

  value({ definition }: ResolvedField): FieldValue {
    if (definition.extract === null) return undefined
    const values = this.#known.map((known) => (Object.hasOwn(known, definition.name) ? known[definition.name] : UNKNOWN))
    const [first] = values
    return values.every((value) => value === first) ? first : UNKNOWN
  }
}

const NOTHING: FieldSource = { value: () => undefined }
