// Rules by id and by name, for the references of correlations and filters.
import { nearestName } from '../../../infra/text/nearest.js'
import type { SigmaMetadata } from './read/sigma-document.js'
/** The item of a reference, or why there is none. */
export type Found<Item> = { readonly item: Item } | { readonly problem: string }

/** Most unknown names that are reported with the nearest known one: the search takes minutes for thousands of names. */
const MAX_GUESSES = 100

/** Documents by id, name and title. */
export class NamedRules<Item> {
  /** Ids are UUIDs and compared without case. A title that replaces a missing id is compared exactly. */
  readonly #byId = new Map<string, Item>()
  readonly #byName = new Map<string, Item[]>()
  readonly #byTitle = new Map<string, Item>()
  #unknown = 0

  /** Of several rules with the same id, the first one counts; the loader reports the others. */
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
    const known = ++this.#unknown > MAX_GUESSES ? [] : [...this.#byName.keys(), ...this.#byTitle.keys(), ...this.#byId.keys()]
    const near = nearestName(text, known)
    return { problem: `no rule has the id or name '${text}'${near === undefined ? '' : ` (did you mean '${near}'?)`}` }
  }
}
