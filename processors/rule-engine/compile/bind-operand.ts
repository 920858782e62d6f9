// Resolves the fields and transformers of a condition: the field of each name, and the result type of each transformer.
import type { BoundInput, BoundInputs, BoundLiteral, BoundOperand, BoundTransformer } from './bound-tree.js'
import { MAX_TRANSFORMED_VALUES, valuesOf } from './condition-cost.js'
import { resolveField, type UnknownName } from '../fields/catalogue.js'
import { familyOf, type FieldType } from '../fields/field-type.js'
import type { Plurality } from '../fields/field.js'
import { printOperand } from '../language/printer.js'
import type { Operand, Place, TransformerInput, TransformerOperand } from '../language/tree.js'

/** @throws ConditionProblem for an unknown field, or a transformer that can't take its inputs */
export function bindOperand(operand: Operand): BoundOperand {
  if (operand.kind === 'field') {
    const resolved = resolveField(operand.name, operand.argument)
    if ('problem' in resolved) throw new ConditionProblem(resolved.problem, operand.place, resolved.unknown)
    return { kind: 'field', field: resolved, type: resolved.type, plurality: resolved.plurality }
  }
  return bindTransformer(operand)
}

function bindTransformer(operand: TransformerOperand): BoundOperand {
  const isSeveral = SEVERAL.includes(operand.name)
  const inputs = operand.inputs.map((input) => bindInput(input, isSeveral))
  if (inputs.reduce((sum, input) => sum + valuesOf(input), 0) > MAX_TRANSFORMED_VALUES) {
    throw new ConditionProblem(`a transformer puts together at most ${String(MAX_TRANSFORMED_VALUES)} values`, operand.place)
  }
  if (operand.name === 'val') {
    const [input] = inputs
    if (input === undefined || input.kind === 'literal' || input.kind === 'inputs') {
      throw new ConditionProblem("filter error: 'val' takes one field", operand.place)
    }
    return input
  }
  if (operand.argument !== null && operand.name !== 'getopt') {
    throw new ConditionProblem(`filter error: transformer '${operand.name}' does not support field arguments`, operand.place)
  }
  const text = printOperand(operand, 'parseable')
  const make = (type: FieldType, plurality: Plurality, selector: string | null = null): BoundTransformer => ({
    kind: 'transformer',
    name: operand.name as BoundTransformer['name'],
    inputs,
    selector,
    type,
    plurality,
    text,
  })
  const fail = (message: string): never => {
    throw new ConditionProblem(message, operand.place)
  }
  switch (operand.name) {
    case 'join':
      return bindJoin(inputs, make, fail)
    case 'concat':
      return bindConcat(inputs, make, fail)
    case 'getopt':
      return bindGetopt(inputs, operand.argument, make, fail)
    default:
      return bindSingle(operand, inputs, make, fail)
  }
}

/** Transformers of several inputs. */
const SEVERAL: readonly string[] = ['join', 'concat', 'getopt']

type Make = (type: FieldType, plurality: Plurality, selector?: string | null) => BoundTransformer
type Fail = (message: string) => never

const isList = (input: BoundInput): boolean => input.kind === 'inputs' || (input.kind !== 'literal' && input.plurality === 'list')
const typeOf = (input: BoundInput): FieldType => (input.kind === 'literal' || input.kind === 'inputs' ? 'CHARBUF' : input.type)

function bindInput(input: TransformerInput, isSeveral: boolean): BoundInput {
  if (input.kind === 'value') return { kind: 'literal', text: input.text }
  if (input.kind !== 'inputs') return bindTransformable(input, isSeveral)
  const items = input.items.map((item): BoundOperand | BoundLiteral =>
    item.kind === 'value' ? { kind: 'literal', text: item.text } : bindTransformable(item, isSeveral),
  )
  return { kind: 'inputs', items } satisfies BoundInputs
}

/** An operand that a transformer can take. Transformers of several inputs read the plain value, so they are less strict. */
function bindTransformable(operand: Operand, isSeveral: boolean): BoundOperand {
  const bound = bindOperand(operand)
  if (bound.kind !== 'field' || !bound.field.definition.isWithoutTransformer) return bound
  if (isSeveral && bound.plurality === 'one') return bound
  throw new ConditionProblem(`field '${bound.field.definition.name}' does not support transformers`, operand.place)
}

function bindSingle(operand: TransformerOperand, inputs: readonly BoundInput[], make: Make, fail: Fail): BoundTransformer {
  const [input] = inputs
  if (input === undefined || inputs.length !== 1) return fail(`transformer '${operand.name}' takes exactly one argument`)
  const type = typeOf(input)
  const family = familyOf(type)
  const isListed = isList(input)
  const accepts =
    family === 'text' || (family === 'bytes' && (operand.name === 'len' || operand.name === 'b64')) || (isListed && operand.name === 'len')
  if (!accepts) {
    const name = input.kind === 'field' ? input.field.definition.name : operand.name
    return fail(
      `can't add field transformer: type '${type}' is not supported by '${operand.name}' transformer applied on ${isListed ? 'list ' : ''}field '${name}'`,
    )
  }
  return operand.name === 'len' ? make('UINT64', 'one') : make(type, isListed ? 'list' : 'one')
}

function bindJoin(inputs: readonly BoundInput[], make: Make, fail: Fail): BoundTransformer {
  const [separator, list] = inputs
  if (separator === undefined || list === undefined || inputs.length !== 2)
    return fail('join() requires exactly 2 arguments: separator and list')
  if (isList(separator)) return fail('join() first argument (separator) must be a single value, not a list')
  if (!isList(list)) return fail('join() second argument must be a list')
  return make('CHARBUF', 'one')
}

function bindConcat(inputs: readonly BoundInput[], make: Make, fail: Fail): BoundTransformer {
  if (inputs.length < 2) return fail('concat() requires at least 2 arguments')
  if (inputs.some((input) => isList(input) || typeOf(input) !== 'CHARBUF')) return fail('concat() arguments must be strings')
  return make('CHARBUF', 'one')
}

function bindGetopt(inputs: readonly BoundInput[], selector: string | null, make: Make, fail: Fail): BoundTransformer {
  const [words, options] = inputs
  if (words === undefined || options === undefined || inputs.length !== 2)
    return fail('getopt() requires exactly 2 arguments: args list and optstring')
  if (!isList(words)) return fail('getopt() first argument must be a list')
  if (isList(options)) return fail('getopt() second argument (optstring) must be a single value')
  if (typeOf(words) !== 'CHARBUF' || typeOf(options) !== 'CHARBUF') return fail('getopt() arguments must be strings')
  if (selector !== null && selector.length !== 1) return fail('getopt() field argument must be a single option character')
  return make('CHARBUF', selector === null ? 'list' : 'one', selector)
}

/** A mistake or a doubt about a condition that follows the grammar, and its place. */
export interface ConditionNote {
  readonly message: string
  readonly place: Place
  /** Set if the condition uses a name that the engine does not have. */
  readonly unknown?: UnknownName | undefined
}

/** Thrown inside compile/ to abandon one check; compileCondition collects it and continues with the next check. */
export class ConditionProblem extends Error {
  readonly place: Place
  readonly unknown: UnknownName | undefined

  constructor(message: string, place: Place, unknown?: UnknownName) {
    super(message)
    this.place = place
    this.unknown = unknown
  }
}
