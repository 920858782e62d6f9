// Value modifiers of a field (`CommandLine|re|i`) and their valid combinations.
import { nearestName } from '../../../../infra/text/nearest.js'
import { TIME_PARTS, type TimePart } from '../../language/tree.js'

/** Where in the field a text must be. equals: it is the whole field. */
export type Position = 'equals' | 'contains' | 'startswith' | 'endswith'

/** Changes of a text value, in the order of the rule. */
export const TEXT_CHANGES = ['windash', 'base64', 'base64offset', 'utf16', 'utf16le', 'utf16be', 'wide'] as const
/** One of them. */
export type TextChange = (typeof TEXT_CHANGES)[number]

const COMPARISONS = { lt: '<', lte: '<=', gt: '>', gte: '>=' } as const
const FLAGS: Readonly<Record<string, string>> = { i: 'i', ignorecase: 'i', m: 'm', multiline: 'm', s: 's', dotall: 's' }
const POSITIONS = ['contains', 'startswith', 'endswith'] as const
const TYPES = ['re', 'cidr', 'fieldref', 'exists'] as const

/** The meaning of the modifiers of one field. */
export interface Modifiers {
  /** Kind of the values. */
  readonly type: 'text' | 'number' | (typeof TYPES)[number]
  readonly position: Position
  readonly comparison: (typeof COMPARISONS)[keyof typeof COMPARISONS] | null
  readonly timePart: TimePart | null
  readonly changes: readonly TextChange[]
  /** Flags of a regular expression. */
  readonly flags: string
  readonly isAll: boolean
  readonly isCased: boolean
  readonly isNegated: boolean
  readonly isExpanded: boolean
}

const NAMES: readonly string[] = [
  ...['all', 'cased', 'neq', 'expand'],
  ...TEXT_CHANGES,
  ...POSITIONS,
  ...TYPES,
  ...Object.keys(COMPARISONS),
  ...Object.keys(FLAGS),
  ...TIME_PARTS,
]

const oneOf = <T extends string>(names: readonly T[], given: readonly string[]): T[] => names.filter((name) => given.includes(name))

/** Most modifiers of one field: each can lengthen a value. */
const MAX_MODIFIERS = 16

/** @returns the modifiers, or what is wrong with them */
export function readModifiers(given: readonly string[]): Modifiers | { readonly problem: string } {
  if (given.length > MAX_MODIFIERS) return { problem: `more than ${String(MAX_MODIFIERS)} modifiers` }
  for (const name of given) {
    if (NAMES.includes(name)) continue
    const near = nearestName(name, NAMES)
    return { problem: `unknown modifier '${name}'${near === undefined ? '' : ` (did you mean '${near}'?)`}` }
  }
  const comparisons = (Object.keys(COMPARISONS) as (keyof typeof COMPARISONS)[]).filter((name) => given.includes(name))
  const timeParts = oneOf(TIME_PARTS, given)
  const types = oneOf(TYPES, given)
  const positions = oneOf(POSITIONS, given)
  const changes = given.filter((name): name is TextChange => TEXT_CHANGES.some((change) => change === name))
  const flags = [...new Set(given.flatMap((name) => FLAGS[name] ?? []))].sort().join('')
  const isNumber = comparisons.length + timeParts.length > 0
  const several = [positions, comparisons, timeParts, isNumber ? [...types, ...comparisons, ...timeParts.slice(1)] : types].find(
    (names) => names.length > 1,
  )
  if (several !== undefined) return { problem: `modifiers '${several.join("' and '")}' do not go together` }
  const problem = misfit(given, types[0] ?? (isNumber ? 'number' : 'text'), changes, positions) ?? misorder(given)
  if (problem !== null) return { problem }
  const [comparison] = comparisons
  return {
    type: types[0] ?? (isNumber ? 'number' : 'text'),
    position: positions[0] ?? 'equals',
    comparison: comparison === undefined ? null : COMPARISONS[comparison],
    timePart: timeParts[0] ?? null,
    changes,
    flags,
    isAll: given.includes('all'),
    isCased: given.includes('cased'),
    isNegated: given.includes('neq'),
    isExpanded: given.includes('expand'),
  }
}

/** Modifiers that only some kinds of values allow. */
function misfit(
  given: readonly string[],
  type: Modifiers['type'],
  changes: readonly string[],
  positions: readonly string[],
): string | null {
  const [first] = [...changes, ...(given.includes('cased') && type !== 'fieldref' ? ['cased'] : [])]
  if (first !== undefined && type !== 'text') return `modifier '${first}' is one of texts and does not go with this kind of value`
  if (positions[0] !== undefined && (type === 'cidr' || type === 'exists' || type === 'number')) {
    return `modifier '${positions[0]}' is one of texts and does not go with this kind of value`
  }
  if (given.includes('expand') && (type === 'exists' || type === 'number' || type === 'fieldref')) {
    return "modifier 'expand' is one of texts and does not go with this kind of value"
  }
  return null
}

/** Modifiers apply in the order of the rule, but some need the value as written, or without wildcards. */
function misorder(given: readonly string[]): string | null {
  const isFlag = (name: string): boolean => Object.hasOwn(FLAGS, name)
  const flag = given.find((name, at) => isFlag(name) && !given.slice(0, at).includes('re'))
  if (flag !== undefined) return `modifier '${flag}' is one of regular expressions: it needs 're' before it`
  const isPosition = (name: string): boolean => POSITIONS.some((position) => position === name)
  for (const [at, name] of given.entries()) {
    const before = given.slice(0, at)
    const position = before.find(isPosition)
    if (position === undefined) continue
    if (name === 're' || name === 'fieldref') return `'${name}' takes the value as it is written: put it before '${position}'`
    if (name === 'base64' || name === 'base64offset') {
      return `'${name}' can't encode the wildcards that '${position}' adds to the value: put it before '${position}'`
    }
  }
  return null
}

// Numbers in the form of events: `0x1F`, `1.0` and `007` without quotes are 31, 1 and 7. Everything else is compared as text.

const NUMBER = /^[+-]?(?:0[xX][0-9a-fA-F]+|0o[0-7]+|[0-9]+(?:\.[0-9]*)?(?:[eE][+-]?[0-9]{1,3})?)$/

/** The number of an unquoted scalar in the form of events; null if it is no number, or has that form already. */
export function plainNumber(text: string): string | null {
  if (text.length > 40 || !NUMBER.test(text)) return null
  const sign = text.startsWith('-') ? -1 : 1
  const number = sign * Number(text.replace(/^[+-]/, ''))
  const written = String(number)
  return Number.isFinite(number) && Math.abs(number) <= Number.MAX_SAFE_INTEGER && written !== text ? written : null
}
