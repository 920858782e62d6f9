// Stage 2 of the candidate filter: what a check looks for in the text of one operand. `needles` are necessary: without any of them the check is false.
import type { BoundCheck, BoundComparison, BoundOperand, Constant } from '../compile/bound-tree.js'
import { familyOf } from '../fields/field-type.js'
import type { Network } from '../text/addresses.js'
import { isAscii } from '../text/byte-text.js'
import { requirementOf } from '../text/required-texts.js'
import { globLiterals, lowerAscii } from '../../../infra/text/glob.js'

/**
 * Where a text is looked for. foldedPart: anywhere, without regard to the case of ASCII letters; its text is lower case. length: nowhere; its text is
 * the number of bytes that the value has at least.
 */
export const NEEDLE_KINDS = ['equal', 'prefix', 'suffix', 'part', 'foldedPart', 'length'] as const
export type NeedleKind = (typeof NEEDLE_KINDS)[number]

/** A text to look for, byte text. */
export interface Needle {
  readonly kind: NeedleKind
  readonly text: string
}

/** What follows from a check on a text. */
export interface FieldTest {
  /** One of them must be found; null if the check only needs a value. */
  readonly needles: readonly Needle[] | null
  /** The check holds as soon as one is found (for null: as soon as there is a value). */
  readonly isExact: boolean
}

const PRESENT: FieldTest = { needles: null, isExact: true }
/** Nothing but that there must be a value. */
const UNDECIDED: FieldTest = { needles: null, isExact: false }

/** Nearly every text has fewer bytes. */
const MIN_LENGTH = 8

const LOOKS: Readonly<Partial<Record<string, NeedleKind>>> = {
  '=': 'equal',
  '==': 'equal',
  in: 'equal',
  intersects: 'equal',
  contains: 'part',
  bcontains: 'part',
  icontains: 'foldedPart',
  startswith: 'prefix',
  bstartswith: 'prefix',
  endswith: 'suffix',
}
const OF_SEVERAL: readonly string[] = ['in', 'intersects', 'pmatch']

/** The test of a check whose right side is constants, on an operand that is no number. */
export function fieldTestOf(check: BoundCheck): FieldTest {
  if (check.kind === 'exists') return PRESENT
  const { left, operator, modifier, right } = check
  if (right.kind !== 'constants') return UNDECIDED
  // `in` of a list asks all members, of which there may be none.
  if (left.plurality === 'list' && operator === 'in') return UNDECIDED
  const constants = modifier === null && !OF_SEVERAL.includes(operator) ? right.constants.slice(0, 1) : right.constants
  if (modifier === 'allof') return { needles: longestOf(constants.map((constant) => needlesOf(constant, check))), isExact: false }
  const needles: Needle[] = []
  for (const constant of constants) {
    const some = needlesOf(constant, check)
    if (some === null) return UNDECIDED
    needles.push(...some)
  }
  return { needles, isExact: modifier !== 'oneof' && LOOKS[operator] !== undefined }
}

/** Of several that are all required, the ones that are longest. */
function longestOf(choices: readonly (readonly Needle[] | null)[]): readonly Needle[] | null {
  let best: readonly Needle[] | null = null
  for (const choice of choices) if (choice !== null && (best === null || shortestOf(choice) > shortestOf(best))) best = choice
  return best
}

const shortestOf = (needles: readonly Needle[]): number => Math.min(...needles.map(({ text }) => text.length))

/** One of them must be found for the constant to match; null if none is known. */
function needlesOf(constant: Constant, { operator, left }: BoundComparison): readonly Needle[] | null {
  if (typeof constant === 'object') return operator === '!=' ? null : startsOf(constant).map((text) => ({ kind: 'prefix', text }))
  const text = String(constant)
  if (operator === 'regex') return ofExpression(text)
  if (operator === 'glob' || operator === 'iglob') return ofGlob(text, operator === 'iglob')
  if (operator === 'pmatch') return ofPath(text)
  const kind = LOOKS[operator]
  if (kind === undefined) return null
  if (isAddress(left)) return kind === 'equal' ? [{ kind, text: taggedAddress(text) }] : null
  return [{ kind, text: kind === 'foldedPart' ? lowerAscii(text) : text }]
}

/** Whether values of the operand are addresses, which are looked at with a tag. */
export const isAddress = ({ type }: BoundOperand): boolean => ['address', 'network'].includes(familyOf(type))

/** An address after its length: one of IPv4 is never the beginning of one of IPv6. */
export const taggedAddress = (address: string): string => String.fromCharCode(address.length) + address

/** What the addresses of a network begin with: its whole bytes, with each value that the next byte may have. */
function startsOf({ address, prefixBits }: Network): readonly string[] {
  const whole = taggedAddress(address).slice(0, 1 + (prefixBits >> 3))
  const bits = prefixBits & 7
  if (bits === 0) return [whole]
  const first = address.charCodeAt(prefixBits >> 3) & (0xff00 >> bits)
  return Array.from({ length: 1 << (8 - bits) }, (_, more) => whole + String.fromCharCode(first + more))
}

function ofExpression(pattern: string): readonly Needle[] | null {
  const { anyOf, ignoresCase, minLength } = requirementOf(pattern)
  if (anyOf === null || !anyOf.every(isAscii)) return minLength < MIN_LENGTH ? null : [{ kind: 'length', text: String(minLength) }]
  return anyOf.map((text) => ({ kind: ignoresCase ? 'foldedPart' : 'part', text: ignoresCase ? lowerAscii(text) : text }))
}

/** The longest literal text of the pattern. */
function ofGlob(pattern: string, ignoresCase: boolean): readonly Needle[] | null {
  const text = globLiterals(pattern).reduce((longest, piece) => (piece.length > longest.length ? piece : longest), '')
  if (text === '') return null
  return [{ kind: ignoresCase ? 'foldedPart' : 'part', text: ignoresCase ? lowerAscii(text) : text }]
}

/** A path or what is below it begins with its components, unless slashes are repeated. */
function ofPath(path: string): readonly Needle[] | null {
  const components = path.split('/').filter((component) => component !== '')
  const glob = components.findIndex((component) => /[*?[]/.test(component))
  const plain = glob < 0 ? components : components.slice(0, glob)
  if (plain.length === 0) return null
  const text = plain.join('/')
  const repeated: Needle = { kind: plain.length === 1 ? 'prefix' : 'part', text: '//' }
  return [{ kind: 'prefix', text: `/${text}` }, { kind: 'prefix', text }, repeated]
}
