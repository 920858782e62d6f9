// The verdict of a Sigma rule on an event, computed from its detection.
import { compileRegex } from '../../../../native/regex.js'
import { addressBytes, isInNetwork } from '../falco/address.js'
import { OPEN } from '../falco/oracle-event.js'
import { type Verdict, all, opposite, some } from '../kleene.js'
import { base64, base64Offsets, dashed, patternMatches, patternOf, plainText, widened, wide } from './pattern.js'
import type { SigmaEvent, SigmaValues } from './sigma-event.js'
import type { SigmaNode, SigmaScalar, SigmaTest } from './sigma-rule.js'

type Holds = (text: string) => boolean

const WIDENING = ['contains', 'startswith', 'endswith'] as const
const NUMBERS: Readonly<Record<string, (value: number, other: number) => boolean>> = {
  lt: (value, other) => value < other,
  lte: (value, other) => value <= other,
  gt: (value, other) => value > other,
  gte: (value, other) => value >= other,
}

export function evaluateSigma(node: SigmaNode, event: SigmaEvent): Verdict {
  switch (node.kind) {
    case 'and':
      return all(node.nodes.map((inner) => evaluateSigma(inner, event)))
    case 'or':
      return some(node.nodes.map((inner) => evaluateSigma(inner, event)))
    case 'not':
      return opposite(evaluateSigma(node.node, event))
    case 'count': {
      const verdicts = node.nodes.map((inner) => evaluateSigma(inner, event))
      if (verdicts.filter((verdict) => verdict === true).length >= node.least) return true
      return verdicts.filter((verdict) => verdict !== false).length >= node.least ? null : false
    }
    case 'test':
      return evaluateTest(node, event)
  }
}

function evaluateTest(test: SigmaTest, event: SigmaEvent): Verdict {
  const verdicts = test.values.map((value, at) => valueVerdict(test, value, event, at))
  return test.modifiers.includes('all') ? all(verdicts) : some(verdicts)
}

function valueVerdict(test: SigmaTest, value: SigmaScalar, event: SigmaEvent, at: number): Verdict {
  const { field, modifiers } = test
  const values = field === null ? event.everything() : event.read(field)
  // A comparison with an absent field is false, whatever the other field is.
  if (modifiers.includes('fieldref') && event.read(String(value)) === undefined) return false
  if (values === OPEN) return null
  if (value === null) return values === undefined
  if (modifiers.includes('exists')) return (values !== undefined) === (value === true || value === 'true')
  if (values === undefined) return false
  if (modifiers.includes('fieldref')) return refersTo(values, modifiers, event.read(String(value)))
  const holds = cachedMatcher(test, at, String(value))
  return modifiers.includes('neq') ? !values.some(holds) : values.some(holds)
}

/** Patterns are compiled once per rule: they take most of the oracle's time. */
const MATCHERS = new WeakMap<SigmaTest, Holds[]>()

function cachedMatcher(test: SigmaTest, at: number, value: string): Holds {
  const cached = MATCHERS.get(test) ?? []
  MATCHERS.set(test, cached)
  return (cached[at] ??= matcherOf(value, test.field === null ? [...test.modifiers, 'contains'] : test.modifiers))
}

function refersTo(values: readonly string[], modifiers: readonly string[], others: SigmaValues): Verdict {
  if (others === OPEN) return null
  if (others === undefined) return false
  const where = WIDENING.find((modifier) => modifiers.includes(modifier))
  return values.some((value) =>
    others.some((other) => {
      const [one, two] = modifiers.includes('cased') ? [value, other] : [value.toLowerCase(), other.toLowerCase()]
      if (where === 'contains') return one.includes(two)
      if (where === 'startswith') return one.startsWith(two)
      return where === 'endswith' ? one.endsWith(two) : one === two
    }),
  )
}

function matcherOf(written: string, modifiers: readonly string[]): Holds {
  if (modifiers.includes('re')) {
    const flags = ['i', 'm', 's'].filter((flag) => modifiers.includes(flag)).join('')
    const pattern = compileRegex(flags === '' ? written : `(?${flags})${written}`)
    return (text) => pattern.test(Buffer.from(text).toString('latin1'))
  }
  if (modifiers.includes('cidr')) return (text) => isInWrittenNetwork(text, written)
  const comparison = Object.keys(NUMBERS).find((name) => modifiers.includes(name))
  if (comparison !== undefined) {
    const other = Number(written)
    return (text) => text.trim() !== '' && NUMBERS[comparison]?.(Number(text), other) === true
  }
  const where = WIDENING.find((modifier) => modifiers.includes(modifier))
  const isCased = modifiers.includes('cased')
  const patterns = textsOf(written, modifiers).map((pattern) => (where === undefined ? pattern : widened(pattern, where)))
  return (text) => patterns.some((pattern) => patternMatches(pattern, text, isCased))
}

/** The patterns of a value: several if a modifier has several spellings. */
function textsOf(written: string, modifiers: readonly string[]): ReturnType<typeof patternOf>[] {
  const changes = modifiers.filter((name) => ['windash', 'base64', 'base64offset', 'wide', 'utf16le', 'utf16be', 'utf16'].includes(name))
  if (changes.length === 0) return [patternOf(written)]
  if (changes[0] === 'windash' && changes.length === 1) return dashed(written).map(patternOf)
  let texts = [Buffer.from(plainText(patternOf(written)), 'utf8').toString('latin1')]
  for (const change of changes) texts = texts.flatMap((text) => changed(text, change))
  return texts.map((text) => [...text])
}

function changed(bytes: string, change: string): string[] {
  const text = Buffer.from(bytes, 'latin1').toString('utf8')
  switch (change) {
    case 'base64':
      return [base64(bytes)]
    case 'base64offset':
      return base64Offsets(bytes)
    case 'utf16be':
      return [wide(text, 'be')]
    case 'utf16':
      return [`\u00ff\u00fe${wide(text, 'le')}`]
    case 'windash':
      return dashed(text).map((one) => Buffer.from(one, 'utf8').toString('latin1'))
    default:
      return [wide(text, 'le')]
  }
}

function isInWrittenNetwork(text: string, network: string): boolean {
  try {
    return isInNetwork(addressBytes(text), network)
  } catch {
    return false
  }
}
