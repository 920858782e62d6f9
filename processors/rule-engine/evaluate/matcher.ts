// Operators: does a value satisfy `operator constants`? Constants are prepared once (sets, globs, expressions); values come with each event.
import type { Constant } from '../compile/bound-tree.js'
import { familyOf, type FieldType } from '../fields/field-type.js'
import type { ScalarValue } from '../fields/field-value.js'
import type { Modifier, Operator } from '../language/tree.js'
import { isInNetwork, type Network } from '../text/addresses.js'
import { compileContainsAny, compileEndsWithAny, compileStartsWithAny, compilePathPrefixes } from '../text/match-any.js'
import { compileGlob, lowerAscii } from '../../../infra/text/glob.js'
import { compileAnyRegularExpression, compileRegularExpression } from '../text/regular-expression.js'

/** True if the value satisfies the operator. */
export type Matcher = (value: ScalarValue) => boolean

/** The same for a field whose values are texts. */
export type TextMatcher = (text: string) => boolean

/** A matcher for constants. With a modifier, they are tested one by one; without, list operators test all at once. */
export function compileMatcher(operator: Operator, modifier: Modifier | null, type: FieldType, constants: readonly Constant[]): Matcher {
  const matchesText = compileTextMatcher(operator, modifier, type, constants)
  if (matchesText !== null) return (value) => typeof value === 'string' && matchesText(value)
  if (modifier !== null) {
    return quantified(
      modifier,
      constants.map((constant) => compileSingle(operator, type, constant)),
    )
  }
  if (operator === 'in' || operator === 'intersects') return compileMembership(type, constants)
  const [constant] = constants
  return constant === undefined ? () => false : compileSingle(operator, type, constant)
}

/** The matcher of a field whose values are texts; null for all others. */
export function compileTextMatcher(
  operator: Operator,
  modifier: Modifier | null,
  type: FieldType,
  constants: readonly Constant[],
): TextMatcher | null {
  const family = familyOf(type)
  if (family !== 'text' && family !== 'bytes') return null
  const texts = constants.map(String)
  if (modifier !== null) {
    const anyText = modifier === 'anyof' && family === 'text' && texts.length > 0 ? compileAnyText(operator, texts) : null
    return (
      anyText ??
      quantified(
        modifier,
        texts.map((text) => compileText(operator, text)),
      )
    )
  }
  if (operator === 'pmatch') return compilePathPrefixes(texts)
  if (operator === 'in' || operator === 'intersects') {
    const members = new Set(texts)
    return (text) => members.has(text)
  }
  const [text] = texts
  return text === undefined ? () => false : compileText(operator, text)
}

function quantified<Value>(modifier: Modifier, matchers: readonly ((value: Value) => boolean)[]): (value: Value) => boolean {
  if (matchers.length === 0) return () => false
  switch (modifier) {
    case 'oneof':
      return (value) => matchers.reduce((count, matches) => count + (matches(value) ? 1 : 0), 0) === 1
    case 'anyof':
      return (value) => matchers.some((matches) => matches(value))
    case 'allof':
      return (value) => matchers.every((matches) => matches(value))
  }
}

/** Any of several texts: hot in Sigma rules, so without a function per text. null for operators that it does not know. */
function compileAnyText(operator: Operator, texts: readonly string[]): TextMatcher | null {
  switch (operator) {
    case 'contains':
      return compileContainsAny(texts)
    case 'startswith':
      return compileStartsWithAny(texts)
    case 'endswith':
      return compileEndsWithAny(texts)
    case 'regex':
      return compileAnyRegularExpression(texts)
    default:
      return null
  }
}

function compileMembership(type: FieldType, constants: readonly Constant[]): Matcher {
  if (familyOf(type) === 'network') {
    const networks = constants.filter(isNetwork)
    return (value) => networks.some((network) => isInNetwork(String(value), network))
  }
  const members = new Set<Constant>(constants)
  return (value) => members.has(value)
}

function compileSingle(operator: Operator, type: FieldType, constant: Constant): Matcher {
  if (isNetwork(constant)) {
    return operator === '!=' ? (value) => !isInNetwork(String(value), constant) : (value) => isInNetwork(String(value), constant)
  }
  switch (operator) {
    case '!=':
      return (value) => value !== constant
    case '<':
      return (value) => value < constant
    case '<=':
      return (value) => value <= constant
    case '>':
      return (value) => value > constant
    case '>=':
      return (value) => value >= constant
    default:
      return (value) => value === constant
  }
}

function compileText(operator: Operator, constant: string): TextMatcher {
  switch (operator) {
    case '=':
    case '==':
    case 'in':
    case 'intersects':
      return (text) => text === constant
    case '!=':
      return (text) => text !== constant
    // Byte text is ordered as its bytes are: like strcmp(3).
    case '<':
      return (text) => text < constant
    case '<=':
      return (text) => text <= constant
    case '>':
      return (text) => text > constant
    case '>=':
      return (text) => text >= constant
    case 'contains':
    case 'bcontains':
      return compileContainsAny([constant])
    case 'icontains': {
      const holdsIt = compileContainsAny([lowerAscii(constant)])
      return (text) => holdsIt(lowerAscii(text))
    }
    case 'startswith':
    case 'bstartswith':
      return (text) => text.startsWith(constant)
    case 'endswith':
      return (text) => text.endsWith(constant)
    case 'glob':
      return compileGlob(constant)
    case 'iglob':
      return compileGlob(constant, true)
    case 'pmatch':
      return compilePathPrefixes([constant])
    case 'regex': {
      const matches = compileRegularExpression(constant)
      // A pattern that does not compile was refused when the condition was compiled.
      return typeof matches === 'function' ? matches : () => false
    }
  }
}

function isNetwork(constant: Constant): constant is Network {
  return typeof constant === 'object'
}
