// Compiles one field with its values (`Image|endswith: [/nc, /ncat]`) to a term.
import type { ResolvedField } from '../../fields/catalogue.js'
import type { FilePlace } from '../../read/rule-file.js'
import type { CompileScope, WrittenText } from './compile-scope.js'
import { changedTexts, matchTexts } from './match-texts.js'
import { detectionProblem, itemKey, type DetectionItem, type WrittenValue } from '../read/detection.js'
import { allTerms, anyTerm, compareFields, compareTerm, existsTerm, notTerm, searchTerm, type Term, type TermOperand } from '../term.js'
import { plainNumber, readModifiers, type Modifiers } from '../values/modifiers.js'
import type { Placeholders } from '../values/placeholders.js'
import { parseValueText, plainText } from '../values/value-text.js'
import { parseNetwork, type Network } from '../../text/addresses.js'
import { fromByteText, toByteText } from '../../text/byte-text.js'
import { searchFor, searchOf, type Search } from '../../text/regex-steps.js'
import { compileRegularExpression } from '../../text/regular-expression.js'

/** @throws ItemError */
export function compileItem(item: DetectionItem, scope: CompileScope): Term {
  const key = itemKey(item)
  const modifiers = readModifiers(item.modifiers)
  if ('problem' in modifiers) throw detectionProblem(`${key}: ${modifiers.problem}`, item.place)
  if (item.field === '' && modifiers.type === 'exists') {
    throw detectionProblem(`${key}: 'exists' needs a field, and none is named`, item.place)
  }
  refuseNull(key, item.field, modifiers, item.values)
  const field = scope.field(item.field)
  // `all` tests each value separately: a field with several values can match each of them with another value.
  const groups = modifiers.isAll ? item.values.map((value) => [value]) : [item.values]
  const terms = groups.map((group) => compileValues(field, { ...modifiers, placeholders: item.placeholders }, group, scope))
  const term = modifiers.isAll ? allTerms(terms) : anyTerm(terms)
  return modifiers.isNegated ? notTerm(term) : term
}

/** Modifiers of an item, and placeholder values for it alone. */
interface ItemModifiers extends Modifiers {
  readonly placeholders: Placeholders
}

/** null means that the field is absent, so it goes with no modifier of texts. */
function refuseNull(key: string, name: string, modifiers: Modifiers, values: readonly WrittenValue[]): void {
  const given = values.find(({ text }) => text === null)
  if (given === undefined) return
  if (name === '') throw detectionProblem(`${key}: null means that a field is absent, and none is named`, given.place)
  const { type, position, changes, isExpanded } = modifiers
  if (type === 'text' && position === 'equals' && changes.length === 0 && !isExpanded) return
  throw detectionProblem(`${key}: null means that the field is absent and goes with no modifiers but all, cased and neq`, given.place)
}

/** A term that holds if any of the values matches. */
function compileValues(field: ResolvedField, modifiers: ItemModifiers, values: readonly WrittenValue[], scope: CompileScope): Term {
  const texts = values.filter((value): value is PresentValue => value.text !== null)
  const terms = texts.length === 0 ? [] : compileTexts(field, modifiers, texts, scope)
  if (texts.length < values.length) terms.push(notTerm(existsTerm(field)))
  return anyTerm(terms)
}

type PresentValue = WrittenValue & WrittenText

function compileTexts(field: ResolvedField, modifiers: ItemModifiers, values: readonly PresentValue[], scope: CompileScope): Term[] {
  const plain: TermOperand = { field, conversion: null, type: field.type }
  switch (modifiers.type) {
    case 'text': {
      const position = field.definition.isWholeEvent && modifiers.position === 'equals' ? 'contains' : modifiers.position
      const isWhole = position === 'equals' && modifiers.changes.length === 0
      const changed = changedTexts(isWhole ? values.flatMap(numberForms) : values, modifiers, scope)
      return changed.length === 0 ? [] : [matchTexts(changed, { field, position, isCased: modifiers.isCased })]
    }
    case 're': {
      const searches = values.flatMap((value) =>
        scope.expanded(value, modifiers.isExpanded, modifiers.placeholders).flatMap((text) => {
          const search = matchPattern(text, value.place, modifiers)
          if (!('unsupported' in search)) return [search]
          const where = `line ${String(value.place.line)}`
          scope.obstacles.add(`the regular expression of '${field.key}' (${where}) needs ${search.unsupported}, which is not supported`)
          return []
        }),
      )
      return searches.length === 0 ? [] : [searchTerm(plain, searches)]
    }
    case 'cidr': {
      const networks = values.flatMap((value) =>
        scope.expanded(value, modifiers.isExpanded, modifiers.placeholders).map((text) => networkOf(text, value.place)),
      )
      const shown = values.map(({ text }) => toByteText(text))
      return [compareTerm({ field, conversion: 'address', type: 'IPNET' }, 'in', networks, shown)]
    }
    case 'exists':
      return values.map(({ text, place }) => existence(field, text, place))
    case 'fieldref':
      return values.map((value) => fieldReference(field, value, modifiers, scope))
    case 'number':
      return [compareNumbers(field, modifiers, values)]
  }
}

/** A number as written, and in the form of events. */
function numberForms(value: PresentValue): PresentValue[] {
  const number = value.isPlain ? plainNumber(value.text) : null
  return number === null ? [value] : [value, { ...value, text: number }]
}

function networkOf(text: string, place: FilePlace): Network {
  const network = parseNetwork(text) ?? parseNetwork(`${text}/${text.includes(':') ? '128' : '32'}`)
  if (network === null) throw detectionProblem(`'${text}' is not a network: expected one like 10.0.0.0/8 or fe80::/10`, place)
  return network
}

function existence(field: ResolvedField, text: string, place: FilePlace): Term {
  const word = text.toLowerCase()
  if (word !== 'true' && word !== 'false') throw detectionProblem(`'exists' takes true or false, not '${text}'`, place)
  return word === 'true' ? existsTerm(field) : notTerm(existsTerm(field))
}

function fieldReference(field: ResolvedField, { text, place }: PresentValue, { position, isCased }: Modifiers, scope: CompileScope): Term {
  const name = plainText(parseValueText(text))
  if (name === null) throw detectionProblem(`'${text}' is not the name of a field: 'fieldref' takes no wildcards`, place)
  const operand = (of: ResolvedField): TermOperand => ({ field: of, conversion: isCased ? null : 'casefold', type: of.type })
  return compareFields(operand(field), position === 'equals' ? '=' : position, operand(scope.field(fromByteText(name))))
}

function compareNumbers(field: ResolvedField, { comparison, timePart }: Modifiers, values: readonly PresentValue[]): Term {
  const operand: TermOperand = { field, conversion: timePart ?? 'number', type: 'DOUBLE' }
  const numbers = values.map(({ text, place }) => {
    const number = text.trim() === '' ? NaN : Number(text)
    if (!Number.isFinite(number)) throw detectionProblem(`'${text}' is not a number, which this modifier requires`, place)
    return number
  })
  if (comparison === null) return compareTerm(operand, 'in', numbers, numbers.map(String))
  return anyTerm(numbers.map((number) => compareTerm(operand, comparison, [number], [String(number)])))
}

/** Longest regular expression, characters. RE2 bounds its program. */
const MAX_PATTERN = 16 * 1024

/** Features of Perl's expressions that RE2 lacks, because they can take exponential time. The Sigma specification does not allow them either. */
const UNSUPPORTED: readonly (readonly [part: RegExp, name: string])[] = [
  [/\(\?<?[=!]/, 'look-around'],
  [/\\[1-9]|\\k[<{']|\(\?P=/, 'back references'],
  [/\(\?>|[*+?}]\+/, 'possessive quantifiers or atomic groups'],
  [/\(\?\(/, 'conditions in the pattern'],
]

/**
 * Converts a regular expression (`|re`) to a pattern of the operator `regex`, which is anchored, while Sigma searches anywhere in the field.
 * @returns the pattern, or a valid feature of other engines that is not supported
 * @throws ItemError for an invalid expression
 */
function matchPattern(written: string, place: FilePlace, { flags, position }: Modifiers): Search | { readonly unsupported: string } {
  if (written.length > MAX_PATTERN) throw detectionProblem(`the regular expression is longer than ${String(MAX_PATTERN)} characters`, place)
  const pattern = toByteText(written)
  const compiled = compileRegularExpression(pattern)
  if (typeof compiled !== 'function') {
    const unsupported = UNSUPPORTED.find(([part]) => part.test(written))
    if (unsupported !== undefined) return { unsupported: unsupported[1] }
    throw detectionProblem(compiled.problem, place)
  }
  const rest = position === 'endswith' ? '' : '(?s:.*)'
  return position === 'startswith' ? searchOf(`(?${flags}:${pattern})${rest}`) : searchFor(pattern, flags, rest)
}
