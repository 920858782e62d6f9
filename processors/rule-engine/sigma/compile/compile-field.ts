// One field with its values (`Image|endswith: [/nc, /ncat]`) to a term.
import type { ResolvedField } from '../../fields/catalogue.js'
import type { YamlNode } from '../../read/yaml-file.js'
import type { FilePlace } from '../../compiled-rule.js'
import { parseNetwork } from '../../text/addresses.js'
import type { Network } from '../../text/addresses.js'
import { toByteText } from '../../text/byte-text.js'
import type { Modifiers } from '../values/modifiers.js'
import { readModifiers } from '../values/modifiers.js'
import { changedTexts } from './change-texts.js'
import type { CompileScope } from './compile-scope.js'
import { matchPattern } from './match-pattern.js'
import { matchTexts } from './match-texts.js'
import { detectionProblem } from './sigma-problem.js'
import { allTerms, anyTerm, compareFields, compareTerm, existsTerm, notTerm } from './term.js'
import type { Term, TermOperand } from './term.js'

/** A value as written; null for YAML's null. */
export interface WrittenValue {
  readonly text: string | null
  readonly place: FilePlace
}

/**
 * @param key `Field|modifier|modifier`; the empty field means every value of the event
 * @throws ItemError
 */
export function compileField(key: string, keyPlace: FilePlace, node: YamlNode, scope: CompileScope): Term {
  const [name = '', ...given] = key.split('|')
  const modifiers = readModifiers(given)
  if ('problem' in modifiers) throw detectionProblem(`${key}: ${modifiers.problem}`, keyPlace)
  const values = valuesOf(key, node)
  const field = scope.field(name)
  // Every value asked apart for `all`: of a field with several values, each may be found in another.
  const groups = modifiers.isAll ? values.map((value) => [value]) : [values]
  const terms = groups.map((group) => compileValues(field, modifiers, group, scope))
  const term = modifiers.isAll ? allTerms(terms) : anyTerm(terms)
  return modifiers.isNegated ? notTerm(term) : term
}

function valuesOf(key: string, node: YamlNode): WrittenValue[] {
  const nodes = node.kind === 'sequence' ? node.items : [node]
  if (nodes.length === 0) throw detectionProblem(`${key}: expected at least one value`, node.place)
  return nodes.map(({ kind, text, place }) => {
    if (kind === 'map' || kind === 'sequence') throw detectionProblem(`${key}: a value must be a text, a number or null`, place)
    return { text: kind === 'null' ? null : text, place }
  })
}

/** A term that holds when any of the values does. */
function compileValues(field: ResolvedField, modifiers: Modifiers, values: readonly WrittenValue[], scope: CompileScope): Term {
  const texts = values.filter((value): value is WrittenValue & { readonly text: string } => value.text !== null)
  const terms = texts.length === 0 ? [] : compileTexts(field, modifiers, texts, scope)
  if (texts.length < values.length) terms.push(notTerm(existsTerm(field)))
  return anyTerm(terms)
}

interface PresentValue {
  readonly text: string
  readonly place: FilePlace
}

function compileTexts(field: ResolvedField, modifiers: Modifiers, values: readonly PresentValue[], scope: CompileScope): Term[] {
  const plain: TermOperand = { field, conversion: null, type: field.type }
  switch (modifiers.type) {
    case 'text': {
      const position = field.definition.isWholeEvent && modifiers.position === 'equals' ? 'contains' : modifiers.position
      const changed = changedTexts(values, modifiers, scope)
      return changed.length === 0 ? [] : [matchTexts(changed, { field, position, isCased: modifiers.isCased })]
    }
    case 're': {
      const patterns = values.flatMap((value) =>
        scope.expanded(value, modifiers.isExpanded).map((text) => matchPattern(text, value.place, modifiers)),
      )
      return patterns.length === 0 ? [] : [compareTerm(plain, 'regex', patterns, patterns)]
    }
    case 'cidr': {
      const networks = values.flatMap((value) => scope.expanded(value, modifiers.isExpanded).map((text) => networkOf(text, value.place)))
      const shown = values.map(({ text }) => toByteText(text))
      return [compareTerm({ field, conversion: 'address', type: 'IPNET' }, 'in', networks, shown)]
    }
    case 'exists':
      return values.map(({ text, place }) => existence(field, text, place))
    case 'fieldref':
      return values.map(({ text }) => fieldReference(field, text, modifiers, scope))
    case 'number':
      return [compareNumbers(field, modifiers, values)]
  }
}

function networkOf(text: string, place: FilePlace): Network {
  const network = parseNetwork(text) ?? parseNetwork(`${text}/${text.includes(':') ? '128' : '32'}`)
  if (network === null) throw detectionProblem(`'${text}' is no network: expected one like 10.0.0.0/8 or fe80::/10`, place)
  return network
}

function existence(field: ResolvedField, text: string, place: FilePlace): Term {
  const word = text.toLowerCase()
  if (word !== 'true' && word !== 'false') throw detectionProblem(`'exists' takes true or false, not '${text}'`, place)
  return word === 'true' ? existsTerm(field) : notTerm(existsTerm(field))
}

function fieldReference(field: ResolvedField, name: string, { position, isCased }: Modifiers, scope: CompileScope): Term {
  const operand = (of: ResolvedField): TermOperand => ({ field: of, conversion: isCased ? null : 'casefold', type: of.type })
  return compareFields(operand(field), position === 'equals' ? '=' : position, operand(scope.field(name)))
}

function compareNumbers(field: ResolvedField, { comparison, timePart }: Modifiers, values: readonly PresentValue[]): Term {
  const operand: TermOperand = { field, conversion: timePart ?? 'number', type: 'DOUBLE' }
  const numbers = values.map(({ text, place }) => {
    const number = text.trim() === '' ? NaN : Number(text)
    if (!Number.isFinite(number)) throw detectionProblem(`'${text}' is no number, which this modifier asks for`, place)
    return number
  })
  if (comparison === null) return compareTerm(operand, 'in', numbers, numbers.map(String))
  return anyTerm(numbers.map((number) => compareTerm(operand, comparison, [number], [String(number)])))
}
