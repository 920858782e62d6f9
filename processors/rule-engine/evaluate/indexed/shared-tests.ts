// Expressions of many rules as one graph: what is the same in them (a macro, a check, a transformed field) is one node, judged at most once per
// event. What a node says is said by the plain evaluator's own code; here is only the sharing, and the order in which terms are asked: cheap
// ones first, which changes no verdict, since and/or of three values don't depend on it.
import type { BoundCheck, BoundExpression, BoundInput, BoundOperand, BoundTransformer, Constant } from '../../compile/bound-tree.js'
import type { FieldDefinition } from '../../fields/field.js'
import type { ResolvedField } from '../../fields/catalogue.js'
import { UNKNOWN } from '../../fields/field-value.js'
import type { FieldValue, ScalarValue } from '../../fields/field-value.js'
import { casefold } from '../../text/byte-text.js'
import { convertText, operandValue } from '../transform.js'
import { costOf, rankOf } from './prepared-checks.js'
import type { Decisions } from './prepared-checks.js'
import { EventMemory, codeOf, FALSE, NOT_JUDGED, TRUE, UNKNOWN_YET } from './event-memory.js'
import type { SlotReader, VerdictCode } from './event-memory.js'

/** Judges the event of a memory. */
export type SharedTest = (memory: EventMemory) => VerdictCode

/** An expression, the same one wherever it stands. */
export interface SharedNode {
  readonly id: number
  readonly expression: BoundExpression
  readonly children: readonly SharedNode[]
  /** Rough work, see costOf. */
  readonly cost: number
  /** How many places ask it. */
  uses: number
  /** Where its verdict is remembered; null for one that is asked in one place. */
  slot: number | null
  test: SharedTest | null
  /** The test without its memory. */
  judge: SharedTest | null
}

interface Slot {
  readonly index: number
  /** Makes the value. */
  readonly make: SlotReader
  /** The same once per event. */
  readonly read: SlotReader
}

/** Add every expression, then take the tests: whether a node is shared shows only when all are there. */
export class SharedTests {
  readonly #nodes = new Map<string, SharedNode>()
  readonly #slots = new Map<string, Slot>()
  readonly #fieldReaders = new Map<ResolvedField, SlotReader>()
  readonly #definitions = new Map<FieldDefinition, number>()
  readonly #decisions: Decisions
  #valueSlots = 0
  #verdictSlots = 0

  constructor(decisions: Decisions) {
    this.#decisions = decisions
  }

  /** The node of an expression: the same for the same expression. */
  add(expression: BoundExpression): SharedNode {
    const node = this.#intern(expression)
    node.uses++
    return node
  }

  /** Nodes whose verdicts are to be found in slots. All at once, and before the tests are taken that ask them, so that each is judged in one place. */
  remember(nodes: readonly SharedNode[]): { readonly slot: number; readonly judge: SharedTest }[] {
    const slots = nodes.map((node) => (node.slot ??= this.#verdictSlots++))
    return nodes.map((node, index) => ({ slot: slots[index] ?? 0, judge: this.#judgeOf(node) }))
  }

  /** A test of a node that was added. */
  testOf(node: SharedNode): SharedTest {
    node.test ??= this.#remembered(node, this.#judgeOf(node))
    return node.test
  }

  #judgeOf(node: SharedNode): SharedTest {
    node.judge ??= this.#build(node)
    return node.judge
  }

  /** Reads an operand once per event. */
  reader(operand: BoundOperand): SlotReader {
    return this.#slotOf(operand).read
  }

  /** A memory with room for all that was added. Call it when every test was taken. */
  createMemory(): EventMemory {
    return new EventMemory(this.#fieldReaders, this.#valueSlots, this.#verdictSlots)
  }

  #intern(expression: BoundExpression): SharedNode {
    const children = childrenOf(expression).map((child) => this.#intern(child))
    const key =
      expression.kind === 'and' || expression.kind === 'or' || expression.kind === 'not'
        ? `${expression.kind} ${children.map(({ id }) => id).join(' ')}`
        : this.#checkKey(expression)
    const known = this.#nodes.get(key)
    if (known !== undefined) return known
    for (const child of children) child.uses++
    const childCosts = children.map(({ cost }) => cost)
    const node: SharedNode = {
      id: this.#nodes.size,
      expression,
      children,
      cost: costOf(expression, childCosts),
      uses: 0,
      slot: null,
      test: null,
      judge: null,
    }
    this.#nodes.set(key, node)
    return node
  }

  #checkKey(check: BoundExpression): string {
    if (check.kind === 'exists') return `exists ${String(this.#slotOf(check.left).index)}`
    if (check.kind !== 'comparison') return ''
    const { left, operator, modifier, right } = check
    const other = right.kind === 'constants' ? right.constants.map(constantKey).join() : `field ${String(this.#slotOf(right).index)}`
    return `${operator} ${modifier ?? ''} ${left.type} ${left.plurality} ${String(this.#slotOf(left).index)} ${other}`
  }

  #slotOf(operand: BoundOperand): Slot {
    const key = this.#inputKey(operand)
    const known = this.#slots.get(key)
    const slot = known ?? this.#newSlot(operand)
    if (known === undefined) this.#slots.set(key, slot)
    if (operand.kind === 'field') this.#fieldReaders.set(operand.field, slot.read)
    return slot
  }

  #newSlot(operand: BoundOperand): Slot {
    // What it is made of has a slot, too, and takes it first.
    const make =
      operand.kind === 'field' ? extraction(operand.field) : (this.#caseless(operand) ?? ((memory) => operandValue(operand, memory)))
    const index = this.#valueSlots++
    return { index, make, read: (memory) => memory.read(index, make) }
  }

  /** A text without its case: what nearly every check of Sigma rules reads, so without the detour over transformers of any kind. */
  #caseless({ name, inputs: [input] }: BoundTransformer): SlotReader | null {
    if (name !== 'casefold' || input?.kind !== 'field') return null
    const { read } = this.#slotOf(input)
    return (memory) => {
      const value = read(memory)
      if (typeof value === 'string') return casefold(value)
      return value === undefined ? undefined : convertText('casefold', value)
    }
  }

  #inputKey(input: BoundInput): string {
    switch (input.kind) {
      case 'field': {
        const { definition, argument } = input.field
        const id = this.#definitions.get(definition) ?? this.#definitions.size
        this.#definitions.set(definition, id)
        return `field ${String(id)} ${typeof argument} ${String(argument)} ${input.type} ${input.plurality}`
      }
      case 'literal':
        return JSON.stringify(input.text)
      case 'inputs':
        return `(${input.items.map((item) => this.#inputKey(item)).join()})`
      case 'transformer': {
        for (const inner of input.inputs) if (inner.kind === 'field') this.#slotOf(inner)
        const inputs = input.inputs.map((inner) => this.#inputKey(inner)).join()
        return `${input.name} ${JSON.stringify(input.selector)} ${input.type} ${input.plurality} (${inputs})`
      }
    }
  }

  #build(node: SharedNode): SharedTest {
    const { expression } = node
    switch (expression.kind) {
      case 'and':
        return allOf(this.#ordered(node))
      case 'or':
        return anyOf(this.#ordered(node))
      case 'not':
        return notOf(this.#ordered(node))
      default:
        return this.#check(expression)
    }
  }

  #ordered(node: SharedNode): SharedTest[] {
    const rank = ({ expression, cost }: SharedNode): number => rankOf(expression, cost)
    return [...node.children].sort((a, b) => rank(a) - rank(b)).map((child) => this.testOf(child))
  }

  /** Texts, which most checks ask of, are asked without a look at what else they might be. */
  #check(check: BoundCheck): SharedTest {
    const { index, make } = this.#slotOf(check.left)
    const { decide, matches, matchesText } = this.#decisions.of(check)
    const isAny = check.left.plurality === 'any'
    const other = (value: FieldValue, memory: EventMemory): VerdictCode => {
      if (value === undefined) return FALSE
      if (isAny && matchesText !== null && isList(value)) return holdsFor(value, matchesText)
      if (matches === null || value === UNKNOWN || typeof value === 'object') return codeOf(decide(value, memory))
      return matches(value) ? TRUE : FALSE
    }
    if (matchesText === null) return (memory) => other(memory.read(index, make), memory)
    return (memory) => {
      const value = memory.read(index, make)
      if (typeof value === 'string') return matchesText(value) ? TRUE : FALSE
      return other(value, memory)
    }
  }

  /** Only what is asked in more than one place is worth remembering. */
  #remembered(node: SharedNode, test: SharedTest): SharedTest {
    if (node.uses > 1) node.slot ??= this.#verdictSlots++
    const { slot } = node
    if (slot === null) return test
    return (memory) => {
      const known = memory.verdicts[slot]
      if (known !== NOT_JUDGED) return known as VerdictCode
      const verdict = test(memory)
      memory.verdicts[slot] = verdict
      return verdict
    }
  }
}

const isList = (value: FieldValue): value is readonly ScalarValue[] => Array.isArray(value)

function holdsFor(values: readonly ScalarValue[], matches: (text: string) => boolean): VerdictCode {
  for (const value of values) if (typeof value === 'string' && matches(value)) return TRUE
  return FALSE
}

/** Reads a field from the event. */
function extraction({ definition: { extract }, argument }: ResolvedField): SlotReader {
  return extract === null ? () => undefined : (memory) => memory.extract(extract, argument)
}

function childrenOf(expression: BoundExpression): readonly BoundExpression[] {
  if (expression.kind === 'and' || expression.kind === 'or') return expression.children
  return expression.kind === 'not' ? [expression.child] : []
}

/** Constants are told apart by their type, too. */
function constantKey(constant: Constant): string {
  if (typeof constant === 'string') return JSON.stringify(constant)
  if (typeof constant === 'object') return `${JSON.stringify(constant.address)}/${String(constant.prefixBits)}`
  return `${typeof constant} ${String(constant)}`
}

function allOf(tests: readonly SharedTest[]): SharedTest {
  return (memory) => {
    let result: VerdictCode = TRUE
    for (const test of tests) {
      const verdict = test(memory)
      if (verdict === FALSE) return FALSE
      if (verdict === UNKNOWN_YET) result = UNKNOWN_YET
    }
    return result
  }
}

function anyOf(tests: readonly SharedTest[]): SharedTest {
  return (memory) => {
    let result: VerdictCode = FALSE
    for (const test of tests) {
      const verdict = test(memory)
      if (verdict === TRUE) return TRUE
      if (verdict === UNKNOWN_YET) result = UNKNOWN_YET
    }
    return result
  }
}

function notOf([test]: readonly SharedTest[]): SharedTest {
  return (memory) => {
    const verdict = test === undefined ? FALSE : test(memory)
    return verdict === TRUE ? FALSE : verdict === FALSE ? TRUE : UNKNOWN_YET
  }
}
