// The facts of a container alone, as a source of fields: everything else is unknown. What is false then is false for every event of the container.
import type { ContainerFacts } from '../../../schemas/generated/types.js'
import type { ResolvedField } from '../fields/catalogue.js'
import type { FieldSource } from '../fields/field-source.js'
import { UNKNOWN, type FieldValue } from '../fields/field-value.js'
import type { RuleEvent, RuleRecord } from '../fields/rule-event.js'

/** Records that hold facts. */
const OF_FACTS = /^(Container\w+|Pod)\./

/** Reads fields that are made of facts only. */
export class FactsSource implements FieldSource {
  readonly #event: RuleEvent

  constructor(facts: ContainerFacts) {
    this.#event = {
      get event(): RuleRecord {
        throw new TypeError('a field of facts reads the event')
      },
      container: { state: 'known', containerId: '', facts },
    }
  }

  value({ definition, argument }: ResolvedField): FieldValue {
    const { extract, needsFacts, source } = definition
    const isOfFacts = needsFacts && source.length > 0 && source.every((name) => OF_FACTS.test(name))
    return isOfFacts && extract !== null ? extract(this.#event, argument) : UNKNOWN
  }
}
