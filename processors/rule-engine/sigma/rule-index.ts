// Rules by id and by name: how correlations and filters say which ones they mean.
import { nearestName } from '../../../infra/nearest.js'
import type { SigmaMetadata } from './read/sigma-document.js'

/** What a reference means, or the sentence that says why it means nothing. */
export type Found<Item> = { readonly item: Item } | { readonly problem: string }

export class RuleIndex<Item> {
  readonly #byId = new Map<string, Item>()
  readonly #byName = new Map<string, Item[]>()

  /** The first of several rules with the same id stands; that they are several is told elsewhere. */
  add({ id, name }: Pick<SigmaMetadata, 'id' | 'name'>, item: Item): void {
    const key = id.toLowerCase()
    if (!this.#byId.has(key)) this.#byId.set(key, item)
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
    const near = nearestName(text, [...this.#byName.keys(), ...this.#byId.keys()])
    return { problem: `no rule has the id or name '${text}'${near === undefined ? '' : ` (did you mean '${near}'?)`}` }
  }
}
