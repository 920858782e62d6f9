// Field maps for a Sigma rule, by Sigma's names: values that its tests require, near misses, values of other tests, absent and unknown fields.
import type { SigmaNode, SigmaTest } from '../oracle/sigma/sigma-rule.js'
import type { GeneratedMap } from './field-maps.js'
import { nearMiss } from './wish/near-miss.js'
import type { Random } from './random.js'
import { KEYWORDS, sigmaWishFor } from './wish/sigma-wish.js'

const FATES = [
  [50, 'wished'],
  [20, 'near'],
  [12, 'other'],
  [12, 'absent'],
  [6, 'open'],
] as const

/** A map for the rule. */
export function sigmaMapFor(detection: SigmaNode, random: Random): GeneratedMap {
  const wish = sigmaWishFor(detection, random)
  const isFaithful = random.chance(0.4)
  const fields: Record<string, unknown> = {}
  const open = new Set<string>()
  const tests = testsOf(detection)
  for (const field of new Set(tests.map((test) => test.field ?? KEYWORDS))) {
    const key = field === KEYWORDS ? 'message' : field
    const fate = isFaithful && wish.has(field) ? 'wished' : random.weighted(FATES)
    // Keywords search every value: if one is unknown, all of them are.
    if (fate === 'open' && field !== KEYWORDS && !tests.some((test) => test.field === null)) open.add(key)
    if (fate === 'open' || fate === 'absent') continue
    const wished = wish.get(field) ?? ''
    const others = tests.filter((test) => (test.field ?? KEYWORDS) === field).flatMap((test) => test.values)
    const other = String(random.pick(others.length === 0 ? [''] : others) ?? '')
    fields[key] = fate === 'wished' ? wished : fate === 'near' ? nearMiss(wished, random) : other
    if (random.chance(0.15)) fields[key] = String(fields[key]).toUpperCase()
  }
  return { fields, open }
}

function testsOf(node: SigmaNode): SigmaTest[] {
  switch (node.kind) {
    case 'test':
      return [node]
    case 'not':
      return testsOf(node.node)
    default:
      return node.nodes.flatMap(testsOf)
  }
}
