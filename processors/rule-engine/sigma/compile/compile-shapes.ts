// The parts of a compiled rule that depend on its log source: the condition over records, the events for which it is evaluated, and why it can't fire.
import { collectedTypesOf } from '../../analysis/event-types.js'
import { fieldsOf, type BoundExpression } from '../../compile/bound-tree.js'
import { prepareExpression } from '../../evaluate/prepare.js'
import type { ResolvedField } from '../../fields/catalogue.js'
import type { FieldSource } from '../../fields/field-source.js'
import { UNKNOWN, type FieldValue } from '../../fields/field-value.js'
import { missing } from '../../fields/field.js'
import type { Expression } from '../../language/tree.js'
import { ownResolved, typeTerm, type AnsweredSource, type LogSource, type RecordShape } from '../log-source/log-source.js'
import { catalogueField } from '../log-source/sigma-fields.js'
import { NEVER, allTerms, anyTerm, existsTerm, notTerm, type Term } from '../term.js'

/** The parts of a compiled rule that depend on its log source. */
export interface SourceParts {
  readonly term: Term
  readonly scope: BoundExpression | null
  readonly eventTypes: readonly string[]
  readonly unavailable: readonly string[]
  /** The condition over a map of the rule's fields, if it differs. */
  readonly onFields: Term | null
}

/**
 * @param plain the condition over one record that has every field of the log source
 * @param fields the fields of the condition
 * @param compile compiles the condition over records of one shape
 */
export function sourceParts(source: LogSource, plain: Term, fields: readonly ResolvedField[], compile: CompileWith): SourceParts {
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

// A rule for a log source in which one event is several records: its condition for each of them, joined with or. Records and event types that can never
// fulfil it are skipped: the constant fields of a record (`type`, `SYSCALL`) are known in advance.

/** Compiles the term of a rule with this function to resolve its fields. */
export type CompileWith = (resolve: (name: string) => ResolvedField) => Term

/** The condition over all records, and the event types that can fulfil it. */
export interface ShapedTerm {
  readonly term: Term
  readonly eventTypes: readonly string[]
}

/** @param named fields of the rule. @returns null if no record of any event can fulfil the rule */
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

/** If the rule tests one field for some values, records of one kind are tested together: one test instead of one for each. */
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
  /** Event types whose record can fulfil it. */
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

/** @param asked event types for which the rule is evaluated, also because of other records */
function askedOfRecord({ shape, term, eventTypes }: Branch, asked: ReadonlySet<string>): Term {
  const pruned = pruneTerm(term, new KnownValues(eventTypes.map((type) => shape.known(type))))
  if (pruned === false) return NEVER
  const parts = pruned === true ? [] : [pruned]
  // A condition that holds for an absent record (`not x`) must test for the record first.
  const isAskedFor = shape.isShared || pruned === true || pruneTerm(pruned, NOTHING) !== false
  if (isAskedFor) parts.unshift(existsTerm(ownResolved(shape.presence, shape.name)))
  // The rule is also evaluated for event types without this record. Evaluators decide the test of the type in advance.
  if (asked.size > eventTypes.length) parts.unshift(typeTerm(eventTypes))
  return allTerms(parts)
}

function fieldOfShape({ name: shape, fields }: RecordShape, name: string): ResolvedField {
  const known = fields.get(name)
  // A catalogue field belongs to the event, whatever the record.
  const ofEvent = known === undefined && name.includes('.') ? catalogueField(name, name) : null
  if (ofEvent !== null) return ownResolved(ofEvent, name)
  const definition = known ?? missing(name, 'CHARBUF', 'A field of another record.', 'this record does not have it', { plurality: 'any' })
  return ownResolved(definition, `${shape}.${name === '' ? 'keywords' : name}`)
}

/** A record of which only the constant fields of its kind are known. */
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

/** Removes checks of constant fields from a term. @param known returns known values, and UNKNOWN for all others. @returns the remaining term, or the verdict */
export function pruneTerm(term: Term, known: FieldSource): Term | boolean {
  return prune(term.tree, term.bound, known)
}

function prune(tree: Expression, bound: BoundExpression, known: FieldSource): Term | boolean {
  switch (bound.kind) {
    case 'and':
      return pruneGroup(tree, bound.children, known, false)
    case 'or':
      return pruneGroup(tree, bound.children, known, true)
    case 'not': {
      const child = tree.kind === 'not' ? prune(tree.child, bound.child, known) : unlike()
      return typeof child === 'boolean' ? !child : notTerm(child)
    }
    default: {
      const values = fieldsOf(bound).map((field) => known.value(field))
      // A check of an absent value is false for any operator.
      if (values.includes(undefined)) return false
      const verdict = values.includes(UNKNOWN) ? null : prepareExpression(bound)(known)
      return verdict ?? { tree, bound, size: sizeOf(bound) }
    }
  }
}

/** @param decisive the verdict that one child decides: true for `or`, false for `and` */
function pruneGroup(tree: Expression, children: readonly BoundExpression[], known: FieldSource, decisive: boolean): Term | boolean {
  if (tree.kind !== 'and' && tree.kind !== 'or') return unlike()
  const left: Term[] = []
  for (const [index, bound] of children.entries()) {
    const shown = tree.children[index]
    const child = shown === undefined ? unlike() : prune(shown, bound, known)
    if (child === decisive) return decisive
    if (typeof child !== 'boolean') left.push(child)
  }
  if (left.length === 0) return !decisive
  return decisive ? anyTerm(left) : allTerms(left)
}

function sizeOf(bound: BoundExpression): number {
  return bound.kind === 'comparison' && bound.right.kind === 'constants' ? bound.right.constants.length : 1
}

/** Both trees of a term have the same nodes. */
function unlike(): never {
  throw new TypeError('the trees of a term differ')
}
