// Which of the rules for a type of event are asked about one event: those that can be about its process. In load order.
import type { CompiledRule } from '../../compiled-rule.js'
import { indexKeyOf, indexNameOf, isSameOperand } from '../../compile/index-key.js'
import type { IndexKey } from '../../compile/index-key.js'
import type { BoundExpression, BoundOperand } from '../../compile/bound-tree.js'
import type { EventMemory, SlotReader } from './event-memory.js'

/** A rule that is asked, by its place in the load order. */
export interface IndexedRule {
  readonly rule: CompiledRule
  readonly position: number
  /** As it is for events of the type. */
  readonly condition: BoundExpression
}

/** Lists that are kept for names of one key; a name that comes when there are more is looked up rule by rule. */
const MAX_KEPT_LISTS = 5_000

/** Rules for one type of event that share the field of their key, or have none. */
export class Lane<Rule extends IndexedRule> {
  readonly #key: { readonly read: SlotReader; readonly view: IndexKey['view'] } | null
  readonly #all: readonly Rule[]
  /** Rules without a key, for names that no rule asks for. */
  readonly #keyless: readonly Rule[]
  readonly #byName: ReadonlyMap<string, readonly Rule[]>
  /** Both together in load order, for names that some rule asks for. */
  readonly #kept = new Map<string, readonly Rule[]>()

  constructor(rules: readonly (readonly [Rule, IndexKey | null])[], reader: (operand: BoundOperand) => SlotReader) {
    const [first] = rules.flatMap(([, key]) => (key === null ? [] : [key]))
    this.#key = first === undefined ? null : { read: reader(first.operand), view: first.view }
    this.#all = rules.map(([rule]) => rule)
    this.#keyless = rules.flatMap(([rule, key]) => (key === null ? [rule] : []))
    const byName = new Map<string, Rule[]>()
    for (const [rule, key] of rules) {
      for (const name of key?.names ?? []) {
        const named = byName.get(name)
        if (named === undefined) byName.set(name, [rule])
        else named.push(rule)
      }
    }
    this.#byName = byName
  }

  rulesFor(memory: EventMemory): readonly Rule[] {
    if (this.#key === null) return this.#all
    const name = indexNameOf(this.#key.view, this.#key.read(memory))
    if (name === null) return this.#all
    const named = this.#byName.get(name)
    if (named === undefined) return this.#keyless
    const kept = this.#kept.get(name)
    if (kept !== undefined) return kept
    const merged = [...this.#keyless, ...named].sort((a, b) => a.position - b.position)
    if (this.#kept.size < MAX_KEPT_LISTS) this.#kept.set(name, merged)
    return merged
  }
}

/** Lists of rules to ask about events of one type, each in load order; Falco's rules stand in the first. @param rules in load order */
export function lanesOf<Rule extends IndexedRule>(rules: readonly Rule[], reader: (operand: BoundOperand) => SlotReader): Lane<Rule>[] {
  const keyed = rules.map((rule): Keyed<Rule> => [rule, indexKeyOf(rule)])
  return splitLanes(keyed).map((lane) => new Lane(lane, reader))
}

type Keyed<Rule> = readonly [Rule, IndexKey | null]

/** Falco's rules in one lane, since the first that holds may speak for all; Sigma's in one for each field of a key. */
function splitLanes<Rule extends IndexedRule>(rules: readonly Keyed<Rule>[]): Keyed<Rule>[][] {
  const falco = rules.filter(([{ rule }]) => rule.language === 'falco')
  const lanes: Keyed<Rule>[][] = falco.length === 0 ? [] : [falco]
  const sigma: Keyed<Rule>[][] = []
  for (const one of rules) {
    const [{ rule }, key] = one
    if (rule.language === 'falco') continue
    const lane = sigma.find(
      (others) => laneKey(others) === null || key === null || isSameOperand(laneKey(others) ?? key.operand, key.operand),
    )
    if (lane === undefined) sigma.push([one])
    else lane.push(one)
  }
  return [...lanes, ...sigma]
}

function laneKey<Rule>(lane: readonly Keyed<Rule>[]): BoundOperand | null {
  return lane.find(([, key]) => key !== null)?.[1]?.operand ?? null
}
