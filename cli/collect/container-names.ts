// Names of containers by id, for `collect --container NAME`. Bounded: at the bound the one that was learned first is forgotten.

/** Names that are kept. */
export const MAX_NAMES = 20_000

/** Names that were told. */
export class ContainerNames {
  readonly #names = new Map<string, string>()
  readonly #maxNames: number
  readonly #onFull: () => void
  /** Names that had to go for others. */
  forgotten = 0

  /** @param onFull told once, when the first name has to go */
  constructor(maxNames = MAX_NAMES, onFull: () => void = () => undefined) {
    this.#maxNames = maxNames
    this.#onFull = onFull
  }

  learn(containerId: string, name: string): void {
    const [first] = this.#names.keys()
    if (first !== undefined && this.#names.size >= this.#maxNames && !this.#names.has(containerId)) {
      this.#names.delete(first)
      if (this.forgotten++ === 0) this.#onFull()
    }
    this.#names.set(containerId, name)
  }

  nameOf(containerId: string): string | undefined {
    return this.#names.get(containerId)
  }
}
