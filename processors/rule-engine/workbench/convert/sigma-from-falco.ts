// Converts a Falco rule to a Sigma rule if that is exact: successful program starts, compared as texts, in fields that both languages have.
// Sigma ignores case by default, so every comparison has the modifier `cased`.
import { createHash } from 'node:crypto'
import type { CompiledRule } from '../../rule-set/compiled-rule.js'
import type { ComparisonCheck, Expression, Operand } from '../../language/tree.js'
import { printCondition, printOperand } from '../../language/printer.js'
import { fromByteText } from '../../text/byte-text.js'
import { converted, Inexact, sigmaNameOf, START_CATEGORY, type Conversion } from './conversion.js'

const LEVELS: Readonly<Record<CompiledRule['priority'], string>> = {
  emergency: 'critical',
  alert: 'critical',
  critical: 'critical',
  error: 'high',
  warning: 'medium',
  notice: 'low',
  informational: 'informational',
  debug: 'informational',
}

/** Conditions that together mean the same as `process_creation`. */
const IS_START = new Set(['evt.type in (execve, execveat)', 'evt.type in (execveat, execve)'])
const HAS_SUCCEEDED = new Set(['evt.rawres >= 0', 'evt.rawres = 0', 'evt.res = SUCCESS', 'evt.failed = false'])

/** The Sigma rule. */
export function sigmaFromFalco(rule: CompiledRule): Conversion {
  return converted(() => {
    const parts = conjuncts(rule.tree)
    const texts = parts.map((part) => printCondition(part))
    if (!texts.some((text) => IS_START.has(text)))
      throw new Inexact(`it is not about evt.type in (execve, execveat), which ${START_CATEGORY} is`)
    if (!texts.some((text) => HAS_SUCCEEDED.has(text))) throw new Inexact('it matches failed starts, too: evt.rawres >= 0 is not required')
    const rest = parts.filter((_part, index) => !IS_START.has(texts[index] ?? '') && !HAS_SUCCEEDED.has(texts[index] ?? ''))
    const searches = new Searches()
    const condition = rest.map((part) => searches.conditionOf(part)).join(' and ')
    if (condition === '') throw new Inexact('it matches every program start')
    return {
      title: rule.name,
      id: idOf(rule),
      status: 'experimental',
      description: rule.desc,
      tags: rule.tags.filter((tag) => /^[a-z0-9_-]+\.[a-z0-9._-]+$/.test(tag)),
      logsource: { product: 'linux', category: START_CATEGORY },
      detection: { ...searches.byName, condition },
      level: LEVELS[rule.priority],
    }
  })
}

function conjuncts(tree: Expression): readonly Expression[] {
  return tree.kind === 'and' ? tree.children.flatMap(conjuncts) : [tree]
}

/** A stable UUID (in the form of version 5), derived from the name of the rule. */
function idOf({ name }: CompiledRule): string {
  const hex = createHash('sha256').update(`falco rule ${name}`).digest('hex')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-5${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`
}

/** Collects the searches of the detection: one for each check. */
class Searches {
  readonly byName: Record<string, object> = {}
  #count = 0

  conditionOf(tree: Expression): string {
    switch (tree.kind) {
      case 'and':
      case 'or':
        if (tree.children.length === 0) throw new Inexact('it is never true')
        return `(${tree.children.map((child) => this.conditionOf(child)).join(` ${tree.kind} `)})`
      case 'not':
        return `not ${this.conditionOf(tree.child)}`
      case 'exists':
        return this.#add({ [`${fieldOf(tree.left).name}|exists`]: true })
      case 'comparison':
        return this.#comparison(tree)
      case 'macro':
        throw new Inexact(`a reference is left: ${tree.name}`)
    }
  }

  #comparison(check: ComparisonCheck): string {
    const { left, right, operator } = check
    if (right.kind === 'field' || right.kind === 'transformer') throw new Inexact('two fields are compared')
    const { name, isFolded } = fieldOf(left)
    const texts = (right.kind === 'values' ? right.texts : [right.text]).map(fromByteText)
    if (texts.some((text) => text.includes('\ufffd'))) throw new Inexact('a value is not valid text')
    if (operator === '!=') {
      const equal = this.#add({ [keyOf(name, '=', isFolded, check)]: valuesOf('=', texts, isFolded) })
      return `(${this.#add({ [`${name}|exists`]: true })} and not ${equal})`
    }
    return this.#add({ [keyOf(name, operator, isFolded, check)]: valuesOf(operator, texts, isFolded) })
  }

  #add(search: object): string {
    const name = `check_${String(++this.#count)}`
    this.byName[name] = search
    return name
  }
}

function fieldOf(operand: Operand): { readonly name: string; readonly isFolded: boolean } {
  const input = operand.kind === 'transformer' ? operand.inputs[0] : operand
  const isFolded = operand.kind === 'transformer'
  if (input?.kind !== 'field' || (operand.kind === 'transformer' && operand.name !== 'tolower')) {
    throw new Inexact(`${printOperand(operand)} has no equivalent`)
  }
  const name = input.argument === null ? sigmaNameOf(input.name) : undefined
  if (name === undefined) throw new Inexact(`no field of Sigma is the same as ${printOperand(input)}`)
  return { name, isFolded }
}

const MODIFIER_OF: Readonly<Record<string, string>> = {
  '=': '',
  '==': '',
  in: '',
  contains: '|contains',
  startswith: '|startswith',
  endswith: '|endswith',
  regex: '|re',
}

function keyOf(name: string, operator: string, isFolded: boolean, { modifier }: ComparisonCheck): string {
  const how = MODIFIER_OF[operator]
  if (how === undefined || modifier === 'oneof') throw new Inexact(`${modifier ?? operator} has no equivalent`)
  const isCased = !isFolded && operator !== 'regex'
  return `${name}${how}${modifier === 'allof' ? '|all' : ''}${isCased ? '|cased' : ''}`
}

function valuesOf(operator: string, texts: readonly string[], isFolded: boolean): string | readonly string[] {
  const values = texts.map((text) => {
    if (operator === 'regex') return `\\A(?:${text})\\z`
    if (text === '' && operator !== '=' && operator !== 'in') throw new Inexact('it searches for an empty text')

    if (isFolded && (text !== text.toLowerCase() || /[^\x00-\x7f]/.test(text)))
      throw new Inexact('a text in lower case is compared with one that is not')
    return text.replace(/[\\*?]/g, '\\$&')
  })
  if (isFolded && operator === 'regex') throw new Inexact('a text in lower case is matched by a pattern')
  const [only] = values
  return values.length === 1 && only !== undefined ? only : values
}
