// Expressions of many rules as one graph: what is the same in them (a macro, a check, a transformed field) is one node, judged at most once per
// event. What a node says is said by the plain evaluator's own code; here is only the sharing, and the order in which terms are asked: cheap
// ones first, which changes no verdict, since and/or of three values don't depend on it.
import type { BoundCheck, BoundExpression, BoundInput, BoundOperand, BoundTransformer, Constant } from '../../compile/bound-tree.js'
import type { FieldDefinition } from '../../fields/field.js'
import type { ResolvedField } from '../../fields/catalogue.js'
import { UNKNOWN } from '../../fields/field-value.js'
import { casefold } from '../../text/casefold.js'
import { convertText } from '../conversions.js'
import { operandValue } from '../transform.js'
import { costOf, rankOf } from './check-cost.js'
import type { Decisions } from './decisions.js'
import { EventMemory } from './event-memory.js'
import type { SlotReader } from './event-memory.js'
import { codeOf, FALSE, NOT_JUDGED, TRUE, UNKNOWN_YET } from './verdict-code.js'
import type { VerdictCode } from './verdict-code.js'

/** Judges the event of a memory. */
export type SharedTest = (memory: EventMemory) => VerdictCode

interface Node {
  readonly id: number
  readonly expression: BoundExpression
  readonly children: readonly Node[]
  readonly cost: number
  /** How many places ask it. */
  uses: number
  test: SharedTest | null
}

interface Slot {
  readonly index: number
  readonly read: SlotReader
}

/** Add every expression, then take the tests: whether a node is shared shows only when all are there. */
export class SharedTests {
  readonly #nodes = new Map<string, Node>()
  readonly #slots = new Map<string, Slot>()
  readonly #fieldSlots = new Map<ResolvedField, number>()
  readonly #definitions = new Map<FieldDefinition, number>()
  readonly #decisions: Decisions
  #verdictSlots = 0

  constructor(decisions: Decisions) {
    this.#decisions = decisions
  }

  /** The node of an expression: the same for the same expression. */
  add(expression: BoundExpression): Node {
    const node = this.#intern(expression)
    node.uses++
    return node
  }

  /** A test of a node that was added. */
  testOf(node: Node): SharedTest {
    node.test ??= this.#remembered(node, this.#build(node))
    return node.test
  }

  /** Reads an operand once per event. */
  reader(operand: BoundOperand): SlotReader {
    return this.#slotOf(operand).read
  }

  /** A memory with room for all that was added. Call it when every test was taken. */
  createMemory(): EventMemory {
    return new EventMemory(this.#fieldSlots, this.#slots.size, this.#verdictSlots)
  }

  #intern(expression: BoundExpression): Node {
    const children = childrenOf(expression).map((child) => this.#intern(child))
    const key =
      expression.kind === 'and' || expression.kind === 'or' || expression.kind === 'not'
        ? `${expression.kind} ${children.map(({ id }) => id).join(' ')}`
        : this.#checkKey(expression)
    const known = this.#nodes.get(key)
    if (known !== undefined) return known
    for (const child of children) child.uses++
    const childCosts = children.map(({ cost }) => cost)
    const node: Node = { id: this.#nodes.size, expression, children, cost: costOf(expression, childCosts), uses: 0, test: null }
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
    const slot = known ?? { index: this.#slots.size, read: this.#reading(operand, this.#slots.size) }
    if (known === undefined) this.#slots.set(key, slot)
    if (operand.kind === 'field') this.#fieldSlots.set(operand.field, slot.index)
    return slot
  }

  #reading(operand: BoundOperand, slot: number): SlotReader {
    if (operand.kind === 'field') return (memory) => memory.field(slot, operand.field)
    const make = this.#caseless(operand) ?? ((memory) => operandValue(operand, memory))
    return (memory) => memory.made(slot, make)
  }

  /** A text without its case: what nearly every check of Sigma rules reads, so without the detour over transformers of any kind. */
  #caseless({ name, inputs: [input] }: BoundTransformer): SlotReader | null {
    if (name !== 'casefold' || input?.kind !== 'field') return null
    const slot = this.#slots.get(this.#inputKey(input))?.index
    const { field } = input
    if (slot === undefined) return null
    return (memory) => {
      const value = memory.field(slot, field)
      return typeof value === 'string' ? casefold(value) : convertText('casefold', value)
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

  #build(node: Node): SharedTest {
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

  #ordered(node: Node): SharedTest[] {
    const rank = ({ expression, cost }: Node): number => rankOf(expression, cost)
    return [...node.children].sort((a, b) => rank(a) - rank(b)).map((child) => this.testOf(child))
  }

  /** One value, which is nearly always so, is asked without the detour over lists. */
  #check(check: BoundCheck): SharedTest {
    const read = this.reader(check.left)
    const { decide, matches } = this.#decisions.of(check)
    if (matches === null) return (memory) => codeOf(decide(read(memory), memory))
    return (memory) => {
      const value = read(memory)
      if (value === undefined) return FALSE
      if (value === UNKNOWN) return UNKNOWN_YET
      if (typeof value === 'object') return codeOf(decide(value, memory))
      return matches(value) ? TRUE : FALSE
    }
  }

  /** Only what is asked in more than one place is worth remembering. */
  #remembered(node: Node, test: SharedTest): SharedTest {
    if (node.uses < 2) return test
    const slot = this.#verdictSlots++
    return (memory) => {
      const known = memory.verdicts[slot]
      if (known !== NOT_JUDGED) return known as VerdictCode
      const verdict = test(memory)
      memory.verdicts[slot] = verdict
      return verdict
    }
  }
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
