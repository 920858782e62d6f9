// What the parts of one rule share while it is compiled: its fields, the values of placeholders, and how much it asks for.
import type { FilePlace } from '../../compiled-rule.js'
import type { ResolvedField } from '../../fields/catalogue.js'
import { expandPlaceholders } from '../values/placeholders.js'
import type { Placeholders } from '../values/placeholders.js'
import { detectionProblem } from './sigma-problem.js'

export class CompileScope {
  /** Fields by their names in the rule, in the order in which it names them. */
  readonly fields = new Map<string, ResolvedField>()
  /** Placeholders that have no values: the rule can't be judged. */
  readonly missingPlaceholders = new Set<string>()
  readonly #resolve: (name: string) => ResolvedField
  readonly #placeholders: Placeholders

  constructor(resolve: (name: string) => ResolvedField, placeholders: Placeholders) {
    this.#resolve = resolve
    this.#placeholders = placeholders
  }

  field(name: string): ResolvedField {
    const known = this.fields.get(name)
    if (known !== undefined) return known
    const field = this.#resolve(name)
    this.fields.set(name, field)
    return field
  }

  /** The texts that a value stands for. @throws ItemError when they are too many */
  expanded({ text, place }: { readonly text: string; readonly place: FilePlace }, isExpanded: boolean): string[] {
    if (!isExpanded) return [text]
    const texts = expandPlaceholders(text, this.#placeholders)
    if (texts === null) throw detectionProblem('the placeholders of this value stand for too many texts', place)
    if (Array.isArray(texts)) return texts
    this.missingPlaceholders.add(texts.missing)
    return []
  }
}
