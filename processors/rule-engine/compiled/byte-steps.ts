// Steps of the candidate filter on the bytes of a record: each shows the value of one operand, by its plan, to its masks. Steps whose values are made of the same
// bytes have a memo, which is asked before all steps: what it knows leaves few rows, or none.
import type { BoundOperand } from '../compile/bound-tree.js'
import { argumentPlan } from '../fields/arguments/argument-value.js'
import type { BytePlan } from '../fields/bytes/byte-plan.js'
import { UNKNOWN_NUMBER, type ScannedRecord } from '../fields/bytes/scanned-record.js'
import type { Symbols } from '../fields/bytes/symbols.js'
import type { ResolvedField } from '../fields/catalogue.js'
import type { RuleTopic } from '../fields/rule-event.js'
import { isEmpty, meets, subtract, union, usedWords } from './bit-rows.js'
import { ABSENT, PRESENT, UNKNOWN_YET, type Seen } from './byte-text.js'
import { numberOf, numberValueOf, textValueOf, type OneNumber } from './byte-value.js'
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
  /** Rows for each unit of work. */
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
    case 'socketKind':
    case 'address':
    case 'transport':
    case 'hostName':
      return topic === 'network' ? 'socket' : null
    default:
      return null
  }
}

/** Rough cost of a look at a value, in numbers read. */
export function costOf(plan: BytePlan): number {
  switch (plan.kind) {
    case 'commandLine':
    case 'execveValues':
    case 'environment':
      return 20
    case 'names':
    case 'ancestor':
    case 'proven':
      return plan.generation === null ? 10 : 4
    case 'path':
    case 'auditPaths':
    case 'folder':
    case 'address':
      return 6
    case 'text':
    case 'argument':
    case 'hostName':
    case 'userName':
      return 3
    default:
      return 1
  }
}

/** The steps on the bytes of the records of one topic. */
export class ByteSteps {
  /** Rows that some record of the topic may fulfil. */
  readonly #all: Uint32Array
  readonly #memos: readonly Memo[]
  /** The steps that are left after some memos, by the bits of these. */
  readonly #lists: readonly (readonly ByteStep[])[]

  constructor(steps: readonly PlacedStep[], all: Uint32Array) {
    const sorted = [...steps].sort((a, b) => b.gain - a.gain)
    const memos = GROUPS.map((group) => new Memo(group, sorted, all)).filter(({ isUseful }) => isUseful)
    this.#all = all
    this.#memos = memos
    this.#lists = Array.from({ length: 1 << memos.length }, (_, bits) =>
      sorted.filter(({ group }) => !memos.some((memo, index) => memo.group === group && (bits & (1 << index)) !== 0)),
    )
  }

  /** Leaves the rows that a record may fulfil. @returns false for none */
  narrow(record: ScannedRecord, alive: Uint32Array): boolean {
    alive.set(this.#all)
    let bits = 0
    const memos = this.#memos
    for (let index = 0; index < memos.length; index++) {
      if (memos[index]?.narrow(record, alive) !== true) continue
      if (isEmpty(alive)) return false
      bits |= 1 << index
    }
    return lookAtAll(this.#lists[bits] ?? [], record, alive)
  }
}

/** Fewer steps of a group are not worth a memo. */
const LEAST_STEPS = 2
/** In the order in which they are asked. */
const GROUPS: readonly MemoGroup[] = ['path', 'socket', 'program']

/** The steps of a group as one, which remembers what the values of a record leave. */
class Memo {
  readonly group: MemoGroup
  readonly isUseful: boolean
  readonly #steps: readonly ByteStep[]
  readonly #all: Uint32Array
  readonly #tested: Uint32Array
  readonly #used: Uint16Array
  readonly #values: ValueMemo
  readonly #left: Uint32Array

  constructor(group: MemoGroup, steps: readonly PlacedStep[], all: Uint32Array) {
    this.group = group
    this.#steps = steps.filter((step) => step.group === group)
    this.isUseful = this.#steps.length >= LEAST_STEPS
    this.#all = all
    this.#tested = new Uint32Array(all.length)
    for (const { tested } of this.#steps) union(this.#tested, tested)
    this.#used = usedWords(this.#tested)
    this.#values = new ValueMemo(MEMO_INPUTS[group], all.length)
    this.#left = new Uint32Array(all.length)
  }

  /** Removes the rows that the steps of the group remove. @returns false if they must be asked */
  narrow(record: ScannedRecord, alive: Uint32Array): boolean {
    const used = this.#used
    if (!meets(alive, this.#tested, used)) return true
    const values = this.#values
    let place = values.isWorthIt() ? values.find(record) : -2
    if (place === -2) return false
    if (place === -1) {
      this.#left.set(this.#all)
      lookAtAll(this.#steps, record, this.#left)
      place = values.keep(this.#left)
    }
    const { rows } = values
    for (let at = 0; at < used.length; at++) {
      const word = used[at] ?? 0
      alive[word] = (alive[word] ?? 0) & (rows[place + word] ?? 0)
    }
    return true
  }
}

/** @returns false if no row is left */
function lookAtAll(steps: readonly ByteStep[], record: ScannedRecord, alive: Uint32Array): boolean {
  for (const { tested, used, needing, look } of steps) {
    if (!meets(alive, tested, used)) continue
    if (look(record, alive) === ABSENT) subtract(alive, needing)
    if (isEmpty(alive)) return false
  }
  return true
}

export function planOf(field: ResolvedField | null, eventType: string, { topic }: Symbols): BytePlan | null {
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
  const number = numberOf(planned)
  if (number !== null) return lookAtNumber(number, masks)
  const value = numberValueOf(planned)
  return value === null ? null : (record, alive) => narrowed(value(record, masks), masks, alive)
}

function lookAtNumber({ read, whenNull }: OneNumber, masks: NumberMasks): ByteStep['look'] {
  return (record, alive) => {
    const own = read(record)
    if (own === UNKNOWN_NUMBER) return UNKNOWN_YET
    const value = Number.isNaN(own) ? whenNull : own
    if (value === undefined) return ABSENT
    masks.narrowTo(value, alive)
    return PRESENT
  }
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
