// Gates: tests that must not be false for a rule to hold, cheap ones that several rules share first. They are asked before the rule itself is; nearly every
// event fails one of them. Part of the index: an over-approximation, never too few, and each verdict is remembered for the rule.
import type { EventMemory } from './event-memory.js'
import type { SharedNode, SharedTest, SharedTests } from './shared-tests.js'
import { FALSE, NOT_JUDGED } from './event-memory.js'

/** A test, and where its verdict is remembered. */
export interface Gate {
  readonly slot: number
  readonly judge: SharedTest
}

/** A rule may hold only when of one of the lists no gate is false. An empty list says nothing. */
export type Alternatives = readonly (readonly Gate[])[]

/** What costs more than this is asked by the rule itself, on whose account it then is. */
const MAX_COST = 16
/** More alternatives are no better than asking the rule. */
const MAX_ALTERNATIVES = 8

/**
 * Chooses the gates of rules. Call it when all of them were added, and before their tests are taken.
 * @param rules of each the nodes that must all hold
 */
export function chooseGates(rules: readonly (readonly SharedNode[])[], tests: SharedTests): Alternatives[] {
  const chosen = rules.map(alternativesOf)
  const uses = new Map<SharedNode, number>()
  for (const nodes of chosen.flat()) for (const node of nodes) uses.set(node, (uses.get(node) ?? 0) + 1)
  const rank = (node: SharedNode): number => node.cost / (uses.get(node) ?? 1)
  const nodes = [...uses.keys()]
  const remembered = tests.remember(nodes)
  const gates = new Map(nodes.map((node, index) => [node, remembered[index]]))
  return chosen.map((lists) => lists.map((nodes) => [...nodes].sort((a, b) => rank(a) - rank(b)).flatMap((node) => gates.get(node) ?? [])))
}

/** False when the event can't fulfil the rule. */
export function mayHold(alternatives: Alternatives, memory: EventMemory): boolean {
  for (const gates of alternatives) if (areOpen(gates, memory)) return true
  return false
}

/** True when none of the gates is false. */
export function areOpen(gates: readonly Gate[], memory: EventMemory): boolean {
  const { verdicts } = memory
  for (const { slot, judge } of gates) {
    let verdict = verdicts[slot]
    if (verdict === NOT_JUDGED) verdict = verdicts[slot] = judge(memory)
    if (verdict === FALSE) return false
  }
  return true
}

/** Gates that every alternative of every one of the rules has. */
export function commonGates(rules: readonly { readonly alternatives: Alternatives }[]): readonly Gate[] {
  const [first, ...rest] = rules.flatMap(({ alternatives }) => alternatives)
  return first === undefined ? [] : first.filter((gate) => rest.every((gates) => gates.includes(gate)))
}

function alternativesOf(nodes: readonly SharedNode[]): (readonly SharedNode[])[] {
  const terms = nodes.flatMap(termsOf)
  const own = terms.filter(isCheap)
  const choice = terms.find(({ expression, children }) => expression.kind === 'or' && children.length <= MAX_ALTERNATIVES)
  if (choice === undefined) return [own]
  return choice.children.map((child) => [...own, ...termsOf(child).filter(isCheap)])
}

/** The terms of which none may be false. */
function termsOf(node: SharedNode): readonly SharedNode[] {
  return node.expression.kind === 'and' ? node.children.flatMap(termsOf) : [node]
}

/** Exclusions nearly always hold: they rule nothing out. */
function isCheap({ expression, cost }: SharedNode): boolean {
  return cost <= MAX_COST && expression.kind !== 'not' && !(expression.kind === 'comparison' && expression.operator === '!=')
}
