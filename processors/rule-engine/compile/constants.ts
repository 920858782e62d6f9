// Texts of the right side to values of the type of the left: numbers in range, booleans, addresses, hex bytes.
import { nearestName } from '../../../infra/text/nearest.js'
import { parseAddress, parseNetwork } from '../text/addresses.js'
import { compileRegularExpression } from '../text/regular-expression.js'
import { isEventName, eventNames } from '../fields/kernel-names/event-names.js'
import type { FieldProblem } from '../fields/catalogue.js'
import { familyOf, INTEGER_RANGES } from '../fields/field-type.js'
import type { FieldType } from '../fields/field-type.js'
import { wholeNumber } from '../fields/field-value.js'
import { fromByteText } from '../text/byte-text.js'
import type { Operator } from '../language/tree.js'
import type { BoundOperand, Constant } from './bound-tree.js'
import { portOfService } from '../text/service-ports.js'

type Parsed = { readonly constant: Constant } | FieldProblem

/** Longest glob or regular expression: what it costs grows with it. */
const MAX_PATTERN = 4_096
const PATTERNS: readonly Operator[] = ['regex', 'glob', 'iglob', 'pmatch']

const DECIMAL = /^[+-]?[0-9]+$/
const HEX = /^0[xX][0-9a-fA-F]+$/

/**
 * @param text byte text as it stood in the condition
 * @returns the value, or the sentence that says why it is none
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
  // Whole numbers only, for a DOUBLE too: Falco reads no fraction.
  if (!DECIMAL.test(text) && !HEX.test(text)) return { problem: `${shown(text)} is not a valid number` }
  const value = BigInt(text.startsWith('+') ? text.slice(1) : text)
  const range = INTEGER_RANGES[type]
  // As in C, -1 for an unsigned type is its highest value: rules ask for an unset id so.
  const isWrapped = range !== undefined && !range.isSigned && value < 0n
  return { constant: wholeNumber(isWrapped ? BigInt.asUintN(range.bits, value) : value) }
}
