// Prints a tree as text, in one of two styles: as Falco prints a compiled condition, or so that the text parses to the same tree.
import { fromByteText } from '../text/byte-text.js'
import { quote } from './quoting.js'
import type { Expression, Operand, TransformerInput } from './tree.js'

/** `falco`: quotes only where Falco's printer quotes. `parseable`: quotes wherever the grammar needs them. */
export type PrintStyle = 'falco' | 'parseable'

/** Prints a condition with parentheses around every `and` and `or`, and nowhere else. Unicode text. */
export function printCondition(tree: Expression, style: PrintStyle = 'falco'): string {
  return fromByteText(new Printer(style).expression(tree))
}

/** Prints a field or a transformer. Unicode text. */
export function printOperand(operand: Operand, style: PrintStyle = 'falco'): string {
  return fromByteText(new Printer(style).operand(operand))
}

// Falco's printer quotes blanks, quotes, backslashes and control characters; this one quotes `=`, too.
// eslint-disable-next-line no-control-regex
const QUOTED_BY_FALCO = /[\x00-\x20\x7f="'\\]/
// eslint-disable-next-line no-control-regex
const NEVER_BARE = /[\x00-\x20\x7f="'\\(),]/
// eslint-disable-next-line no-control-regex
const ARGUMENT_NEVER_BARE = /[\x00-\x20\x7f"'[\]\\]/
const NUMBER_ONLY = /^(?:0[xX][0-9a-fA-F]+|[+-]?[0-9]+\.?[0-9]*(?:[eE][+-][0-9]+)?)$/
const LOOKS_LIKE_SYNTAX = /^(?:oneof|anyof|allof)$/

class Printer {
  readonly #style: PrintStyle

  constructor(style: PrintStyle) {
    this.#style = style
  }

  expression(tree: Expression): string {
    switch (tree.kind) {
      case 'and':
      case 'or':
        return `(${tree.children.map((child) => this.expression(child)).join(` ${tree.kind} `)})`
      case 'not':
        // `not not` cancels out when parsed: only a group keeps both.
        if (this.#style === 'parseable' && tree.child.kind === 'not') return `not (${this.expression(tree.child)})`
        return `not ${this.expression(tree.child)}`
      case 'macro':
        return tree.name
      case 'exists':
        return `${this.operand(tree.left)} exists`
      case 'comparison': {
        const modifier = tree.modifier === null ? '' : ` ${tree.modifier}`
        return `${this.operand(tree.left)} ${tree.operator}${modifier} ${this.#right(tree)}`
      }
    }
  }

  operand(operand: Operand): string {
    const argument = operand.argument === null ? '' : `[${this.#argument(operand.argument)}]`
    if (operand.kind === 'field') return operand.name + argument
    return `${operand.name}(${operand.inputs.map((input) => this.#input(input)).join(',')})${argument}`
  }

  #right(check: Expression & { kind: 'comparison' }): string {
    const { right } = check
    if (right.kind === 'values') return `(${right.texts.map((text) => this.#text(text)).join(', ')})`
    if (right.kind !== 'value') return this.operand(right)
    const isNumberSide = check.operator.startsWith('<') || check.operator.startsWith('>')
    const isListName = check.operator === 'in' || check.operator === 'intersects' || check.operator === 'pmatch' || check.modifier !== null
    return isNumberSide || isListName ? right.text : this.#text(right.text)
  }

  #input(input: TransformerInput): string {
    if (input.kind === 'inputs') return `(${input.items.map((item) => this.#input(item)).join(', ')})`
    if (input.kind !== 'value') return this.operand(input)
    return this.#style === 'parseable' && !NUMBER_ONLY.test(input.text) ? this.#quoted(input.text) : this.#text(input.text)
  }

  #text(text: string): string {
    const isQuoted =
      text === '' || (this.#style === 'falco' ? QUOTED_BY_FALCO.test(text) : NEVER_BARE.test(text) || LOOKS_LIKE_SYNTAX.test(text))
    return isQuoted ? this.#quoted(text) : text
  }

  #argument(argument: string): string {
    return argument === '' || ARGUMENT_NEVER_BARE.test(argument) ? this.#quoted(argument) : argument
  }

  #quoted(text: string): string {
    return quote(text, this.#style === 'parseable')
  }
}
