// Checks on the event type that Falco refuses because its search for event types can't read them: transformed types, or types compared with a field.
// Only rules are refused, with their macros expanded; a condition alone can have such checks.
import type { ConditionNote } from '../compile/bind-operand.js'
import type { ComparisonCheck, ExistsCheck, Expression, TransformerInput } from '../language/tree.js'

const TYPE_FIELDS: readonly string[] = ['evt.type', 'syscall.type']
/** Operators that the search reads; checks with other operators are allowed. */
const READ_OPERATORS: readonly string[] = ['=', '==', '!=', 'in']

const TRANSFORMED = 'event code search does not support `evt.type` checks with transformers'
const COMPARED = 'right-hand field comparisons on `evt.type`/`syscall.type` checks are not supported by event code search'

/**
 * Reports every such check of a rule, in Falco's words.
 * @see https://github.com/falcosecurity/libs/blob/master/userspace/libsinsp/filter/ppm_codes.cpp
 */
export function eventTypeCheckProblems(tree: Expression): ConditionNote[] {
  switch (tree.kind) {
    case 'and':
    case 'or':
      return tree.children.flatMap(eventTypeCheckProblems)
    case 'not':
      return eventTypeCheckProblems(tree.child)
    case 'macro':
      return []
    case 'exists':
    case 'comparison': {
      const message = problemOf(tree)
      return message === null ? [] : [{ message, place: tree.place }]
    }
  }
}

function problemOf(check: ExistsCheck | ComparisonCheck): string | null {
  if (check.kind === 'comparison' && !READ_OPERATORS.includes(check.operator)) return null
  if (isTransformed(check.left)) return TRANSFORMED
  if (check.kind === 'exists' || !isEventType(check.left)) return null
  const { right } = check
  if (right.kind !== 'field' && right.kind !== 'transformer') return null
  return isTransformed(right) ? TRANSFORMED : COMPARED
}

/** Whether the input has a transformer over the event type, at any depth. */
function isTransformed(input: TransformerInput): boolean {
  if (input.kind === 'inputs') return input.items.some(isTransformed)
  return input.kind === 'transformer' && input.inputs.some((inner) => isEventType(inner) || isTransformed(inner))
}

/** Of a list, Falco tests only the last item. */
function isEventType(input: TransformerInput): boolean {
  const last = input.kind === 'inputs' ? input.items.at(-1) : input
  return last?.kind === 'field' && TYPE_FIELDS.includes(last.name) && last.argument === null
}
