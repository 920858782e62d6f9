// Falco's condition language as documented: precedence `or` < `and` < `not`, checks, macros. Written for clarity: of a wrong text
// it reports only that it is wrong.
import { toBytes } from '../bytes.js'
import type { Check, Condition, FieldName, Input, Modifier, Operand, RightSide } from './condition.js'
import { Scanner } from './scanner.js'

const AFTER_KEYWORD = /[ \t\b\r\n(]/
const NUMBER_OPERATORS = ['<=', '>=', '<', '>']
const SIGN_OPERATORS = ['==', '=', '!=']
/** If one is a prefix of another, the longer one comes first. */
const WORD_OPERATORS = ['contains', 'icontains', 'bcontains', 'startswith', 'bstartswith', 'endswith', 'glob', 'iglob', 'regex']
const LIST_OPERATORS = ['intersects', 'in', 'pmatch']
const MODIFIERS: readonly Modifier[] = ['oneof', 'anyof', 'allof']
const TRANSFORMERS = ['tolower', 'toupper', 'b64', 'basename', 'len', 'join', 'concat', 'getopt']

/** Parses a condition (Unicode text). @throws OracleSyntaxError */
export function parseCondition(text: string): Condition {
  const scanner = new Scanner(toBytes(text))
  const condition = either(scanner)
  scanner.blanks()
  if (!scanner.isAtEnd) scanner.fail('the end')
  return condition
}

function either(scanner: Scanner): Condition {
  return chain(scanner, 'or', () => chain(scanner, 'and', () => negation(scanner)))
}

function chain(scanner: Scanner, kind: 'and' | 'or', term: () => Condition): Condition {
  const first = term()
  const terms = [first]
  for (;;) {
    scanner.blanks()
    if (!scanner.keyword(kind, AFTER_KEYWORD)) return terms.length === 1 ? first : { kind, terms }
    terms.push(term())
  }
}

function negation(scanner: Scanner): Condition {
  scanner.blanks()
  if (scanner.keyword('not', AFTER_KEYWORD)) return { kind: 'not', term: negation(scanner) }
  if (!scanner.take('(')) return checkOrMacro(scanner)
  const inner = either(scanner)
  scanner.blanks()
  if (!scanner.take(')')) scanner.fail(')')
  return inner
}

function checkOrMacro(scanner: Scanner): Condition {
  const left = operand(scanner)
  if (left !== null) return check(scanner, left)
  const name = scanner.word()
  return name === null ? scanner.fail('a field or a macro') : { kind: 'macro', name }
}

/** A field or a transformer; null when neither is next. */
function operand(scanner: Scanner): Operand | null {
  return transformer(scanner) ?? field(scanner)
}

function field(scanner: Scanner): FieldName | null {
  return scanner.attempt(() => {
    let name = scanner.word()
    if (name === null || !scanner.take('.')) return null
    do {
      const part = scanner.word()
      if (part === null) return null
      name += `.${part}`
    } while (scanner.take('.'))
    return { kind: 'field', name, argument: scanner.brackets() }
  })
}

function transformer(scanner: Scanner): Operand | null {
  return scanner.attempt(() => {
    const name = scanner.word()
    if (name === null || !TRANSFORMERS.includes(name) || !scanner.take('(')) return null
    return { kind: 'call', name, inputs: inputs(scanner), index: scanner.brackets() }
  })
}

/** Inputs up to the closing parenthesis. */
function inputs(scanner: Scanner): Input[] {
  const found: Input[] = []
  for (;;) {
    scanner.blanks()
    found.push(input(scanner))
    scanner.blanks()
    if (scanner.take(')')) return found
    if (!scanner.take(',')) scanner.fail(', or )')
  }
}

function input(scanner: Scanner): Input {
  if (scanner.take('(')) return { kind: 'inputs', items: inputs(scanner) }
  return operand(scanner) ?? { kind: 'text', text: scanner.string() }
}

function check(scanner: Scanner, left: Operand): Check {
  scanner.blanks()
  const noModifier = { kind: 'check', left, modifier: null } as const
  const nothing: RightSide = { kind: 'texts', texts: [] }
  if (scanner.take('exists')) return { ...noModifier, operator: 'exists', right: nothing }
  const number = NUMBER_OPERATORS.find((operator) => scanner.take(operator))
  if (number !== undefined) {
    scanner.blanks()
    return { ...noModifier, operator: number, right: rightOperand(scanner) ?? { kind: 'texts', texts: [scanner.number()] } }
  }
  const word =
    SIGN_OPERATORS.find((operator) => scanner.take(operator)) ?? WORD_OPERATORS.find((operator) => scanner.keyword(operator, /[ \t\b\r\n]/))
  if (word !== undefined) return textCheck(scanner, left, word === '==' ? '=' : word)
  const list = LIST_OPERATORS.find((operator) => scanner.take(operator))
  if (list === undefined) scanner.fail('an operator')
  scanner.blanks()
  if (scanner.take('(')) return { ...noModifier, operator: list, right: { kind: 'texts', texts: texts(scanner) } }
  const right = rightOperand(scanner)
  return { ...noModifier, operator: list, right: right ?? { kind: 'texts', texts: [scanner.word() ?? scanner.fail('a list')] } }
}

function textCheck(scanner: Scanner, left: Operand, operator: string): Check {
  scanner.blanks()
  for (const modifier of MODIFIERS) {
    const listed = scanner.attempt(() => {
      if (!scanner.take(modifier)) return null
      scanner.blanks()
      return scanner.take('(') ? texts(scanner) : null
    })
    if (listed !== null) return { kind: 'check', left, operator, modifier, right: { kind: 'texts', texts: listed } }
  }
  const right = rightOperand(scanner) ?? { kind: 'texts', texts: [scanner.string()] }
  return { kind: 'check', left, operator, modifier: null, right }
}

/** `val(field)` or a transformer; null for a written value. */
function rightOperand(scanner: Scanner): Operand | null {
  const named = scanner.attempt(() => {
    if (!scanner.take('val(')) return null
    scanner.blanks()
    const found = field(scanner)
    scanner.blanks()
    return scanner.take(')') ? found : null
  })
  return named ?? transformer(scanner)
}

/** Values up to the closing parenthesis. */
function texts(scanner: Scanner): string[] {
  const found: string[] = []
  scanner.blanks()
  if (scanner.take(')')) return found
  for (;;) {
    scanner.blanks()
    found.push(scanner.string())
    scanner.blanks()
    if (scanner.take(')')) return found
    if (!scanner.take(',')) scanner.fail(', or )')
  }
}
