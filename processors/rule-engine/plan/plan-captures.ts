// What rules read that events carry only on demand: the environment, payloads, names of addresses.
import type { WatchCaptures } from '../../../infra/watch-plan/watch-plan.js'
import { fieldsOf, fieldsOfOperand } from '../compile/bound-tree.js'
import type { CompiledRule } from '../rule-set/compiled-rule.js'
import type { ResolvedField } from '../fields/catalogue.js'
import { COLLECTED_TYPES_OF } from '../fields/record/event-type.js'
import { fromByteText } from '../text/byte-text.js'

/** What the conditions and outputs of rules read. */
export function capturesOf(rules: readonly CompiledRule[]): WatchCaptures {
  const fields = rules.flatMap(fieldsOfRule)
  const environment = new Set(fields.filter(({ definition }) => /^proc\.a?env$/.test(definition.name)).map(variableOf))
  return {
    environment: environment.has('*') ? ['*'] : [...environment].sort(),
    payload: fields.some(({ definition }) => definition.name === 'evt.buffer'),
    // Each alert of a network event tells the name of its remote end, whatever the rule reads.
    dnsNames: rules.some(({ eventTypes }) => eventTypes.some((type) => COLLECTED_TYPES_OF.network.includes(type))),
  }
}

function fieldsOfRule({ condition, output }: CompiledRule): ResolvedField[] {
  return [...fieldsOf(condition), ...output.parts.flatMap((part) => (part.kind === 'field' ? fieldsOfOperand(part.operand) : []))]
}

/** `proc.env[NAME]` reads one variable, and `proc.env` them all. */
function variableOf({ argument }: ResolvedField): string {
  return typeof argument === 'string' ? fromByteText(argument) : '*'
}
