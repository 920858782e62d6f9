// Compares one value with one written text by Falco's operators.
import { compileRegex } from '../../../../native/regex.js'
import { fromBytes } from '../bytes.js'
import { addressBytes, isInNetwork } from './address.js'
import { globMatches, isBelow } from './glob.js'
import type { Family, Scalar } from './oracle-event.js'

/** True when `value operator text` holds; for `in`, `intersects` and `pmatch`: when it holds for this one text of the list. */
export function holdsFor(value: Scalar, operator: string, text: string, family: Family): boolean {
  switch (family) {
    case 'text':
      return textHolds(String(value), operator, text)
    case 'bytes':
      return bufferHolds(String(value), operator, text)
    case 'number':
      return ordered(BigInt(value), operator, BigInt(portNumber(text)))
    case 'fraction':
      return ordered(Number(value), operator, Number(text))
    case 'bool':
      return ordered(Number(value), operator, text === 'true' ? 1 : 0)
    case 'address':
      return ordered(String(value), operator, addressBytes(text))
    case 'network':
      return isInNetwork(String(value), text) === (operator !== '!=')
  }
}

/** True when `value operator other` holds between two values of the same kind. */
export function holdsBetween(value: Scalar, operator: string, other: Scalar, family: Family): boolean {
  switch (family) {
    case 'text':
      return textHolds(String(value), operator, String(other))
    case 'bytes':
      return bufferHolds(String(value), operator, String(other))
    case 'network':
      throw new TypeError('networks are compared with written ones only')
    default:
      return ordered(value, operator, other)
  }
}

function textHolds(value: string, operator: string, text: string): boolean {
  switch (operator) {
    case 'contains':
      return value.includes(text)
    case 'icontains':
      return lower(value).includes(lower(text))
    case 'startswith':
      return value.startsWith(text)
    case 'endswith':
      return value.endsWith(text)
    case 'glob':
      return globMatches(text, value)
    case 'iglob':
      return globMatches(lower(text), lower(value))
    case 'regex':
      return compileRegex(fromBytes(text), { isWhole: true }).test(value)
    case 'pmatch':
      return isBelow(value, text)
    default:
      return ordered(value, operator, text)
  }
}

function bufferHolds(value: string, operator: string, text: string): boolean {
  switch (operator) {
    case 'contains':
      return value.includes(text)
    case 'startswith':
      return value.startsWith(text)
    case 'endswith':
      return value.endsWith(text)
    case 'bcontains':
      return value.includes(Buffer.from(text, 'hex').toString('latin1'))
    case 'bstartswith':
      return value.startsWith(Buffer.from(text, 'hex').toString('latin1'))
    default:
      return ordered(value, operator, text)
  }
}

function ordered<T extends Scalar>(value: T, operator: string, other: T): boolean {
  switch (operator) {
    case '=':
    case 'in':
    case 'intersects':
      return value === other
    case '!=':
      return value !== other
    case '<':
      return value < other
    case '<=':
      return value <= other
    case '>':
      return value > other
    case '>=':
      return value >= other
    default:
      throw new TypeError(`operator ${operator} is not for such values`)
  }
}

/** Only ASCII letters have a case. */
function lower(text: string): string {
  return text.replace(/[A-Z]/g, (letter) => letter.toLowerCase())
}

/** Ports may be written as names of services. */
function portNumber(text: string): string {
  const services: Readonly<Record<string, string>> = { ssh: '22', http: '80', https: '443', domain: '53' }
  return services[text] ?? text
}
