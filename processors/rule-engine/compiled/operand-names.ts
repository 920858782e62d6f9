// Names of operands: what rules read under one name is searched once.
import type { BoundOperand } from '../compile/bound-tree.js'

/** Names operands: equal operands have equal names. */
export class OperandNames {
  readonly #definitions = new Map<object, number>()

  nameOf(operand: BoundOperand): string {
    if (operand.kind === 'transformer') {
      const inputs = operand.inputs.map((input) =>
        input.kind === 'field' || input.kind === 'transformer' ? this.nameOf(input) : JSON.stringify(input),
      )
      return `${operand.name} ${String(operand.selector)} ${operand.type} (${inputs.join()})`
    }
    const { definition, argument } = operand.field
    const id = this.#definitions.get(definition) ?? this.#definitions.size
    this.#definitions.set(definition, id)
    return `${String(id)} ${typeof argument} ${String(argument)} ${operand.type} ${operand.plurality}`
  }
}
