// Events given as a map of field names to values, which `rules eval` and rule tests use in place of records. Values are used as given. Only a
// numbered ancestor (from the list of all), two-sided fields (from their sides) and the names of a process (from its paths) are derived.
import type { ResolvedField } from '../fields/catalogue.js'
import { familyOf } from '../fields/field-type.js'
import { wholeNumber, type FieldValue, type ScalarValue } from '../fields/field-value.js'
import { toByteText } from '../text/byte-text.js'
import { parseAddress } from '../text/addresses.js'
import type { FieldSource } from '../fields/field-source.js'

/** A map as JSON holds it. */
export type FieldMap = Readonly<Record<string, unknown>>

/** Names of the sides that a two-sided field, or a network, may be made of. */
const SIDES: ReadonlyMap<string, readonly string[]> = new Map([
  ['fd.ip', ['fd.cip', 'fd.sip']],
  ['fd.port', ['fd.cport', 'fd.sport']],
  ['fd.net', ['fd.cip', 'fd.sip']],
  ['fd.proto', ['fd.cport', 'fd.sport']],
])
const ADDRESS_OF_NETWORK: ReadonlyMap<string, string> = new Map([
  ['fd.cnet', 'fd.cip'],
  ['fd.snet', 'fd.sip'],
  ['fd.lnet', 'fd.lip'],
  ['fd.rnet', 'fd.rip'],
])

/** Fields that hold file names, and the fields of which these are the file names. */
const NAMES: ReadonlyMap<string, readonly string[]> = new Map([
  ['proc.names', ['proc.name', 'proc.exepath', 'proc.script', 'proc.exe']],
  ['proc.pnames', ['proc.pname', 'proc.pexepath']],
  ['proc.anames', ['proc.aname', 'proc.aexepath']],
])
const fileNames = (paths: unknown): unknown[] =>
  [paths].flat().map((path) => (typeof path === 'string' ? path.slice(path.lastIndexOf('/') + 1) : path))

/** Reads fields from a map. */
export class FieldMapSource implements FieldSource {
  readonly #map: FieldMap

  constructor(map: FieldMap) {
    this.#map = map
  }

  value(field: ResolvedField): FieldValue {
    if (field.definition.isWholeEvent) return convert(Object.values(this.#map).flat(), field)
    const given = this.#given(field.key)
    if (given !== undefined) return convert(given, field)
    const { name, argument, plurality } = field.definition
    if (argument === 'index' && typeof field.argument === 'number' && field.argument > 0) {
      const all = plurality === 'any' ? this.#given(name) : undefined
      return Array.isArray(all) ? convert(all[field.argument - 1], field) : undefined
    }
    const sides = SIDES.get(name)
      ?.map((side) => this.#given(side))
      .filter((side) => side !== undefined)
    if (sides !== undefined && sides.length > 0) return convert(sides, field)
    const names = NAMES.get(name)?.flatMap((source) => (source.endsWith('name') ? this.#given(source) : fileNames(this.#given(source))))
    if (names !== undefined) return convert(names, field)
    const address = ADDRESS_OF_NETWORK.get(name)
    return address === undefined ? undefined : convert(this.#given(address), field)
  }

  #given(key: string): unknown {
    const value = Object.hasOwn(this.#map, key) ? this.#map[key] : undefined
    return value === null ? undefined : value
  }
}

function convert(given: unknown, field: ResolvedField): FieldValue {
  if (field.plurality === 'one') return Array.isArray(given) ? undefined : scalar(given, field)
  const members = (Array.isArray(given) ? given : [given])
    .map((member: unknown) => scalar(member, field))
    .filter((value) => value !== undefined)
  return field.plurality !== 'list' && members.length === 0 ? undefined : members
}

function scalar(given: unknown, field: ResolvedField): ScalarValue | undefined {
  const bytes = givenBytes(given)
  if (bytes === undefined) return undefined
  switch (familyOf(field.type)) {
    case 'text':
    case 'bytes':
      return bytes
    case 'bool':
      return bytes === 'true' || bytes === '1' ? true : bytes === 'false' || bytes === '0' ? false : undefined
    case 'address':
    case 'network':
      return parseAddress(bytes) ?? undefined
    case 'number':
      if (/^[+-]?[0-9]{1,40}$/.test(bytes)) return wholeNumber(BigInt(bytes))
      return bytes.trim() === '' || !Number.isFinite(Number(bytes)) ? undefined : Number(bytes)
  }
}

/** Any given value as byte text; undefined for anything else. */
function givenBytes(given: unknown): string | undefined {
  if (typeof given === 'string') return toByteText(given)
  if (typeof given === 'number' || typeof given === 'boolean') return String(given)
  if (typeof given !== 'object' || given === null || !('base64' in given) || typeof given.base64 !== 'string') return undefined
  return Buffer.from(given.base64, 'base64').toString('latin1')
}
