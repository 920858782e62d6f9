// The expressions of many rules as one graph. Equal parts (a macro, a check, a transformed field) are one node, which is evaluated at most once
// per event. The plain evaluator's code decides each node; this file only shares nodes and orders terms, cheap ones first. The order changes no
// verdict, because `and` and `or` of three values do not depend on it.
import type { BoundCheck, BoundExpression, BoundInput, BoundOperand, BoundTransformer, Constant } from '../../compile/bound-tree.js'
import type { FieldDefinition } from '../../fields/field.js'
import type { ResolvedField } from '../../fields/catalogue.js'
import { UNKNOWN, type FieldValue, type ScalarValue } from '../../fields/field-value.js'
import { casefold } from '../../text/byte-text.js'
import { convertText, operandValue } from '../transform.js'
import { costOf, rankOf, type Decisions } from './prepared-checks.js'
import { EventMemory, codeOf, FALSE, NOT_EVALUATED, TRUE, UNKNOWN_YET, type SlotReader, type VerdictCode } from './event-memory.js'

/** Evaluates the event of a memory. */
export type SharedTest = (memory: EventMemory) => VerdictCode

/** An expression; equal expressions are one node. */
export interface SharedNode {
  readonly id: number
  readonly expression: BoundExpression
  readonly children: readonly SharedNode[]
  /** Approximate cost, see costOf. */
  readonly cost: number
  /** How many places use it. */
  uses: number
  /** Slot of its verdict; null if only one place uses it. */
  slot: number | null
  test: SharedTest | null
  /** The test without the stored verdict. */
  evaluate: SharedTest | null
}

interface Slot {
  readonly index: number
  /** Computes the value. */
  readonly make: SlotReader
  /** The same once per event. */
  readonly read: SlotReader
}

/** Add all expressions before taking tests: only then is it known which nodes are shared. */
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

  /** The node of an expression; equal expressions share one. */
  add(expression: BoundExpression): SharedNode {
    const node = this.#intern(expression)
    node.uses++
    return node
  }

  /** Assigns slots for the verdicts of nodes. Call it once for all nodes, before the tests that use them are taken, so that each is evaluated in one place. */
  remember(nodes: readonly SharedNode[]): { readonly slot: number; readonly evaluate: SharedTest }[] {
    const slots = nodes.map((node) => (node.slot ??= this.#verdictSlots++))
    return nodes.map((node, index) => ({ slot: slots[index] ?? 0, evaluate: this.#evaluationOf(node) }))
  }

  /** The test of an added node. */
  testOf(node: SharedNode): SharedTest {
    node.test ??= this.#remembered(node, this.#evaluationOf(node))
    return node.test
  }

  #evaluationOf(node: SharedNode): SharedTest {
    node.evaluate ??= this.#build(node)
    return node.evaluate
  }

  /** Reads an operand once per event. */
  reader(operand: BoundOperand): SlotReader {
    return this.#slotOf(operand).read
  }

  /** A memory with slots for everything that was added. Call it after all tests were taken. */
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
      evaluate: null,
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
    // Its inputs have slots, too, and get theirs first.
    const make =
      operand.kind === 'field' ? extraction(operand.field) : (this.#caseless(operand) ?? ((memory) => operandValue(operand, memory)))
    const index = this.#valueSlots++
    return { index, make, read: (memory) => memory.read(index, make) }
  }

  /** Case folding, which nearly every check of a Sigma rule reads, without the generic transformer code. */
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

  /** Text values, which most checks read, take the shortest path. */
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

  /** Only a verdict that several places use is worth storing. */
  #remembered(node: SharedNode, test: SharedTest): SharedTest {
    if (node.uses > 1) node.slot ??= this.#verdictSlots++
    const { slot } = node
    if (slot === null) return test
    return (memory) => {
      const known = memory.verdicts[slot]
      if (known !== NOT_EVALUATED) return known as VerdictCode
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

/** Constants of different types are different. */
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
