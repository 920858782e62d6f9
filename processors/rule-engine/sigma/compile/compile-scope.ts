// The shared state of compiling one rule: its fields, placeholder values, obstacles and size. A rule of a few lines can expand to millions of texts.
import type { FilePlace } from '../../read/rule-file.js'
import type { ResolvedField } from '../../fields/catalogue.js'
import { expandPlaceholders, type Placeholders } from '../values/placeholders.js'
import { detectionProblem } from '../read/detection.js'
/** Longest value as written, characters. */
const MAX_VALUE = 64 * 1024
/** Most texts to which the values of one rule expand, and their most characters. */
const MAX_TEXTS = 50_000
const MAX_CHARACTERS = 16 * 1024 * 1024

/** A text as written in the rule. */
export interface WrittenText {
  readonly text: string
  readonly place: FilePlace
}

/** The shared state of compiling one rule. */
export class CompileScope {
  /** Fields by name, in the order of the rule. */
  readonly fields = new Map<string, ResolvedField>()
  /** Why the rule can't be evaluated for any event: a placeholder without values, an unsupported regular expression. */
  readonly obstacles = new Set<string>()
  readonly #resolve: (name: string) => ResolvedField
  readonly #placeholders: Placeholders
  #texts = 0
  #characters = 0

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

  /** The texts to which a value expands; none if a placeholder has no values. @throws ItemError if they are too many */
  expanded(value: WrittenText, isExpanded: boolean, own: Placeholders = {}): string[] {
    if (value.text.length > MAX_VALUE) throw detectionProblem(`the value is longer than ${String(MAX_VALUE)} characters`, value.place)
    if (!isExpanded) return this.counted([value.text], value.place)
    const texts = expandPlaceholders(value.text, { ...this.#placeholders, ...own })
    if (texts === null) throw detectionProblem('the placeholders of this value expand to too many texts', value.place)
    if (Array.isArray(texts)) return this.counted(texts, value.place)
    this.obstacles.add(`placeholder ${texts.missing} has no values`)
    return []
  }

  /** Counts expanded texts. @throws ItemError if those of the rule are too many */
  counted<T extends { readonly length: number }>(texts: readonly T[], place: FilePlace): T[] {
    this.#texts += texts.length
    for (const { length } of texts) this.#characters += length
    if (this.#texts <= MAX_TEXTS && this.#characters <= MAX_CHARACTERS) return [...texts]
    const most = `${String(MAX_TEXTS)} texts or ${String(MAX_CHARACTERS)} characters`
    throw detectionProblem(`the values of the rule expand to more than ${most}`, place)
  }
}
