// One check of a condition: field or transformer, operator, right side; or the name of a macro.
// The operator decides what the right side can be: a number, a text or a list. A transformer or val(field) is always allowed.
import type { Tokenizer } from './tokenizer.js'
import {
  LIST_OPERATORS,
  MODIFIERS,
  NUMBER_OPERATORS,
  TEXT_OPERATORS,
  TRANSFORMERS,
  type ComparisonCheck,
  type ExistsCheck,
  type MacroReference,
  type Modifier,
  type Operand,
  type Operator,
  type Place,
  type ValueList,
  type ValueOperand,
} from './tree.js'
import { TransformerParser } from './transformer-parser.js'

const quoteAll = (words: readonly string[]): string => words.map((word) => `'${word}'`).join(', ')
const TRANSFORMER_WORDS = quoteAll(['val', ...TRANSFORMERS])
const OPERATOR_WORDS = quoteAll(['exists', ...NUMBER_OPERATORS, ...TEXT_OPERATORS, ...LIST_OPERATORS])
const KEYWORDS = ['and', 'or']
const WORD = /[a-z]/

/** Reads checks from a tokenizer. */
export class CheckParser {
  readonly #tokens: Tokenizer
  readonly #transformers: TransformerParser

  constructor(tokens: Tokenizer, maxDepth: number) {
    this.#tokens = tokens
    this.#transformers = new TransformerParser(tokens, maxDepth)
  }

  check(): MacroReference | ExistsCheck | ComparisonCheck {
    const place = this.#tokens.place()
    const left = this.operand()
    if (left !== null) return this.#comparison(left, place)
    const name = this.#tokens.identifier()
    if (name !== null) return { kind: 'macro', name, place }
    return this.#tokens.fail("expected a '(' token, a field check, or an identifier")
  }

  /** A field or a transformer; null if neither comes next. */
  operand(): Operand | null {
    return this.#transformers.field() ?? this.#transformers.transformer()
  }

  #comparison(left: Operand, place: Place): ExistsCheck | ComparisonCheck {
    const tokens = this.#tokens
    tokens.blank()
    if (tokens.literal('exists')) return { kind: 'exists', left, place }
    const number = NUMBER_OPERATORS.find((operator) => tokens.literal(operator))
    if (number !== undefined) return check(left, number, null, this.#numberSide(), place)
    const text = this.#textOperator()
    if (text !== null) {
      const modifier = this.#modifier(text)
      return check(left, text, modifier, modifier === null ? this.#textSide() : this.#listSide(), place)
    }
    const list = LIST_OPERATORS.find((operator) => tokens.literal(operator))
    if (list !== undefined) return check(left, list, null, this.#listSide(), place)
    return tokens.fail(`expected a valid check operator: one of ${OPERATOR_WORDS}`)
  }

  /** A text operator. An operator that is a word consumes the blank that must follow it. */
  #textOperator(): Operator | null {
    const tokens = this.#tokens
    for (const operator of TEXT_OPERATORS) {
      const found = tokens.attempt(() => (tokens.literal(operator) && (!WORD.test(operator) || tokens.blank()) ? operator : null))
      if (found !== null) return found
    }
    return null
  }

  /**
   * `oneof`, `anyof` or `allof`, with a blank before and after it, if a list or the name of a list follows. Otherwise the word is the text to
   * compare with: `==oneof (a, b)` and `== oneof(a, b)` are errors.
   */
  #modifier(operator: Operator): Modifier | null {
    const tokens = this.#tokens
    if (!tokens.blank() && !WORD.test(operator)) return null
    return tokens.attempt(() => {
      const modifier = MODIFIERS.find((word) => tokens.literal(word))
      return modifier !== undefined && tokens.blank() && this.#isListNext() ? modifier : null
    })
  }

  #isListNext(): boolean {
    const next = this.#tokens.lookAhead(() => (this.#tokens.literal('(') ? '(' : this.#tokens.identifier()))
    return next !== null && !KEYWORDS.includes(next)
  }

  #numberSide(): ValueOperand | Operand {
    this.#tokens.blank()
    const place = this.#tokens.place()
    const transformed = this.#transformers.rightSide()
    if (transformed !== null) return transformed
    const text = this.#tokens.number()
    if (text !== null) return { kind: 'value', text, place }
    return this.#tokens.fail(`expected a number value or a field with a valid transformer: ${TRANSFORMER_WORDS}`)
  }

  #textSide(): ValueOperand | Operand {
    this.#tokens.blank()
    const place = this.#tokens.place()
    const transformed = this.#transformers.rightSide()
    if (transformed !== null) return transformed
    const text = this.#text()
    if (text !== null) return { kind: 'value', text, place }
    return this.#tokens.fail(`expected a string value or a field with a valid transformer: ${TRANSFORMER_WORDS}`)
  }

  #listSide(): ValueOperand | ValueList | Operand {
    const tokens = this.#tokens
    tokens.blank()
    const place = tokens.place()
    if (tokens.literal('(')) return { kind: 'values', texts: this.#listRemainder(), place }
    const transformed = this.#transformers.rightSide()
    if (transformed !== null) return transformed
    const text = tokens.identifier()
    if (text !== null) return { kind: 'value', text, place }
    return tokens.fail(`expected a list, an identifier, or a field with a valid transformer: ${TRANSFORMER_WORDS}`)
  }

  /** The rest of a list: texts separated by commas. A list can be empty. */
  #listRemainder(): string[] {
    const tokens = this.#tokens
    const texts: string[] = []
    tokens.blank()
    const first = this.#text()
    if (first !== null) {
      texts.push(first)
      tokens.blank()
      while (tokens.literal(',')) {
        tokens.blank()
        texts.push(this.#text() ?? tokens.fail('expected a string value'))
        tokens.blank()
      }
    }
    if (!tokens.literal(')')) tokens.fail("expected a ')' token")
    return texts
  }

  #text(): string | null {
    return this.#tokens.quotedText() ?? this.#tokens.bareText()
  }
}

function check(
  left: Operand,
  operator: Operator,
  modifier: Modifier | null,
  right: ComparisonCheck['right'],
  place: Place,
): ComparisonCheck {
  return { kind: 'comparison', left, operator, modifier, right, place }
}
