// Masks of one operand in one array, each of them once.

/** Collects masks of the same length. The first one is empty. */
export class MaskPool {
  readonly #length: number
  readonly #places = new Map<string, number>()
  readonly #masks: Uint32Array[] = []

  constructor(length: number) {
    this.#length = length
    this.add([])
  }

  /** The place of the union of some masks; 0 for an empty one. */
  add(masks: readonly (Uint32Array | undefined)[]): number {
    const mask = new Uint32Array(this.#length)
    for (const one of masks)
      if (one !== undefined) for (let word = 0; word < mask.length; word++) mask[word] = (mask[word] ?? 0) | (one[word] ?? 0)
    const key = Buffer.from(mask.buffer).toString('latin1')
    const known = this.#places.get(key)
    if (known !== undefined) return known
    const place = this.#masks.length * this.#length
    this.#masks.push(mask)
    this.#places.set(key, place)
    return place
  }

  /** All masks, one after the other. */
  get words(): Uint32Array {
    const words = new Uint32Array(this.#masks.length * this.#length)
    this.#masks.forEach((mask, index) => words.set(mask, index * this.#length))
    return words
  }
}
