// Rules by id and by name: how correlations and filters say which ones they mean.
import { nearestName } from '../../../infra/text/nearest.js'
import type { SigmaMetadata } from './read/sigma-document.js'
/** What a reference means, or the sentence that says why it means nothing. */
export type Found<Item> = { readonly item: Item } | { readonly problem: string }

/** So many wrong names are told with what is near. */
const MAX_GUESSES = 100

export class NamedRules<Item> {
  /** Case does not count in ids that are UUIDs; where a file gives none, the title takes the place of the id, and is written as it is. */
  readonly #byId = new Map<string, Item>()
  readonly #byName = new Map<string, Item[]>()
  readonly #byTitle = new Map<string, Item>()
  #strange = 0

  /** The first of several rules with the same id stands; that they are several is told elsewhere. */
  add({ id, name, title }: Pick<SigmaMetadata, 'id' | 'name' | 'title'>, item: Item): void {
    if (id === title) this.#byTitle.set(title, this.#byTitle.get(title) ?? item)
    else this.#byId.set(id.toLowerCase(), this.#byId.get(id.toLowerCase()) ?? item)
    if (name === null) return
    const named = this.#byName.get(name)
    if (named === undefined) this.#byName.set(name, [item])
    else named.push(item)
  }

  find(text: string): Found<Item> {
    const byId = this.#byId.get(text.toLowerCase())
    if (byId !== undefined) return { item: byId }
    const [first, ...others] = this.#byName.get(text) ?? []
    if (first !== undefined && others.length === 0) return { item: first }
    if (first !== undefined) return { problem: `${String(others.length + 1)} rules are named '${text}': name one by its id` }
    const byTitle = this.#byTitle.get(text)
    if (byTitle !== undefined) return { item: byTitle }
    // Thousands of wrong names among thousands of rules would be looked at for minutes.
    const known = ++this.#strange > MAX_GUESSES ? [] : [...this.#byName.keys(), ...this.#byTitle.keys(), ...this.#byId.keys()]
    const near = nearestName(text, known)
    return { problem: `no rule has the id or name '${text}'${near === undefined ? '' : ` (did you mean '${near}'?)`}` }
  }
}
