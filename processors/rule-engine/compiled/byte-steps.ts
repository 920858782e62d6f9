// Steps of the candidate filter on the bytes of a record: each shows the value of one operand, by its plan, to its masks. Steps whose values are made of the same
// bytes have a memo, which is asked before all steps: what it knows leaves few rows, or none.
import type { BoundOperand } from '../compile/bound-tree.js'
import { argumentPlan } from '../fields/arguments/argument-value.js'
import type { BytePlan } from '../fields/bytes/byte-plan.js'
import type { ScannedRecord } from '../fields/bytes/scanned-record.js'
import type { Symbols } from '../fields/bytes/symbols.js'
import type { ResolvedField } from '../fields/catalogue.js'
import type { RuleTopic } from '../fields/rule-event.js'
import { intersect, union, usedWords } from './bit-rows.js'
import { UNKNOWN_YET } from './byte-text.js'
import { numberValueOf, textValueOf } from './byte-value.js'
import { classOf, NumberClassifier, TextClassifier, type Classifier } from './classifier.js'
import { askAll, type ByteStep } from './decision-graph.js'
import { MaskUnions, NOT_NUMBERED } from './mask-unions.js'
import type { NumberMasks } from './number-masks.js'
import type { Source } from './source-masks.js'
import { TextMasks } from './text-masks.js'
import { MEMO_INPUTS, ValueMemo, type MemoGroup } from './value-memo.js'

/** An operand with what its values permit. */
export interface MaskedOperand {
  readonly operand: BoundOperand
  /** The field that it reads, as it is, folded, or the file name of a path; null for other transformers. */
  readonly field: ResolvedField | null
  readonly masks: TextMasks | NumberMasks
}

/** A step with what its values are made of; null for anything else. */
export interface PlacedStep extends Omit<ByteStep, 'covers' | 'used'> {
  readonly group: MemoGroup | null
}

export const GROUP_OF_SOURCE: Readonly<Record<Source, MemoGroup>> = { arguments: 'program', program: 'program', path: 'path' }

export function groupOf(plan: BytePlan, topic: RuleTopic): MemoGroup | null {
  switch (plan.kind) {
    case 'text':
      return ['process.name', 'process.exePath', 'process.program'].includes(plan.at) ? 'program' : null
    case 'argument':
    case 'argumentCount':
    case 'execveValues':
    case 'ifStarted':
      return 'program'
    case 'commandLine':
    case 'names':
      return plan.generation === 0 ? 'program' : null
    case 'path':
      return plan.which === 'given' ? null : 'path'
    case 'openedKind':
      return 'path'
    case 'auditPaths':
    case 'auditNameTypes':
      return topic === 'process' ? 'program' : topic === 'file' ? 'path' : null
    case 'socketKind':
    case 'address':
    case 'transport':
    case 'hostName':
      return topic === 'network' ? 'socket' : null
    default:
      return null
  }
}

/** Rough cost of a look at a value, in units of 10 ns. */
export function costOf(plan: BytePlan): number {
  switch (plan.kind) {
    case 'commandLine':
    case 'execveValues':
    case 'environment':
      return 30
    case 'names':
    case 'ancestor':
    case 'proven':
      return plan.generation === null ? 8 : 5
    case 'path':
    case 'auditPaths':
    case 'folder':
    case 'address':
      return 15
    case 'text':
    case 'argument':
    case 'hostName':
    case 'userName':
      return 4
    default:
      return 3
  }
}

/** Fewer steps of a group are not worth a memo. */
const LEAST_STEPS = 2
/** In the order in which they are asked. */
const GROUPS: readonly MemoGroup[] = ['path', 'socket', 'program']
/** Costs of memos and of searches of a source, as costOf. */
const MEMO_COST: Readonly<Record<MemoGroup, number>> = { path: 10, socket: 12, program: 15 }

/** The steps, and those of each group as one. @param all rows that some record of the topic may fulfil */
export function withMemos(placed: readonly PlacedStep[], all: Uint32Array): readonly ByteStep[] {
  const steps = placed.map((step): ByteStep => ({ ...step, used: usedWords(step.tested), covers: [] }))
  const memos = GROUPS.flatMap((group): ByteStep[] => {
    const covers = [...placed.keys()].filter((place) => placed[place]?.group === group)
    if (covers.length < LEAST_STEPS) return []
    const ofGroup = steps.filter((_, place) => covers.includes(place))
    const tested = new Uint32Array(all.length)
    for (const step of ofGroup) union(tested, step.tested)
    const needing = new Uint32Array(all.length)
    const cost = MEMO_COST[group]
    return [{ tested, used: usedWords(tested), needing, classifier: new Memo(group, ofGroup, all), cost, covers }]
  })
  return [...steps, ...memos]
}

/** The steps of a group as one, which remembers what the values of a record leave. */
class Memo implements Classifier {
  readonly #steps: readonly ByteStep[]
  readonly #all: Uint32Array
  readonly #values: ValueMemo
  readonly #left: Uint32Array
  readonly #unions: MaskUnions

  constructor(group: MemoGroup, steps: readonly ByteStep[], all: Uint32Array) {
    this.#steps = steps
    this.#all = all
    this.#values = new ValueMemo(MEMO_INPUTS[group])
    this.#left = new Uint32Array(all.length)
    this.#unions = new MaskUnions(all, all)
  }

  look(record: ScannedRecord): number {
    const values = this.#values
    const known = values.isWorthIt() ? values.find(record) : -2
    if (known >= 0) return classOf(known)
    if (known === -2) return UNKNOWN_YET
    const left = this.#left
    left.set(this.#all)
    askAll(this.#steps, record, left)
    const found = this.#unions.of(left)
    if (found === NOT_NUMBERED) return UNKNOWN_YET
    values.keep(found)
    return classOf(found)
  }

  narrowBy(found: number, alive: Uint32Array): void {
    intersect(alive, this.#unions.words(found))
  }

  clear(): void {
    this.#values.clear()
    this.#unions.clear()
  }
}

export function planOf(field: ResolvedField | null, eventType: string, { topic }: Symbols): BytePlan | null {
  const plan = field?.definition.bytes[topic]
  if (plan === undefined) return null
  return plan.kind === 'callArgument' ? argumentPlan(topic, eventType, field?.argument ?? null) : plan
}

/** The classifier of an operand; null for a plan that it can't take. */
export function classifierOf(
  { operand, field, masks }: MaskedOperand,
  plan: BytePlan,
  eventType: string,
  symbols: Symbols,
): Classifier | null {
  if (field === null) return null
  const isFileName = operand.kind === 'transformer' && operand.name === 'basename'
  const planned = { field, plan, eventType, symbols, isFileName }
  if (masks instanceof TextMasks) {
    const value = textValueOf(planned)
    return value === null ? null : new TextClassifier(value, masks)
  }
  const value = numberValueOf(planned)
  return value === null ? null : new NumberClassifier(value, masks)
}
