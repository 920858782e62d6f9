// Steps of the candidate filter on the bytes of a record: each shows the value of one operand, by its plan, to its masks. Steps whose values are made of the same
// bytes are one step with a memo.
import type { BoundOperand } from '../compile/bound-tree.js'
import { argumentPlan } from '../fields/arguments/argument-value.js'
import type { BytePlan } from '../fields/bytes/byte-plan.js'
import type { ScannedRecord } from '../fields/bytes/scanned-record.js'
import type { Symbols } from '../fields/bytes/symbols.js'
import type { ResolvedField } from '../fields/catalogue.js'
import type { RuleTopic } from '../fields/rule-event.js'
import { isEmpty, meets, subtract, union, usedWords } from './bit-rows.js'
import { ABSENT, PRESENT, type Seen } from './byte-text.js'
import { numberValueOf, textValueOf } from './byte-value.js'
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

/** A step on the bytes of a record. */
export interface ByteStep {
  readonly tested: Uint32Array
  readonly used: Uint16Array
  readonly needing: Uint32Array
  /** Removes the rows that the value does not permit. */
  readonly look: (record: ScannedRecord, alive: Uint32Array) => Seen
}

/** A step with its place among others. */
export interface PlacedStep extends ByteStep {
  readonly gain: number
  /** What its values are made of; null for anything else. */
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
    default:
      return null
  }
}

/** Fewer steps of a group are not worth a memo. */
const LEAST_STEPS = 2

/** The same steps, with those of a group as one in the place of the first of them. */
export function inMemos(steps: readonly PlacedStep[], all: Uint32Array): readonly ByteStep[] {
  const memos = new Map<MemoGroup, ByteStep>()
  return steps.flatMap((step): readonly ByteStep[] => {
    const { group } = step
    const ofGroup = group === null ? [] : steps.filter((other) => other.group === group)
    if (group === null || ofGroup.length < LEAST_STEPS) return [step]
    if (memos.has(group)) return []
    const memo = rememberedStep(ofGroup, group, all)
    memos.set(group, memo)
    return [memo]
  })
}

function rememberedStep(steps: readonly ByteStep[], group: MemoGroup, all: Uint32Array): ByteStep {
  const tested = new Uint32Array(all.length)
  for (const step of steps) union(tested, step.tested)
  const used = usedWords(tested)
  const memo = new ValueMemo(MEMO_INPUTS[group], all.length)
  const left = new Uint32Array(all.length)
  const look = (record: ScannedRecord, alive: Uint32Array): Seen => {
    let place = memo.isWorthIt() ? memo.find(record) : -2
    if (place === -2) {
      lookAtAll(steps, record, alive)
      return PRESENT
    }
    if (place === -1) {
      left.set(all)
      lookAtAll(steps, record, left)
      place = memo.keep(left)
    }
    const { rows } = memo
    for (let at = 0; at < used.length; at++) {
      const word = used[at] ?? 0
      alive[word] = (alive[word] ?? 0) & (rows[place + word] ?? 0)
    }
    return PRESENT
  }
  return { tested, used, needing: tested, look }
}

/** @returns false if no row is left */
export function lookAtAll(steps: readonly ByteStep[], record: ScannedRecord, alive: Uint32Array): boolean {
  for (const { tested, used, needing, look } of steps) {
    if (!meets(alive, tested, used)) continue
    if (look(record, alive) === ABSENT) subtract(alive, needing)
    if (isEmpty(alive)) return false
  }
  return true
}

export function planOf({ field }: MaskedOperand, eventType: string, { topic }: Symbols): BytePlan | null {
  const plan = field?.definition.bytes[topic]
  if (plan === undefined) return null
  return plan.kind === 'callArgument' ? argumentPlan(topic, eventType, field?.argument ?? null) : plan
}

export function lookOf(
  { operand, field, masks }: MaskedOperand,
  plan: BytePlan,
  eventType: string,
  symbols: Symbols,
): ByteStep['look'] | null {
  if (field === null) return null
  const isFileName = operand.kind === 'transformer' && operand.name === 'basename'
  const planned = { field, plan, eventType, symbols, isFileName }
  if (masks instanceof TextMasks) {
    const value = textValueOf(planned)
    return value === null ? null : (record, alive) => lookAt(value, masks, record, alive)
  }
  const value = numberValueOf(planned)
  return value === null ? null : (record, alive) => narrowed(value(record, masks), masks, alive)
}

export function lookAt<Record>(
  value: (record: Record, masks: TextMasks) => Seen,
  masks: TextMasks,
  record: Record,
  alive: Uint32Array,
): Seen {
  masks.decideFor(alive)
  return narrowed(value(record, masks), masks, alive)
}

function narrowed(seen: Seen, masks: TextMasks | NumberMasks, alive: Uint32Array): Seen {
  if (seen === PRESENT) masks.narrow(alive)
  return seen
}
