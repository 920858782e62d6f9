// Fields and transformers: `proc.aname[2]`, `toupper(fd.name)`, `join("-", (fd.name, "x"))`, `val(proc.name)`.
// No blank is allowed between a transformer's name and its parenthesis; inside, blanks are free.
import type { Tokenizer } from './tokenizer.js'
import {
  TRANSFORMERS,
  type FieldOperand,
  type InputList,
  type Operand,
  type Place,
  type TransformerInput,
  type TransformerName,
  type TransformerOperand,
  type ValueOperand,
} from './tree.js'

/** Reads operands from a tokenizer. A method that returns null has read nothing. */
export class TransformerParser {
  readonly #tokens: Tokenizer
  readonly #maxDepth: number
  #depth = 0

  constructor(tokens: Tokenizer, maxDepth: number) {
    this.#tokens = tokens
    this.#maxDepth = maxDepth
  }

  field(): FieldOperand | null {
    const place = this.#tokens.place()
    const name = this.#tokens.fieldName()
    return name === null ? null : { kind: 'field', name, argument: this.#argument(), place }
  }

  transformer(): TransformerOperand | null {
    const place = this.#tokens.place()
    const name = TRANSFORMERS.find((word) => this.#tokens.literal(`${word}(`))
    return name === undefined ? null : this.#remainder(name, place)
  }

  /** The right side of an operator, if it is no plain value: `val(field)` or a transformer. */
  rightSide(): Operand | null {
    const tokens = this.#tokens
    const place = tokens.place()
    if (!tokens.literal('val(')) return this.transformer()
    tokens.blank()
    const field = this.field() ?? tokens.fail("expected a field within 'val' transformer")
    tokens.blank()
    if (!tokens.literal(')')) tokens.fail("expected a ')' token closing the transformer")
    return { kind: 'transformer', name: 'val', inputs: [field], argument: null, place }
  }

  /** The rest of a transformer after its name and opening parenthesis. */
  #remainder(name: TransformerName, place: Place): TransformerOperand {
    const tokens = this.#tokens
    if (++this.#depth >= this.#maxDepth) tokens.fail(`exceeded max depth limit of ${String(this.#maxDepth)}`)
    const inputs: TransformerInput[] = []
    do {
      tokens.blank()
      inputs.push(this.#input())
      tokens.blank()
    } while (tokens.literal(','))
    if (!tokens.literal(')')) tokens.fail("expected a ')' token closing the transformer")
    this.#depth--
    return { kind: 'transformer', name, inputs, argument: this.#argument(), place }
  }

  #input(): TransformerInput {
    const place = this.#tokens.place()
    if (this.#tokens.literal('(')) return this.#inputList(place)
    const item = this.#item()
    if (item !== null) return item
    return this.#tokens.fail(
      `expected a field or a nested valid transformer: ${TRANSFORMERS.map((word) => `'${word}'`).join(', ')}, a quoted string, a number, or a list`,
    )
  }

  #inputList(place: Place): InputList {
    const tokens = this.#tokens
    const items: InputList['items'][number][] = []
    tokens.blank()
    if (!tokens.literal(')')) {
      do {
        tokens.blank()
        items.push(this.#item() ?? tokens.fail('expected transformer list argument: field, transformer, quoted string, or number'))
        tokens.blank()
      } while (tokens.literal(','))
      if (!tokens.literal(')')) tokens.fail("expected a ')' token closing the list")
    }
    return { kind: 'inputs', items, place }
  }

  #item(): FieldOperand | TransformerOperand | ValueOperand | null {
    const place = this.#tokens.place()
    const operand = this.field() ?? this.transformer()
    if (operand !== null) return operand
    const text = this.#tokens.quotedText() ?? this.#tokens.number()
    return text === null ? null : { kind: 'value', text, place }
  }

  /** `[argument]`, without a blank before it; null if there is none. */
  #argument(): string | null {
    const tokens = this.#tokens
    if (!tokens.literal('[')) return null
    const argument = tokens.quotedText() ?? tokens.bareFieldArgument()
    if (argument === null) return tokens.fail('expected a valid field argument: a quoted string or a bare string')
    if (!tokens.literal(']')) tokens.fail("expected a ']' token")
    return argument
  }
}
