// Parses the text of a condition: `or` binds weakest, then `and`, then `not`; a group in parentheses is a node of its own.
// check-parser.ts parses the checks. Throws nothing but ConditionSyntaxError, for any text.
import { toByteText } from '../text/byte-text.js'
import { CheckParser } from './check-parser.js'
import { ConditionSyntaxError, Tokenizer } from './tokenizer.js'
import type { Expression, Operand } from './tree.js'

/** Default limit of nested parentheses and transformers: that of Falco's grammar. */
export const DEFAULT_MAX_DEPTH = 100
/** The limit for conditions of rule files, where macros and exceptions add groups. */
export const RULE_MAX_DEPTH = 1000
/** Longest condition, in bytes: far above any real rule, far below what could stall a process. */
export const MAX_CONDITION_BYTES = 4 * 1024 * 1024

/** Bounds of {@link parseCondition}. */
export interface ParseOptions {
  readonly maxDepth?: number
}

/**
 * Parses a whole condition.
 * @param text Unicode text
 * @throws ConditionSyntaxError with the place of the mistake
 */
export function parseCondition(text: string, options: ParseOptions = {}): Expression {
  if (text.length === 0) throw new ConditionSyntaxError('filter input string is empty', { index: 0, line: 1, column: 1 })
  if (text.length > MAX_CONDITION_BYTES)
    throw new ConditionSyntaxError(`condition is longer than ${String(MAX_CONDITION_BYTES)} bytes`, { index: 0, line: 1, column: 1 })
  const tokens = new Tokenizer(toByteText(text))
  const maxDepth = options.maxDepth ?? DEFAULT_MAX_DEPTH
  const tree = withoutOverflow(tokens, maxDepth, () => new ConditionParser(tokens, maxDepth).or())
  if (!tokens.isAtEnd) tokens.fail(`unexpected token after '${tokens.lastToken}', expecting 'or', 'and'`)
  return tree
}

/** The parser is recursive: a stack overflow below the limit is also a mistake in the text. */
function withoutOverflow<T>(tokens: Tokenizer, maxDepth: number, parse: () => T): T {
  try {
    return parse()
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    return tokens.fail(`exceeded max depth limit of ${String(maxDepth)}`)
  }
}

/**
 * Parses a field or a transformer at the beginning of a text, for output templates and exceptions.
 * @returns the operand and its length in bytes
 * @throws ConditionSyntaxError if the text begins with neither
 */
export function parseOperand(text: string): { operand: Operand; length: number } {
  const tokens = new Tokenizer(toByteText(text))
  const operand = new CheckParser(tokens, DEFAULT_MAX_DEPTH).operand()
  if (operand === null) return tokens.fail('expected a field or a valid transformer')
  return { operand, length: tokens.index }
}

class ConditionParser {
  readonly #tokens: Tokenizer
  readonly #checks: CheckParser
  readonly #maxDepth: number
  #depth = 0

  constructor(tokens: Tokenizer, maxDepth: number) {
    this.#tokens = tokens
    this.#checks = new CheckParser(tokens, maxDepth)
    this.#maxDepth = maxDepth
  }

  or(): Expression {
    return this.#chain('or')
  }

  /** One or more terms joined by the same word. A blank or a parenthesis follows the word. */
  #chain(word: 'and' | 'or'): Expression {
    const tokens = this.#tokens
    tokens.blank()
    const place = tokens.place()
    const first = word === 'or' ? this.#chain('and') : this.#not()
    const children = [first]
    tokens.blank()
    while (tokens.literal(word)) {
      if (tokens.blank()) children.push(word === 'or' ? this.#chain('and') : this.#not())
      else if (tokens.literal('(')) children.push(this.#groupRemainder())
      else tokens.fail(`expected blank or '(' after '${word}'`)
      tokens.blank()
    }
    return children.length === 1 ? first : { kind: word, children, place }
  }

  #not(): Expression {
    const tokens = this.#tokens
    tokens.blank()
    const place = tokens.place()
    let isNegated = false
    while (tokens.notBlank()) isNegated = !isNegated
    let child: Expression
    if (tokens.literal('not(')) {
      isNegated = !isNegated
      child = this.#groupRemainder()
    } else {
      tokens.blank()
      child = tokens.literal('(') ? this.#groupRemainder() : this.#checks.check()
    }
    return isNegated ? { kind: 'not', child, place } : child
  }

  /** The rest of a group after its opening parenthesis. */
  #groupRemainder(): Expression {
    if (++this.#depth >= this.#maxDepth) this.#tokens.fail(`exceeded max depth limit of ${String(this.#maxDepth)}`)
    const inner = this.or()
    this.#tokens.blank()
    if (!this.#tokens.literal(')')) this.#tokens.fail("expected a ')' token")
    this.#depth--
    return inner
  }
}
