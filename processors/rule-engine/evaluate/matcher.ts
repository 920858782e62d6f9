// Operators: does one value satisfy `operator constants`? Constants are prepared once (sets, globs, expressions), values come per event.
import type { Constant } from '../compile/bound-tree.js'
import { familyOf } from '../fields/field-type.js'
import type { FieldType } from '../fields/field-type.js'
import type { ScalarValue } from '../fields/field-value.js'
import type { Modifier, Operator } from '../language/tree.js'
import { isInNetwork } from '../text/addresses.js'
import type { Network } from '../text/addresses.js'
import { compileContainsAny } from '../text/contains-any.js'
import { compileGlob, lowerAscii } from '../text/glob.js'
import { compilePathPrefixes } from '../text/path-prefixes.js'
import { compileAnyRegularExpression, compileRegularExpression } from '../text/regular-expression.js'

/** True when the value satisfies the operator. */
export type Matcher = (value: ScalarValue) => boolean

/** A matcher for constants. With a modifier they are asked one by one; without, list operators ask all at once. */
export function compileMatcher(operator: Operator, modifier: Modifier | null, type: FieldType, constants: readonly Constant[]): Matcher {
  if (modifier !== null) return compileModified(operator, modifier, type, constants)
  if (operator === 'pmatch') return asText(compilePathPrefixes(constants.map(String)))
  if (operator === 'in' || operator === 'intersects') return compileMembership(type, constants)
  const [constant] = constants
  return constant === undefined ? () => false : compileSingle(operator, type, constant)
}

function compileModified(operator: Operator, modifier: Modifier, type: FieldType, constants: readonly Constant[]): Matcher {
  const texts = modifier === 'anyof' && familyOf(type) === 'text' ? constants.map(String) : null
  const anyText = texts === null || texts.length === 0 ? null : compileAnyText(operator, texts)
  if (anyText !== null) return anyText
  const matchers = constants.map((constant) => compileSingle(operator, type, constant))
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
function compileAnyText(operator: Operator, texts: readonly string[]): Matcher | null {
  switch (operator) {
    case 'contains':
      return asText(compileContainsAny(texts))
    case 'startswith':
      return (value) => typeof value === 'string' && texts.some((text) => value.startsWith(text))
    case 'endswith':
      return (value) => typeof value === 'string' && texts.some((text) => value.endsWith(text))
    case 'regex':
      return asText(compileAnyRegularExpression(texts))
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
  const family = familyOf(type)
  if (family === 'text' || family === 'bytes') return compileText(operator, String(constant))
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

function compileText(operator: Operator, constant: string): Matcher {
  switch (operator) {
    case '=':
    case '==':
    case 'in':
    case 'intersects':
      return (value) => value === constant
    case '!=':
      return (value) => value !== constant
    // Byte text is ordered as its bytes are: like strcmp(3).
    case '<':
      return asText((text) => text < constant)
    case '<=':
      return asText((text) => text <= constant)
    case '>':
      return asText((text) => text > constant)
    case '>=':
      return asText((text) => text >= constant)
    case 'contains':
    case 'bcontains':
      return asText(compileContainsAny([constant]))
    case 'icontains': {
      const holdsIt = compileContainsAny([lowerAscii(constant)])
      return asText((text) => holdsIt(lowerAscii(text)))
    }
    case 'startswith':
    case 'bstartswith':
      return (value) => typeof value === 'string' && value.startsWith(constant)
    case 'endswith':
      return (value) => typeof value === 'string' && value.endsWith(constant)
    case 'glob':
      return asText(compileGlob(constant))
    case 'iglob':
      return asText(compileGlob(constant, true))
    case 'pmatch':
      return asText(compilePathPrefixes([constant]))
    case 'regex': {
      const matches = compileRegularExpression(constant)
      // A pattern that does not compile was refused when the condition was compiled.
      return typeof matches === 'function' ? asText(matches) : () => false
    }
  }
}

const asText =
  (matches: (text: string) => boolean): Matcher =>
  (value) =>
    typeof value === 'string' && matches(value)

function isNetwork(constant: Constant): constant is Network {
  return typeof constant === 'object'
}
