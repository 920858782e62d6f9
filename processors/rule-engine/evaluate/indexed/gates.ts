// Gates: cheap tests, shared by several rules, that must not be false if a rule is to hold. They run before the rule itself, and nearly every
// event fails one of them. Part of the index: they never exclude a rule that could hold. Their verdicts are stored for the rule.
import { type EventMemory, FALSE, NOT_EVALUATED } from './event-memory.js'
import type { SharedNode, SharedTest, SharedTests } from './shared-tests.js'

/** A test, and the slot of its verdict. */
export interface Gate {
  readonly slot: number
  readonly evaluate: SharedTest
}

/** A rule can hold only if no gate of at least one of the lists is false. An empty list excludes nothing. */
export type Alternatives = readonly (readonly Gate[])[]

/** More expensive tests run in the rule itself, so that their time counts for it. */
const MAX_COST = 16
/** With more alternatives, evaluating the rule is as cheap. */
const MAX_ALTERNATIVES = 8

/**
 * Chooses the gates of rules. Call it after all rules were added and before their tests are taken.
 * @param rules for each rule, the nodes that must all hold
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

/** False if the event can't match the rule. */
export function mayHold(alternatives: Alternatives, memory: EventMemory): boolean {
  for (const gates of alternatives) if (areOpen(gates, memory)) return true
  return false
}

/** True if none of the gates is false. */
export function areOpen(gates: readonly Gate[], memory: EventMemory): boolean {
  const { verdicts } = memory
  for (const { slot, evaluate } of gates) {
    let verdict = verdicts[slot]
    if (verdict === NOT_EVALUATED) verdict = verdicts[slot] = evaluate(memory)
    if (verdict === FALSE) return false
  }
  return true
}

/** Gates that are in every alternative of all the rules. */
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

/** The terms that must not be false. */
function termsOf(node: SharedNode): readonly SharedNode[] {
  return node.expression.kind === 'and' ? node.children.flatMap(termsOf) : [node]
}

/** Exclusions are nearly always true, so they exclude no rule. */
function isCheap({ expression, cost }: SharedNode): boolean {
  return cost <= MAX_COST && expression.kind !== 'not' && !(expression.kind === 'comparison' && expression.operator === '!=')
}
