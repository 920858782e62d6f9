// A Sigma rule as the oracle holds it: its condition with the searches expanded, each test as it is written.
import { parseAllDocuments } from 'yaml'
import { parseSigmaCondition, type SigmaConditionNode } from './parse-condition.js'

export type SigmaScalar = string | number | boolean | null

/** `Field|modifiers: values`, or keywords (field null). */
export interface SigmaTest {
  readonly kind: 'test'
  readonly field: string | null
  readonly modifiers: readonly string[]
  readonly values: readonly SigmaScalar[]
}

export type SigmaNode =
  | { readonly kind: 'and' | 'or'; readonly nodes: readonly SigmaNode[] }
  | { readonly kind: 'not'; readonly node: SigmaNode }
  /** True when this many of the nodes are true. */
  | { readonly kind: 'count'; readonly least: number; readonly nodes: readonly SigmaNode[] }
  | SigmaTest

export interface OracleSigmaRule {
  /** The id, or the title of a rule without one. */
  readonly id: string
  readonly category: string | null
  readonly service: string | null
  readonly product: string | null
  readonly detection: SigmaNode
}

type YamlMap = Readonly<Record<string, unknown>>

/** Rules of a file: every document that has a detection. */
export function sigmaRules(text: string): OracleSigmaRule[] {
  return parseAllDocuments(text).flatMap((document) => {
    const content: unknown = document.toJS()
    return isMap(content) && isMap(content['detection']) ? [sigmaRule(content, content['detection'])] : []
  })
}

function sigmaRule(content: YamlMap, detection: YamlMap): OracleSigmaRule {
  const source = isMap(content['logsource']) ? content['logsource'] : {}
  const named = (key: string): string | null => (typeof source[key] === 'string' ? source[key] : null)
  const searches = new Map<string, SigmaNode>()
  for (const [name, value] of Object.entries(detection)) {
    if (name !== 'condition' && name !== 'timeframe') searches.set(name, search(value))
  }
  const conditions = [detection['condition']].flat().map(String)
  const nodes = conditions.map((condition) => resolve(parseSigmaCondition(condition), searches))
  return {
    id: String(content['id'] ?? content['title']),
    category: named('category'),
    service: named('service'),
    product: named('product'),
    detection: nodes.length === 1 && nodes[0] !== undefined ? nodes[0] : { kind: 'or', nodes },
  }
}

/** A map is all of its fields, a list of maps any of them, a list of values keywords. */
function search(value: unknown): SigmaNode {
  if (isMap(value)) return { kind: 'and', nodes: Object.entries(value).map(([key, values]) => fieldTest(key, values)) }
  if (!Array.isArray(value)) return keywords([value])
  if (value.some(isMap)) return { kind: 'or', nodes: value.map(search) }
  return keywords(value)
}

function keywords(values: readonly unknown[]): SigmaTest {
  return { kind: 'test', field: null, modifiers: [], values: values.map(scalar) }
}

function fieldTest(key: string, value: unknown): SigmaTest {
  const [field = '', ...modifiers] = key.split('|')
  return { kind: 'test', field: field === '' ? null : field, modifiers, values: [value].flat().map(scalar) }
}

function scalar(value: unknown): SigmaScalar {
  if (value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value
  throw new TypeError(`no value of a detection: ${JSON.stringify(value)}`)
}

function resolve(node: SigmaConditionNode, searches: ReadonlyMap<string, SigmaNode>): SigmaNode {
  switch (node.kind) {
    case 'and':
    case 'or':
      return { kind: node.kind, nodes: node.nodes.map((inner) => resolve(inner, searches)) }
    case 'not':
      return { kind: 'not', node: resolve(node.node, searches) }
    case 'search': {
      const found = searches.get(node.name)
      if (found === undefined) throw new TypeError(`no search ${node.name}`)
      return found
    }
    case 'of': {
      const nodes = [...searches].filter(([name]) => isMeant(name, node.pattern)).map(([, found]) => found)
      return { kind: 'count', least: node.least === 'all' ? nodes.length : node.least, nodes }
    }
  }
}

/** `them` is every search whose name does not begin with an underscore. */
function isMeant(name: string, pattern: string): boolean {
  if (pattern === 'them') return !name.startsWith('_')
  const expression = pattern.replace(/[.+?^${}()|[\]\\]/g, '\\$&').replace(/\*/g, '.*')
  return new RegExp(`^${expression}$`).test(name)
}

function isMap(value: unknown): value is YamlMap {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
