// What the oracle evaluates: fields with their values, absent, or unknown until facts arrive. From a field map, or from a record through the
// extractors of the field catalogue, which the oracle does not check.
import { isIP } from 'node:net'
import { resolveField } from '../../../../processors/rule-engine/fields/catalogue.js'
import type { FieldType } from '../../../../processors/rule-engine/fields/field-type.js'
import type { Plurality } from '../../../../processors/rule-engine/fields/field.js'
import { UNKNOWN } from '../../../../processors/rule-engine/fields/field-value.js'
import type { RuleEvent } from '../../../../processors/rule-engine/fields/rule-event.js'
import { toBytes } from '../bytes.js'
import type { FieldName } from './condition.js'
import { addressBytes } from './address.js'

/** A value that is unknown until facts arrive. */
export const OPEN: unique symbol = Symbol('open until facts come')

/** Texts, buffers and addresses are byte text; whole numbers bigint, others number. */
export type Scalar = string | number | bigint | boolean
export type OracleValue = Scalar | readonly Scalar[] | undefined | typeof OPEN

export interface OracleEvent {
  read(field: FieldName): OracleValue
}

export type Family = 'text' | 'bytes' | 'number' | 'fraction' | 'bool' | 'address' | 'network'

/** What the catalogue says about a field: how it is compared, and how many values it has. */
export interface FieldKind {
  readonly type: FieldType
  readonly family: Family
  readonly plurality: Plurality
}

const FAMILIES: Readonly<Partial<Record<FieldType, Family>>> = {
  CHARBUF: 'text',
  FSPATH: 'text',
  FSRELPATH: 'text',
  BYTEBUF: 'bytes',
  BOOL: 'bool',
  DOUBLE: 'fraction',
  IPADDR: 'address',
  IPNET: 'network',
}

/** @throws TypeError for a field that the catalogue does not have */
export function kindOf({ name, argument }: FieldName): FieldKind {
  const found = resolveField(name, argument)
  if ('problem' in found) throw new TypeError(found.problem)
  return { type: found.type, family: FAMILIES[found.type] ?? 'number', plurality: found.plurality }
}

/** A field map as the command line takes it: keys as conditions write them. */
export type OracleFieldMap = Readonly<Record<string, unknown>>

/** An event given as a field map; the named fields are unknown. */
export function fieldMapEvent(map: OracleFieldMap, open: ReadonlySet<string> = new Set()): OracleEvent {
  return {
    read(field) {
      const { name, argument } = field
      const key = argument === null ? name : Buffer.from(`${name}[${argument}]`, 'latin1').toString()
      if (open.has(key)) return OPEN
      const { family, plurality } = kindOf(field)
      const given = Object.hasOwn(map, key) ? map[key] : derived(map, field)
      if (given === undefined || given === null) return undefined
      if (!Array.isArray(given)) return scalar(given, family)
      const members = given.map((member) => scalar(member, family)).filter((member) => member !== undefined)
      // Only a list can be empty: ancestors and sides of another type can't be extracted.
      return members.length === 0 && plurality !== 'list' ? undefined : members
    },
  }
}

/** What follows from other fields of a map: a generation from all ancestors, both sides from each, the network of an address. */
function derived(map: OracleFieldMap, { name, argument }: FieldName): unknown {
  if (argument !== null && /^proc\.a(?!rgs$)[a-z]+$/.test(name)) {
    const ancestors = map[name]
    return Array.isArray(ancestors) ? (ancestors as unknown[])[Number(argument) - 1] : undefined
  }
  const sides: Readonly<Record<string, readonly string[]>> = {
    'fd.ip': ['fd.cip', 'fd.sip'],
    'fd.net': ['fd.cip', 'fd.sip'],
    'fd.cnet': ['fd.cip'],
    'fd.snet': ['fd.sip'],
    'fd.lnet': ['fd.lip'],
    'fd.rnet': ['fd.rip'],
    'fd.port': ['fd.cport', 'fd.sport'],
    'fd.proto': ['fd.cport', 'fd.sport'],
  }
  const values = (sides[name] ?? []).map((side) => map[side]).filter((value) => value !== undefined && value !== null)
  return values.length === 0 ? undefined : values
}

/** undefined for a value of another type: it can't be extracted. */
function scalar(given: unknown, family: Family): Scalar | undefined {
  if (typeof given === 'object' && given !== null && 'base64' in given)
    return Buffer.from(String(given.base64), 'base64').toString('latin1')
  switch (family) {
    case 'text':
    case 'bytes':
      return toBytes(String(given))
    case 'number':
      return /^\s*(?:-?[0-9]+|0[xX][0-9a-fA-F]+)\s*$/.test(String(given)) ? BigInt(String(given)) : undefined
    case 'fraction':
      return Number.isFinite(Number(given)) && String(given).trim() !== '' ? Number(given) : undefined
    case 'bool':
      return String(given) === 'true' || (String(given) === 'false' ? false : undefined)
    case 'address':
    case 'network':
      return isIP(String(given)) === 0 ? undefined : addressBytes(String(given))
  }
}

/** An event given as a record. */
export function recordEvent(ruleEvent: RuleEvent): OracleEvent {
  return {
    read(field) {
      const found = resolveField(field.name, field.argument)
      if ('problem' in found) throw new TypeError(found.problem)
      const { definition, argument } = found
      const value = definition.extract?.(ruleEvent, argument)
      if (value === UNKNOWN) return OPEN
      const { family } = kindOf(field)
      if (family !== 'number' || value === undefined) return value
      return Array.isArray(value) ? value.map((member: Scalar) => whole(member)) : whole(value as Scalar)
    },
  }
}

function whole(value: Scalar): Scalar {
  return typeof value === 'number' && Number.isInteger(value) ? BigInt(value) : value
}
