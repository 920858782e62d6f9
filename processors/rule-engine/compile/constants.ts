// Parses texts of the right side as values of the left side's type: numbers in range, booleans, addresses, hex bytes.
import { nearestName } from '../../../infra/text/nearest.js'
import type { BoundOperand, Constant } from './bound-tree.js'
import { resolveField, type FieldProblem } from '../fields/catalogue.js'
import { INTEGER_RANGES, familyOf, type FieldType } from '../fields/field-type.js'
import { wholeNumber } from '../fields/field-value.js'
import { eventNames, isEventName } from '../fields/kernel-names/event-names.js'
import { TRANSFORMERS, type Operator } from '../language/tree.js'
import { parseAddress, parseNetwork } from '../text/addresses.js'
import { fromByteText } from '../text/byte-text.js'
import { compileRegularExpression } from '../text/regular-expression.js'
import { portOfService } from '../text/service-ports.js'

type Parsed = { readonly constant: Constant } | FieldProblem

/** Longest glob or regular expression: its cost grows with its length. */
const MAX_PATTERN = 4_096
const PATTERNS: readonly Operator[] = ['regex', 'glob', 'iglob', 'pmatch']

const DECIMAL = /^[+-]?[0-9]+$/
const HEX = /^0[xX][0-9a-fA-F]+$/

/**
 * @param text byte text from the condition
 * @returns the value, or why there is none
 */
export function parseConstant(text: string, operator: Operator, left: BoundOperand): Parsed {
  const family = familyOf(left.type)
  if (operator === 'bcontains' || operator === 'bstartswith') return parseHexBytes(text)
  if (family === 'bytes') return { constant: text }
  if (family === 'text') return parseText(text, operator, left)
  if (text.includes('\0')) return { problem: `${shown(text)} is not a valid value` }
  switch (family) {
    case 'bool':
      if (text === 'true' || text === 'false') return { constant: text === 'true' }
      return { problem: `filter error: unrecognized boolean value ${shown(text)}` }
    case 'address': {
      const address = parseAddress(text)
      return address === null ? { problem: `unrecognized IP address ${shown(text)}` } : { constant: address }
    }
    case 'network': {
      const network = parseNetwork(text)
      return network === null ? { problem: `unrecognized IP network ${shown(text)}` } : { constant: network }
    }
    case 'number':
      return parseNumber(text, left.type)
  }
}

const shown = (text: string): string => fromByteText(text)

function parseText(text: string, operator: Operator, left: BoundOperand): Parsed {
  if (text.includes('\0')) return { problem: 'filter error: a string value can not contain a NUL byte' }
  if (text.length > MAX_PATTERN && PATTERNS.includes(operator)) {
    return { problem: `filter error: the pattern of '${operator}' is longer than ${String(MAX_PATTERN)} bytes` }
  }
  if (operator === 'regex') {
    const compiled = compileRegularExpression(text)
    if (typeof compiled !== 'function') return compiled
  }
  if (left.kind === 'field' && left.field.definition.name === 'evt.type' && !isEventName(text)) {
    const near = nearestName(text, eventNames())
    return { problem: `unknown event type ${shown(text)}${near === undefined ? '' : ` (did you mean '${near}'?)`}`, unknown: { near } }
  }
  return { constant: text }
}

function parseHexBytes(text: string): Parsed {
  if (!/^(?:[0-9a-fA-F]{2})+$/.test(text)) {
    return { problem: 'filter error: bcontains and bstartswith operator support hex strings only' }
  }
  return { constant: Buffer.from(text, 'hex').toString('latin1') }
}

function parseNumber(text: string, type: FieldType): Parsed {
  if (type === 'PORT' && !/^[0-9]+$/.test(text)) {
    const port = text === '' ? 0 : portOfService(text)
    return port === null ? { problem: `unrecognized protocol ${shown(text)}` } : { constant: port }
  }
  // Only whole numbers, also for a DOUBLE: Falco reads no fraction.
  if (!DECIMAL.test(text) && !HEX.test(text)) return { problem: `${shown(text)} is not a valid number` }
  const value = BigInt(text.startsWith('+') ? text.slice(1) : text)
  const range = INTEGER_RANGES[type]
  // As in C, -1 of an unsigned type is its highest value: rules test for an unset id with it.
  const isWrapped = range !== undefined && !range.isSigned && value < 0n
  return { constant: wholeNumber(isWrapped ? BigInt.asUintN(range.bits, value) : value) }
}

// Warnings about legal values that may be mistakes: a text that is the name of a field, a regex that a simpler operator replaces.

const FIELD_FORM = /^([a-zA-Z][a-zA-Z0-9_]*(?:\.[a-zA-Z][a-zA-Z0-9_]*)+)(?:\[([^\]]*)\])?$/

/** Warnings about one value of an operator. */
export function valueWarnings(operator: Operator, text: string): string[] {
  const warnings: string[] = []
  const shown = fromByteText(text)
  if (operator === 'regex' && isPlainRegex(text)) {
    warnings.push(`regex check with '${shown}' may be optimized with simpler operators such as '=', 'contains', 'startswith', 'endswith'`)
  }
  const compact = text.replace(/[ \t\n\v\f\r]/g, '')
  const form = FIELD_FORM.exec(compact)
  if (form?.[1] !== undefined && !('problem' in resolveField(form[1], form[2] ?? null))) {
    warnings.push(`'${shown}' may be a valid field misused as a const string value`)
  }
  if (['val', ...TRANSFORMERS].some((name) => compact.startsWith(`${name}(`) && compact.endsWith(')'))) {
    warnings.push(`'${shown}' may be a valid field transformer misused as a const string value`)
  }
  return warnings
}

const SPECIAL = '.+*?^$()[]{}|\\'
const REPEATS = '+*?'

/** A pattern without special characters except anchors and a repeated dot at either end. */
function isPlainRegex(pattern: string): boolean {
  const last = pattern.length - 1
  for (let i = 0; i < pattern.length; i++) {
    const char = pattern.charAt(i)
    if ((i === 0 && char === '^') || (i === last && char === '$')) continue
    const isAtEdge = (i === 0 && pattern.length > 1) || i === last - 1
    if (isAtEdge && char === '.' && REPEATS.includes(pattern.charAt(i + 1)) && pattern.charAt(i + 1) !== '') {
      i++
      continue
    }
    if (SPECIAL.includes(char)) return false
  }
  return true
}
