// What an event should contain so that a Sigma rule may match it: a value for each of its fields.
import type { SigmaNode, SigmaTest } from '../../oracle/sigma/sigma-rule.js'
import { satisfyingText } from './satisfying-text.js'
import type { Random } from '../random.js'
import type { Wish } from './wish.js'

/** Key of the keywords in a wish. */
export const KEYWORDS = ''

/** A wish, by Sigma's names of fields. */
export function sigmaWishFor(detection: SigmaNode, random: Random): Wish {
  const wish: Wish = new Map()
  fulfil(detection, true, wish, random)
  return wish
}

function fulfil(node: SigmaNode, wanted: boolean, wish: Wish, random: Random): void {
  switch (node.kind) {
    case 'not':
      fulfil(node.node, !wanted, wish, random)
      return
    case 'and':
    case 'or': {
      if (node.nodes.length === 0) return
      const all = (node.kind === 'and') === wanted
      for (const inner of all ? node.nodes : [random.pick(node.nodes)]) fulfil(inner, wanted, wish, random)
      return
    }
    case 'count': {
      const chosen = wanted ? random.shuffled(node.nodes).slice(0, node.least) : []
      for (const inner of chosen) fulfil(inner, true, wish, random)
      return
    }
    case 'test':
      if (wanted) fulfilTest(node, wish, random)
      return
  }
}

function fulfilTest({ field, modifiers, values }: SigmaTest, wish: Wish, random: Random): void {
  const key = field ?? KEYWORDS
  const written = values.filter((value) => value !== null).map((value) => plain(String(value), modifiers, random))
  if (written.length === 0) {
    wish.delete(key)
    return
  }
  const chosen = modifiers.includes('all') ? written : [random.pick(written)]
  for (const text of chosen) wish.set(key, satisfyingText(operatorOf(field, modifiers), [text], wish.get(key) ?? null, random))
}

function operatorOf(field: string | null, modifiers: readonly string[]): string {
  const known: Readonly<Record<string, string>> = { re: 'regex', lt: '<', lte: '<=', gt: '>', gte: '>=', neq: '!=' }
  for (const modifier of modifiers) {
    if (['contains', 'startswith', 'endswith'].includes(modifier)) return modifier
    const operator = known[modifier]
    if (operator !== undefined) return operator
  }
  return field === null ? 'contains' : '='
}

/** A text that matches the value: wildcards are filled, escapes removed; an address in a network. */
function plain(value: string, modifiers: readonly string[], random: Random): string {
  if (modifiers.includes('re')) return value
  if (modifiers.includes('cidr')) return value.replace(/\/.*$/, '')
  return value.replace(/\\([\\*?])|[*?]/g, (whole, escaped: string | undefined) => {
    if (escaped !== undefined) return escaped
    return whole === '?' ? random.pick(['a', '7']) : random.pick(['', 'usr', ' -x '])
  })
}
